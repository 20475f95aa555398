"""Cells that waited for their turn behind one that they have nothing to do with."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from ..records.finding import LOW, MEDIUM, Finding
from .evidence import finding, named
from .timeline import Run, Timeline

QUEUE_SECONDS, QUEUE_SHARE = 5.0, 0.8
"""A wait that is so long, and so much of it behind one run."""


def find_queue(timeline: Timeline) -> Iterator[Finding]:
    """Find runs that held up others."""
    for runs in timeline.by_kernel.values():
        for blocker, held in _blocked(timeline, runs).items():
            if held:
                yield _held_up(timeline, runs[blocker], held)


def _held_up(timeline: Timeline, blocker: Run, held: list[Run]) -> Finding:
    longest = max(_behind(blocker, run) for run in held)
    looked_at = timeline.source_of(blocker) is not None
    several = f"{len(held)} cells" if len(held) > 1 else "A cell"
    return finding(
        "LONG_QUEUE",
        [blocker, *held],
        what=f"{several} waited up to {longest:,.1f} s for their turn behind "
        f"{named(blocker)}{', whose names they don’t use' if looked_at else ''}.",
        advice="Run what takes long in a notebook of its own, or after what is quick.",
        figures={
            "longest_wait_seconds": longest,
            "held_up": len(held),
            "blocker": blocker.number,
            "blocker_seconds": blocker.seconds or 0.0,
        },
        saving=longest,
        sure=(MEDIUM, "requests and starts are timed; no name of its was used by them")
        if looked_at
        else (LOW, "requests and starts are timed; whether they needed its result isn't known"),
    )


def _blocked(timeline: Timeline, runs: list[Run]) -> dict[int, list[Run]]:
    """Return the runs that each held up for long, without those that may need its result."""
    blocked: dict[int, list[Run]] = {}
    tainted: dict[int, set[str]] = {}
    # Indexes of runs that a later one may have waited for, the longest first.
    candidates: deque[int] = deque()
    for at, run in enumerate(runs):
        wait = run.queued or 0.0
        while candidates and (runs[candidates[0]].finished or 0.0) <= (run.submitted or 0.0):
            candidates.popleft()
        if wait >= QUEUE_SECONDS and candidates:
            first = candidates[0]
            if _behind(runs[first], run) >= QUEUE_SHARE * wait:
                needs = _needs(timeline, runs[first], run, tainted.setdefault(first, set()))
                blocked.setdefault(first, [])
                if not needs:
                    blocked[first].append(run)
        while candidates and (runs[candidates[-1]].seconds or 0.0) <= (run.seconds or 0.0):
            candidates.pop()
        candidates.append(at)
    return blocked


def _behind(blocker: Run, run: Run) -> float:
    """Return how long a run waited while another one ran."""
    start = max(blocker.started or 0.0, run.submitted or 0.0)
    return max(0.0, min(blocker.finished or 0.0, run.started or 0.0) - start)


def _needs(timeline: Timeline, blocker: Run, run: Run, tainted: set[str]) -> bool:
    """Tell whether a run may use what another made, also by way of runs between."""
    first, source = timeline.source_of(blocker), timeline.source_of(run)
    if first is None and source is None:
        # Another language, or too much of it: its times speak for themselves.
        return blocker.language == "python"
    if first is None or source is None or first.opaque or source.opaque:
        return True
    tainted |= first.binds | first.changes | first.removes
    if tainted.isdisjoint(timeline.reads_of(run) | source.later):
        return False
    tainted |= source.binds | source.changes
    return True
