"""Results that depend on the order in which cells ran, or on cells that are not there any more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..records.finding import HIGH, MEDIUM, Finding
from .evidence import finding, named
from .timeline import Run, Timeline

MOST_NAMES = 5
CHANGED = ("changed", (HIGH, "both runs and their code are recorded"))
DELETED = ("deleted", (MEDIUM, "the cell is not in the notebook as it was saved later"))
"""What became of code, and how sure that is."""


class Use(NamedTuple):
    """A run read a name that another one of the same kernel had bound."""

    name: str
    run: Run
    origin: Run


def find_order(timeline: Timeline) -> Iterator[Finding]:
    """Find results that a run from top to bottom in a new kernel would not give."""
    uses = standing_uses(timeline)
    yield from _out_of_order(timeline, uses)
    yield from _hidden_state(timeline, uses)


def _out_of_order(timeline: Timeline, uses: list[Use]) -> Iterator[Finding]:
    places = {
        cell: (path, at)
        for path, layout in timeline.layouts.items()
        for at, cell in enumerate(layout.cells)
    }
    backwards = [use for use in uses if _is_backwards(use, places)]
    for (run, origin), names in _grouped(backwards).items():
        yield finding(
            "OUT_OF_ORDER",
            [run, origin],
            what=f"{named(run)} used {_listed(names)} of execution {origin.number}, whose cell "
            "stands below: run from top to bottom, the notebook does something else.",
            advice="Move the cell that makes it above the one that uses it, and run all again.",
            figures={"names": ", ".join(names), "from_execution": origin.number},
            saving=None,
            sure=(HIGH, "the runs, their names and the notebook's saved order are recorded"),
        )


def _hidden_state(timeline: Timeline, uses: list[Use]) -> Iterator[Finding]:
    newest = _newest(timeline)
    rebound = _rebound(timeline)
    for why, sure in (CHANGED, DELETED):
        hidden = [use for use in uses if _hidden(timeline, newest, rebound, use) == why]
        for (run, origin), names in _grouped(hidden).items():
            yield finding(
                "HIDDEN_STATE",
                [run, origin],
                what=f"{named(run)} used {_listed(names)} of execution {origin.number}, whose "
                f"code was {why} since: what is shown can't be had from the notebook as it is.",
                advice="Run the notebook again from the top in a new kernel.",
                figures={"names": ", ".join(names), "from_execution": origin.number},
                saving=None,
                sure=sure,
            )


def standing_uses(timeline: Timeline) -> list[Use]:
    """Return the uses of names by runs whose results stand: the last ones of their cells."""
    newest = _newest(timeline)
    found: list[Use] = []
    for runs in timeline.by_kernel.values():
        bound: dict[str, Run] = {}
        for run in runs:
            source = timeline.source_of(run)
            if source is None:
                bound.clear()
                continue
            if run.cell is not None and run.ended_well and newest.get(run.cell) is run:
                found += [
                    Use(name, run, bound[name])
                    for name in sorted(timeline.reads_of(run))
                    if name in bound and bound[name].cell not in (None, run.cell)
                ]
            _bind(bound, run, source.opaque, source.binds | source.removes, source.removes)
    return found


def _bind(
    bound: dict[str, Run], run: Run, opaque: bool, touched: frozenset[str], removed: frozenset[str]
) -> None:
    if opaque:
        bound.clear()
    for name in touched:
        # A run that failed may have come to it or not.
        if run.ended_well and name not in removed:
            bound[name] = run
        else:
            bound.pop(name, None)


def _newest(timeline: Timeline) -> dict[str, Run]:
    """Return the last run of each cell."""
    newest: dict[str, Run] = {}
    for run in timeline.runs:
        if run.cell is not None:
            newest[run.cell] = run
    return newest


def _rebound(timeline: Timeline) -> dict[str, Run]:
    """Return the last run of each cell that ended well."""
    return {run.cell: run for run in timeline.runs if run.cell is not None and run.ended_well}


def _is_backwards(use: Use, places: dict[str, tuple[str, int]]) -> bool:
    here, there = places.get(use.run.cell or ""), places.get(use.origin.cell or "")
    return here is not None and there is not None and here[0] == there[0] and there[1] > here[1]


def _hidden(
    timeline: Timeline, newest: dict[str, Run], rebound: dict[str, Run], use: Use
) -> str | None:
    """Say what became of the cell that a name came from, if its code isn't there any more."""
    cell = use.origin.cell or ""
    if _is_gone(timeline, newest, use.run.cell or ""):
        return None
    if _is_gone(timeline, newest, cell):
        return DELETED[0]
    last = rebound.get(cell)
    if last is None or last.kernel != use.run.kernel:
        return None
    before, after = timeline.source_of(use.origin), timeline.source_of(last)
    if before is None or after is None or after.opaque:
        return None
    # Another line of the same cell may have changed, which is nothing to this name.
    return None if before.made.get(use.name) == after.made.get(use.name) else CHANGED[0]


def _is_gone(timeline: Timeline, newest: dict[str, Run], cell: str) -> bool:
    """Tell whether a cell is missing from its notebook, which was saved after it ran."""
    last = newest.get(cell)
    layout = timeline.layouts.get(last.notebook or "") if last is not None else None
    if last is None or layout is None or cell in layout.cells:
        return False
    return layout.saved_at > (last.finished or timeline.present)


def _grouped(uses: list[Use]) -> dict[tuple[Run, Run], list[str]]:
    groups: dict[tuple[Run, Run], list[str]] = {}
    for use in uses:
        groups.setdefault((use.run, use.origin), []).append(use.name)
    return groups


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return ", ".join(names[:MOST_NAMES]) + more
