"""When the kernels of a record began and went, as its activity log tells."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import NamedTuple

from ..insights.timeline import Run
from ..records.activity import ACTIVITY
from ..records.times import from_iso
from ..store.lease import holder_of
from ..store.plan import RecordPlan
from ..store.reader import RecordReader

_START = "kernel.start"
_ENDS = frozenset({"kernel.shutdown", "kernel.died", "kernel.restart"})


class Lifelines(NamedTuple):
    """By processes of kernels, as runs name them: when they went, and which are alive."""

    ends: dict[str, float]
    alive: frozenset[str]


def lifelines(reader: RecordReader, plan: RecordPlan, runs: Iterable[Run]) -> Lifelines:
    """Return what is sure; of a kernel whose server has crashed nobody knows when it went."""
    starts, ends = _events(plan)
    over = plan.session.ended_at
    since = _written_since(reader)
    last: dict[str, float] = {}
    for run in runs:
        if run.finished is not None:
            last[run.kernel] = max(last.get(run.kernel, 0.0), run.finished)
    gone: dict[str, float] = {}
    alive: set[str] = set()
    for kernel, finished in last.items():
        kernel_id = kernel.rpartition(".")[0]
        # The first end after the last that it ran is its own.
        later = [end for end in ends.get(kernel_id, []) if end >= finished]
        if over is not None:
            later.append(max(over.timestamp(), finished))
        if later:
            gone[kernel] = min(later)
        elif since is not None and max(starts.get(kernel_id, []), default=0.0) >= since:
            # Who writes the session now has started it, and would have told of its end.
            alive.add(kernel)
    return Lifelines(gone, frozenset(alive))


def _written_since(reader: RecordReader) -> float | None:
    """Return since when the process that writes the session does so; None where none does."""
    holder = holder_of(reader.folder)
    try:
        return None if holder is None else from_iso(holder.since).timestamp()
    except (ValueError, TypeError, AttributeError):
        # What the file says besides who it is may be anything.
        return None


def _events(plan: RecordPlan) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Return when kernels started and when they ended, by their ids."""
    starts: dict[str, list[float]] = {}
    ends: dict[str, list[float]] = {}
    for text in plan.log_lines.get(ACTIVITY, []):
        # Most lines are of executions; to parse them all would take longer than all the rest.
        if '"kernel.' not in text:
            continue
        line = json.loads(text)
        at = from_iso(line["time"]).timestamp()
        if line["action"] == _START:
            starts.setdefault(str(line["target"]), []).append(at)
        elif line["action"] in _ENDS:
            ends.setdefault(str(line["target"]), []).append(at)
    return starts, ends
