"""All findings about a session, the most worthwhile first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from ..records.finding import Finding
from .evidence import MOST_OF_A_KIND, is_own
from .idle import find_idle
from .memory import find_growth, find_near_limit
from .order import find_order
from .queueing import find_queue
from .repeats import find_repeats
from .spent import find_bottleneck, find_floods, find_imports, find_installs
from .timeline import Timeline
from .work import find_one_core, find_waiting

FINDERS: tuple[Callable[[Timeline], Iterator[Finding]], ...] = (
    find_bottleneck,
    find_repeats,
    find_imports,
    find_installs,
    find_waiting,
    find_one_core,
    find_near_limit,
    find_growth,
    find_floods,
    find_queue,
    find_order,
    find_idle,
)


def find_insights(timeline: Timeline) -> tuple[Finding, ...]:
    """Return what is worth changing, at most five of each kind; nothing that isn't measured.

    Cells that only ask for this recorder count for nothing.
    """
    others = tuple(run for run in timeline.runs if not is_own(run.head))
    if len(others) < len(timeline.runs):
        timeline = replace(timeline, runs=others)
    kinds: dict[str, list[Finding]] = {}
    for finder in FINDERS:
        for each in finder(timeline):
            kinds.setdefault(each.code, []).append(_bounded(each, timeline.total))
    best = [each for kind in kinds.values() for each in sorted(kind, key=_worth)[:MOST_OF_A_KIND]]
    return tuple(sorted(best, key=_worth))


def _bounded(finding: Finding, total: float) -> Finding:
    """Return it with a saving that is no more than there is."""
    if finding.saving_seconds is None:
        return finding
    return replace(finding, saving_seconds=round(min(finding.saving_seconds, total), 3))


def _worth(finding: Finding) -> float:
    return 1.0 if finding.saving_seconds is None else -finding.saving_seconds
