"""Memory that is nearly all, and memory that never came back."""

from __future__ import annotations

from collections.abc import Iterator

from ..records.finding import HIGH, MEDIUM, Finding
from .evidence import added, finding, megabytes, named, times
from .timeline import Run, Timeline

NEAR_LIMIT = 0.85
GROWTH_BYTES, GROWTH_KEPT, LATER_RUNS = 256_000_000, 0.8, 2
"""Growth in one run, the part of it that stays, and how many runs later that must be seen."""
LEAK_BYTES, LEAK_RUNS = 32_000_000, 3
"""Growth in each run of the same code, and how many runs must have it."""


def find_near_limit(timeline: Timeline) -> Iterator[Finding]:
    """Find kernels that came near the limit of memory, beyond which they are killed."""
    limit = timeline.memory_limit
    if not limit:
        return
    for runs in timeline.by_kernel.values():
        near = [run for run in runs if (run.peak_rss or 0) >= NEAR_LIMIT * limit]
        if not near:
            continue
        peak = max(near, key=lambda run: run.peak_rss or 0)
        before = added(run.seconds for run in runs if run.number <= peak.number)
        yield finding(
            "MEMORY_NEAR_LIMIT",
            [peak, *(run for run in near if run is not peak)],
            what=f"{named(peak)} took up to {megabytes(peak.peak_rss or 0)} of "
            f"{megabytes(limit)}; a kernel that takes more is killed.",
            advice="Work on a part at a time, use smaller types, or delete what isn't needed.",
            figures={
                "peak_rss_bytes": peak.peak_rss or 0,
                "memory_limit_bytes": limit,
                "share": (peak.peak_rss or 0) / limit,
                "seconds_to_run_again": before,
            },
            saving=before,
            sure=(HIGH, "peak and limit are measured; the saving is what would have to run again"),
        )


def find_growth(timeline: Timeline) -> Iterator[Finding]:
    """Find runs after which memory stayed taken although nothing used what they made."""
    for runs in timeline.by_kernel.values():
        measured = [run for run in runs if run.rss is not None]
        grown = dict(_grown(measured))
        unused = _unused(timeline, measured, grown)
        leaking = _leaking(measured, grown)
        for at in unused:
            if measured[at].source not in leaking:
                yield _growth(measured[at], grown[at], len(measured) - at - 1)
        for positions in leaking.values():
            yield _leak([measured[at] for at in positions], sum(grown[at] for at in positions))


def _grown(runs: list[Run]) -> Iterator[tuple[int, int]]:
    """Yield which runs let memory grow, and by how much of it that never came back."""
    lowest, kept = None, []
    for run in reversed(runs):
        lowest = run.rss or 0 if lowest is None else min(lowest, run.rss or 0)
        kept.append(lowest)
    kept.reverse()
    for at in range(1, len(runs)):
        before, after = runs[at - 1].rss or 0, runs[at].rss or 0
        stayed = kept[at] - before
        if after - before >= LEAK_BYTES and stayed >= GROWTH_KEPT * (after - before):
            yield at, stayed


def _unused(timeline: Timeline, runs: list[Run], grown: dict[int, int]) -> list[int]:
    """Return the runs that let memory grow much, of whose names no later one makes use."""
    found, used = [], set[str]()
    for at in range(len(runs) - 1, 0, -1):
        source = timeline.source_of(runs[at])
        if source is None or source.opaque:
            # What isn't known may use everything that was made before.
            break
        late = len(runs) - at - 1 >= LATER_RUNS
        if late and grown.get(at, 0) >= GROWTH_BYTES and used.isdisjoint(source.binds):
            found.append(at)
        used |= timeline.reads_of(runs[at]) | source.later | source.changes
    return found


def _leaking(runs: list[Run], grown: dict[int, int]) -> dict[str, list[int]]:
    """Return the runs of the same code of which each one let memory grow."""
    alike: dict[str, list[int]] = {}
    for at in grown:
        if source := runs[at].source:
            alike.setdefault(source, []).append(at)
    return {
        source: positions
        for source, positions in alike.items()
        if len(positions) >= LEAK_RUNS and len(runs) - positions[-1] > 1
    }


def _growth(run: Run, stayed: int, later: int) -> Finding:
    return finding(
        "MEMORY_KEPT",
        [run],
        what=f"{named(run)} left {megabytes(stayed)} in memory, which no later cell uses.",
        advice="Delete what it made (`del name`) when it isn't needed any more.",
        figures={"kept_bytes": stayed, "rss_bytes": run.rss or 0, "later_runs": later},
        saving=None,
        sure=(MEDIUM, f"memory was measured after it and {later} later runs, and never came back"),
    )


def _leak(runs: list[Run], stayed: int) -> Finding:
    return finding(
        "MEMORY_LEAK",
        runs,
        what=f"{named(runs[0])} ran {times(len(runs))}, and memory grew each time, by "
        f"{megabytes(stayed)} in all, which never came back.",
        advice="Something keeps what it makes: a list that only grows, a cache, figures left open.",
        figures={"kept_bytes": stayed, "runs": len(runs), "rss_bytes": runs[-1].rss or 0},
        saving=None,
        sure=(HIGH, f"memory was measured after each of its {len(runs)} runs"),
    )
