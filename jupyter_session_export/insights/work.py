"""What a cell's time was: waiting, or the work of one core among many."""

from __future__ import annotations

from collections.abc import Iterator

from ..records.finding import HIGH, LOW, MEDIUM, Finding
from .evidence import added, finding, megabytes, named
from .timeline import Run, Timeline, by_place

WAIT_SECONDS, WAIT_SHARE = 2.0, 0.8
"""A run that waits so long, and so much of its time."""
FOR_PEOPLE = frozenset({"input", "getpass", "breakpoint"})
"""Who calls these waits for somebody, which no advice makes faster."""
DISK_BYTES_PER_SECOND = 10_000_000
"""Whoever moves so much while waiting is taken to wait for the disk."""
CORE_SECONDS, CORE_LEAST, CORE_MOST = 3.0, 0.9, 1.1
"""A run that takes so long and keeps so many cores busy."""


def find_waiting(timeline: Timeline) -> Iterator[Finding]:
    """Find cells that wait for something else than the processor."""
    for runs in by_place(run for run in timeline.timed if _waits(timeline, run)).values():
        waiting, seconds = (
            added(run.waiting_elsewhere for run in runs),
            added(run.seconds for run in runs),
        )
        moved = [run.disk_bytes for run in runs if run.disk_bytes is not None]
        on_disk = bool(moved) and sum(moved) >= DISK_BYTES_PER_SECOND * waiting
        yield finding(
            "WAITING",
            runs,
            what=f"{named(runs[0])} waited {waiting:,.1f} s of {seconds:,.1f} s"
            + (f" while {megabytes(sum(moved))} went to or from the disk." if on_disk else "."),
            advice="Read less, or a format that is read in parts."
            if on_disk
            else "What waits for a network or a timer can wait for several at once, or keep "
            "what it got.",
            figures={
                "waiting_seconds": waiting,
                "seconds": seconds,
                "share": waiting / seconds,
                "cpu_seconds": added(run.cpu for run in runs),
                **({"disk_bytes": sum(moved)} if moved else {}),
            },
            saving=waiting,
            sure=(HIGH if on_disk else MEDIUM, _why_waiting(on_disk=on_disk, known=bool(moved))),
        )


def find_one_core(timeline: Timeline) -> Iterator[Finding]:
    """Find cells that keep one core busy where there are more."""
    cores = timeline.cores
    if cores is None or cores < 2:
        return
    for runs in by_place(run for run in timeline.timed if _keeps_one_core_busy(run)).values():
        seconds, cpu = added(run.seconds for run in runs), added(run.cpu for run in runs)
        yield finding(
            "ONE_CORE",
            runs,
            what=f"{named(runs[0])} kept one core of {cores:g} busy for {seconds:,.1f} s.",
            advice="If its work can be split, share it among processes, or use a library that "
            "does so.",
            figures={
                "seconds": seconds,
                "cpu_seconds": cpu,
                "busy_cores": cpu / seconds,
                "cores": cores,
            },
            saving=seconds * (1 - 1 / cores),
            sure=(LOW, "its processor time is measured; whether it can be split isn't known"),
        )


def _waits(timeline: Timeline, run: Run) -> bool:
    waiting, source = run.waiting_elsewhere, timeline.source_of(run)
    if waiting is None or not run.seconds:
        return False
    if source is not None and (source.installs or not FOR_PEOPLE.isdisjoint(source.uses)):
        return False
    return waiting >= WAIT_SECONDS and waiting >= WAIT_SHARE * run.seconds


def _keeps_one_core_busy(run: Run) -> bool:
    if run.cpu is None or run.seconds is None or run.seconds < CORE_SECONDS:
        return False
    return CORE_LEAST * run.seconds <= run.cpu <= CORE_MOST * run.seconds


def _why_waiting(*, on_disk: bool, known: bool) -> str:
    measured = "its time and processor time are measured"
    if on_disk:
        return f"{measured}, and so is what it read and wrote"
    if known:
        return f"{measured}, and it read and wrote too little to wait for the disk"
    return f"{measured}; for what it waited isn't known"
