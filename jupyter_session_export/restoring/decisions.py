"""What becomes of each cell of a notebook when its recorded results are brought home. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from enum import Enum
from typing import Any

from ..records.execution import Status
from ..records.times import from_iso
from .notebook import CodeCell
from .run import QUEUED, Run


class Outcome(str, Enum):
    """What becomes of a cell."""

    RESTORED = "restored"
    PARTLY = "restored so far"
    SAME = "same"
    EDITED = "edited"
    NEWER = "newer"
    CUT = "cut"
    TOO_LARGE = "too large"
    WAITS = "waits"
    NEVER_RAN = "never ran"


CLOCKS = timedelta(seconds=1)
"""How far two records of the same moment may be apart."""
MOST_BYTES = 256 * 1024 * 1024
"""Of outputs that are written into one notebook."""
TO_WRITE = frozenset({Outcome.RESTORED, Outcome.PARTLY})


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for; `kernel` is the id, or the beginning of one, whose runs count."""

    kernel: str | None = None
    force: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """`run` is what the record has of the cell's last run."""

    cell: CodeCell
    outcome: Outcome
    run: Run | None = None

    def to_json(self) -> dict[str, Any]:
        """Return what is told of the cell."""
        return {
            "place": self.cell.place,
            "cell_id": self.cell.id,
            "outcome": self.outcome.value,
            "run": None if self.run is None else self.run.to_json(),
        }


def decide(
    cells: Iterable[CodeCell],
    runs: Mapping[int, Run],
    known: Mapping[str | None, Collection[str]],
    *,
    force: bool,
) -> list[Decision]:
    """Decide for each cell; `runs` has by its place what was recorded of it.

    `known` has by the cell that runs tell the digests of all that was recorded of it. With
    `force` a cell's results are replaced also where its source was edited since, where they
    may be of a later run that isn't in the record, or where the record was cut short.
    """
    return [_decide(cell, runs.get(cell.place), known, force=force) for cell in cells]


def to_load(decisions: Iterable[Decision]) -> list[tuple[int, Run, int]]:
    """Return place, run and number of what is to be written."""
    return [
        (one.cell.place, one.run, one.run.number)
        for one in decisions
        if one.outcome in TO_WRITE and one.run is not None and one.run.number is not None
    ]


def match(
    cells: Sequence[CodeCell], named: Iterable[Run], unnamed: Sequence[Run]
) -> dict[int, Run]:
    """Return the run of each cell, by the cell's place.

    `named` tell their cell, each only once. `unnamed` don't, as those of nbclient: they
    are in the order in which they ran, and belong to the cells that have these sources in
    this order. The last pass through a notebook counts.
    """
    by_id = {run.cell_id: run for run in named}
    found = {cell.place: by_id[cell.id] for cell in cells if cell.id in by_id}
    rest = [cell for cell in cells if cell.place not in found]
    sources = [cell.source_sha256 for cell in reversed(rest)]
    ran = [run.source_sha256 for run in reversed(unnamed)]
    same = SequenceMatcher(None, sources, ran, autojunk=False)
    for block in same.get_matching_blocks():
        for at in range(block.size):
            found[rest[-1 - block.a - at].place] = unnamed[-1 - block.b - at]
    return found


def _decide(
    cell: CodeCell,
    run: Run | None,
    known: Mapping[str | None, Collection[str]],
    *,
    force: bool,
) -> Decision:
    if run is None:
        return Decision(cell, Outcome.NEVER_RAN)
    if run.status == QUEUED:
        return Decision(cell, Outcome.WAITS, run)
    reason = None if force else _reason_to_leave(cell, run, known.get(run.cell_id, ()))
    return Decision(cell, reason or _outcome(cell, run), run)


def _reason_to_leave(cell: CodeCell, run: Run, known: Collection[str]) -> Outcome | None:
    if run.source_sha256 != cell.source_sha256:
        return Outcome.EDITED
    if run.status != Status.RUNNING.value and _is_newer(cell, run, known):
        return Outcome.NEWER
    if run.truncated and cell.has_outputs and _outcome(cell, run) is not Outcome.SAME:
        return Outcome.CUT
    return None


def _outcome(cell: CodeCell, run: Run) -> Outcome:
    if run.status == Status.RUNNING.value:
        return Outcome.PARTLY
    unchanged = run.outputs_digest == cell.outputs_digest
    same = unchanged and run.execution_count == cell.execution_count
    return Outcome.SAME if same else Outcome.RESTORED


def _is_newer(cell: CodeCell, run: Run, known: Collection[str]) -> bool:
    """Tell whether the cell has, or may have, the results of a run that wasn't recorded.

    Where nothing tells when it ended, results that no run has shown aren't the record's, but
    for what a rate limit has left of this very run's.
    """
    ended_at = _moment(cell.ended_at)
    if ended_at is not None and run.begun_at is not None:
        return ended_at > (run.finished_at or run.begun_at) + CLOCKS
    if cell.was_cut and cell.execution_count == run.execution_count:
        return False
    complete = cell.has_outputs and cell.execution_count is not None
    return complete and cell.outputs_digest not in known


def _moment(told: str | None) -> datetime | None:
    """Return a time that a notebook tells, None where it tells none."""
    if told is not None:
        with suppress(ValueError):
            return from_iso(told)
    return None
