"""All findings about a session, the most worthwhile first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from ..records.finding import Finding
from .evidence import MOST_OF_A_KIND
from .idle import find_idle
from .memory import find_growth, find_near_limit
from .order import find_hidden_state, find_out_of_order
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
    find_out_of_order,
    find_hidden_state,
    find_idle,
)


def find_insights(timeline: Timeline) -> tuple[Finding, ...]:
    """Return what is worth changing, at most five of each kind; nothing that isn't measured."""
    found: list[Finding] = []
    for finder in FINDERS:
        found += _worth(finder(timeline), timeline.total)[:MOST_OF_A_KIND]
    return tuple(sorted(found, key=_by_saving))


def _worth(findings: Iterator[Finding], total: float) -> list[Finding]:
    bounded = [
        each
        if each.saving_seconds is None
        else replace(each, saving_seconds=round(min(each.saving_seconds, total), 3))
        for each in findings
    ]
    return sorted(bounded, key=_by_saving)


def _by_saving(finding: Finding) -> float:
    return -1.0 if finding.saving_seconds is None else -finding.saving_seconds
