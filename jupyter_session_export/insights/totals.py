"""Where all of a session's time went."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..records.timing import shares
from .timeline import STARTED, Run, Timeline

PARTS = {
    "executing_ms": "seconds",
    "importing_ms": "importing",
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
    runs = timeline.runs
    columns = dict(zip(Run._fields, zip(*runs, strict=True), strict=True)) if runs else {}
    known = {
        name: [v for v in columns.get(part, ()) if v is not None] for name, part in PARTS.items()
    }
    known["queued_ms"] = _differences(columns.get("submitted", ()), columns.get("started", ()))
    known["waiting_ms"] = _differences(columns.get("cpu", ()), columns.get("seconds", ()))
    timing: dict[str, Any] = {"executions": len(runs), "timed": len(timeline.timed)}
    timing |= {name: round(1000 * sum(values), 3) for name, values in known.items() if values}
    ended = [run for runs in timeline.by_kernel.values() for run in runs]
    if ended:
        busy = _busy(ended)
        span = max(busy, timeline.present - _first(ended))
        timing |= {"span_ms": round(1000 * span, 3), "busy_ms": round(1000 * busy, 3)}
        timing["distribution"] = shares({"busy": busy, "idle": span - busy})
    return timing


def _differences(less: Iterable[float | None], more: Iterable[float | None]) -> list[float]:
    """Return how much more it is where both are known, as `Run.queued` and `Run.waiting` do."""
    pairs = zip(less, more, strict=True)
    return [max(0.0, b - a) for a, b in pairs if a is not None and b is not None]


def _first(runs: list[Run]) -> float:
    return min(run.started or 0.0 for run in runs)


def _busy(runs: list[Run]) -> float:
    """Return the seconds in which at least one of them ran."""
    busy, until = 0.0, float("-inf")
    for run in sorted(runs, key=STARTED):
        start, end = run.started or 0.0, run.finished or 0.0
        if end > until:
            busy += end - max(start, until)
            until = end
    return busy
