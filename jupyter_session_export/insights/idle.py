"""Kernels that went on without anybody using them."""

from __future__ import annotations

from collections.abc import Iterator

from ..records.finding import HIGH, MEDIUM, Finding, spelled
from .evidence import finding, megabytes
from .timeline import Run, Timeline

IDLE_SECONDS = 1800.0


def find_idle(timeline: Timeline) -> Iterator[Finding]:
    """Find kernels that did nothing for long until they ended, or until now."""
    busy = {run.kernel for run in timeline.runs if run.finished is None}
    for kernel, runs in timeline.by_kernel.items():
        alive = kernel in timeline.kernels_alive
        end = timeline.present if alive else timeline.kernel_ends.get(kernel)
        last = max(runs, key=lambda run: run.finished or 0.0)
        idle = 0.0 if end is None else end - (last.finished or 0.0)
        if idle >= IDLE_SECONDS and kernel not in busy:
            yield _idle(last, idle, alive=alive)


def _idle(last: Run, idle: float, *, alive: bool) -> Finding:
    held = f", holding {megabytes(last.rss)}" if last.rss else ""
    return finding(
        "IDLE_KERNEL",
        [last],
        what=f"After execution {last.number} its kernel did nothing for {spelled(idle)}{held}"
        f"{', and still runs' if alive else ''}.",
        advice="Shut a kernel down when its work is done, or let the server cull idle ones.",
        figures={"idle_seconds": idle} | ({"rss_bytes": last.rss} if last.rss else {}),
        saving=idle,
        sure=(MEDIUM, "nothing has run since; it may still be used")
        if alive
        else (HIGH, "it ended without running anything more"),
    )
