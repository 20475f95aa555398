"""Where all of a session's time went."""

from __future__ import annotations

from typing import Any

from ..records.timing import shares
from .timeline import Run, Timeline

PARTS = {
    "queued_ms": "queued",
    "executing_ms": "seconds",
    "importing_ms": "importing",
    "waiting_ms": "waiting",
    "gc_ms": "collecting",
    "output_ms": "writing",
    "cpu_ms": "cpu",
}
"""Names of sums, and what of a run they add."""


def total_timing(timeline: Timeline) -> dict[str, Any]:
    """Return sums in milliseconds; what was measured of no execution is left out.

    `span_ms` is from the first start to the present, `busy_ms` the part of it in which
    anything ran, and `distribution` says so in percent.
    """
    timing: dict[str, Any] = {
        "executions": len(timeline.runs),
        "timed": len(timeline.timed),
    }
    for name, part in PARTS.items():
        values = [value for run in timeline.runs if (value := getattr(run, part)) is not None]
        if values:
            timing[name] = round(1000 * sum(values), 3)
    ended = [run for runs in timeline.by_kernel.values() for run in runs]
    if ended:
        busy = _busy(ended)
        span = max(busy, timeline.present - _first(ended))
        timing |= {"span_ms": round(1000 * span, 3), "busy_ms": round(1000 * busy, 3)}
        timing["distribution"] = shares({"busy": busy, "idle": span - busy})
    return timing


def _first(runs: list[Run]) -> float:
    return min(run.started or 0.0 for run in runs)


def _busy(runs: list[Run]) -> float:
    """Return the seconds in which at least one of them ran."""
    busy, until = 0.0, float("-inf")
    for start, end in sorted((run.started or 0.0, run.finished or 0.0) for run in runs):
        if end > until:
            busy += end - max(start, until)
            until = end
    return busy
