"""What a kernel's panel asks of a record: its insights, and what other kernels ran."""

from __future__ import annotations

from typing import Any

from ..insights.timeline import Run, Timeline
from ..records.times import now
from ..store.catalog import Catalog
from .insights import insights_of, session_timeline

MOST_RUNS = 1000
TOLD = (
    "number",
    "kernel",
    "source",
    "head",
    "status",
    "error",
    "started",
    "finished",
    "seconds",
    "cpu",
    "importing",
    "peak_rss",
    "rss",
)
"""Of each run, what a picture of it shows."""


def outlook(catalog: Catalog, session_id: str, kernel_id: str | None) -> dict[str, Any]:
    """Return `timing`, `insights`, the newest `runs` of a session, and what is `recorded`.

    What the newest process of the kernel `kernel_id` ran is left out of `runs`: it knows that
    itself, but for which of it the record has. `recorded` are the msg_ids of that.
    Raises SessionNotFound or another StoreError.
    """
    with catalog.read(session_id) as reader, reader.plan() as plan:
        timeline = session_timeline(reader, plan, now().timestamp())
        recorded = reader.newest_messages(kernel_id) if kernel_id else None
    runs = [_told(run) for run in _others(timeline, kernel_id)]
    return {**insights_of(timeline).to_json(), "runs": runs[-MOST_RUNS:], "recorded": recorded}


def _others(timeline: Timeline, kernel_id: str | None) -> list[Run]:
    own = [run.kernel for run in timeline.runs if run.kernel.rpartition(".")[0] == kernel_id]
    newest = max(own, key=_incarnation, default=None)
    return [run for run in timeline.runs if run.kernel != newest and run.finished is not None]


def _incarnation(kernel: str) -> int:
    return int(kernel.rpartition(".")[2])


def _told(run: Run) -> dict[str, Any]:
    return {name: getattr(run, name) for name in TOLD}
