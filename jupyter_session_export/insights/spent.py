"""What the time was spent on: one cell, imports, installs, output."""

from __future__ import annotations

from collections.abc import Iterator

from ..records.finding import HIGH, LOW, MEDIUM, Finding
from .evidence import added, finding, megabytes, named, times
from .timeline import Run, Timeline, by_place

BOTTLENECK_SECONDS, BOTTLENECK_SHARE, BOTTLENECK_CELLS = 5.0, 0.5, 3
"""A cell that takes so long and so much of all, among at least so many that were timed."""
IMPORT_SECONDS, IMPORT_SHARE = 2.0, 0.5
"""Imports that take so long in a cell, and so much of its time."""
INSTALL_SECONDS = 1.0
FLOOD_BYTES = 10_000_000


def find_bottleneck(timeline: Timeline) -> Iterator[Finding]:
    """Find the cell that takes most of the time."""
    places = by_place(timeline.timed)
    if len(places) < BOTTLENECK_CELLS:
        return
    runs = max(places.values(), key=_seconds)
    seconds = _seconds(runs)
    share = seconds / timeline.executing if timeline.executing else 0.0
    if seconds < BOTTLENECK_SECONDS or share < BOTTLENECK_SHARE:
        return
    longest = max(runs, key=lambda run: run.seconds or 0.0)
    yield finding(
        "BOTTLENECK",
        runs,
        what=f"{named(longest)} and its other runs took {seconds:,.1f} s, "
        f"{share:.0%} of all {timeline.executing:,.1f} s of executing.",
        advice="Look here first: making it twice as fast saves half of that.",
        figures={
            "seconds": seconds,
            "share": share,
            "executing_seconds": timeline.executing,
            "runs": len(runs),
            "cells_timed": len(places),
        },
        saving=seconds / 2,
        sure=(HIGH, f"its {len(runs)} runs and those of {len(places) - 1:,} other cells are timed"),
    )


def find_imports(timeline: Timeline) -> Iterator[Finding]:
    """Find cells whose time goes to the first import of modules."""
    for runs in by_place(r for r in timeline.timed if _imports(r)).values():
        importing, seconds = added(run.importing for run in runs), _seconds(runs)
        starts = len({run.kernel for run in runs})
        yield finding(
            "SLOW_IMPORTS",
            runs,
            what=f"{named(runs[0])} spent {importing:,.1f} s of {seconds:,.1f} s importing modules"
            f"{f', in {starts} starts of the kernel' if starts > 1 else ''}.",
            advice="Import only what is used, where it is used; a kernel that goes on instead of "
            "being restarted imports nothing twice.",
            figures={
                "importing_seconds": importing,
                "seconds": seconds,
                "share": importing / seconds,
                "kernel_starts": starts,
            },
            saving=importing,
            sure=(
                MEDIUM if starts > 1 else LOW,
                "cold imports are timed in the kernel; which of them are needed isn't known",
            ),
        )


def find_installs(timeline: Timeline) -> Iterator[Finding]:
    """Find packages that are installed by cells."""
    installing = [run for run in timeline.timed if _installs(timeline, run)]
    seconds = _seconds(installing)
    if not installing or seconds < INSTALL_SECONDS:
        return
    alone = all(source.only_installs for run in installing if (source := timeline.source_of(run)))
    yield finding(
        "INSTALLS_IN_CELLS",
        installing,
        what=f"Cells installed packages {times(len(installing))}, which took {seconds:,.1f} s.",
        advice="Install them once, into the kernel's environment.",
        figures={"seconds": seconds, "runs": len(installing)},
        saving=seconds,
        sure=(HIGH, "the cells are timed and do nothing else")
        if alone
        else (MEDIUM, "the cells are timed; they also do something else"),
    )


def find_floods(timeline: Timeline) -> Iterator[Finding]:
    """Find cells that put out more than anybody reads."""
    flooding = [run for run in timeline.runs if run.output_bytes >= FLOOD_BYTES]
    for runs in by_place(flooding).values():
        size = sum(run.output_bytes for run in runs)
        writing = [run.writing for run in runs if run.writing is not None]
        yield finding(
            "OUTPUT_FLOOD",
            runs,
            what=f"{named(runs[0])} put out {megabytes(size)}"
            f"{f' in {len(runs)} runs' if len(runs) > 1 else ''}.",
            advice="Write it to a file, or put out a part of it.",
            figures={"output_bytes": size, "runs": len(runs)}
            | ({"output_seconds": sum(writing)} if writing else {}),
            saving=sum(writing) if writing else None,
            sure=(HIGH, "the bytes are counted in the record"),
        )


def _imports(run: Run) -> bool:
    importing, seconds = run.importing, run.seconds
    if importing is None or seconds is None or importing > seconds:
        return False
    return importing >= IMPORT_SECONDS and importing >= IMPORT_SHARE * seconds


def _installs(timeline: Timeline, run: Run) -> bool:
    source = timeline.source_of(run)
    return source is not None and source.installs


def _seconds(runs: list[Run]) -> float:
    return added(run.seconds for run in runs)
