"""What becomes of each cell of a notebook when its recorded results are brought home. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from difflib import SequenceMatcher
from enum import Enum
from typing import Any

from ..errors import OutputTooLarge
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
    WAITS = "waits"
    NEVER_RAN = "never ran"


CLOCKS = timedelta(seconds=1)
"""How far two records of the same moment may be apart."""
MOST_BYTES = 256 * 1024 * 1024
"""Of outputs in one notebook."""
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


def decide(cells: Iterable[CodeCell], runs: Mapping[int, Run], *, force: bool) -> list[Decision]:
    """Decide for each cell; `runs` has by its place what was recorded of it.

    With `force` a cell's results are replaced also where its source was edited since, or
    where they are of a later run that isn't in the record.
    """
    return [_decide(cell, runs.get(cell.place), force=force) for cell in cells]


def to_load(decisions: Iterable[Decision]) -> list[tuple[int, Run, int]]:
    """Return place, run and number of what is to be written. Raises OutputTooLarge."""
    runs = [
        (one.cell.place, one.run, one.run.number)
        for one in decisions
        if one.outcome in TO_WRITE and one.run is not None and one.run.number is not None
    ]
    size = sum(run.bytes or 0 for _, run, _ in runs)
    if size > MOST_BYTES:
        raise OutputTooLarge(
            f"The outputs are too large for a notebook ({size:,} bytes).",
            "An export has them, in its folder executions/.",
        )
    return runs


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


def _decide(cell: CodeCell, run: Run | None, *, force: bool) -> Decision:
    if run is None:
        return Decision(cell, Outcome.NEVER_RAN)
    return Decision(cell, _outcome(cell, run, force=force), run)


def _outcome(cell: CodeCell, run: Run, *, force: bool) -> Outcome:
    if run.status == QUEUED:
        return Outcome.WAITS
    if run.source_sha256 != cell.source_sha256 and not force:
        return Outcome.EDITED
    if run.status == Status.RUNNING.value:
        return Outcome.PARTLY
    if _is_newer(cell, run) and not force:
        return Outcome.NEWER
    unchanged = run.outputs_digest == cell.outputs_digest
    same = unchanged and run.execution_count == cell.execution_count
    return Outcome.SAME if same else Outcome.RESTORED


def _is_newer(cell: CodeCell, run: Run) -> bool:
    """Tell whether the cell has the results of a later run, which wasn't recorded."""
    if cell.ended_at is None or run.begun_at is None:
        return False
    try:
        ended_at = from_iso(cell.ended_at)
    except ValueError:
        return False
    return ended_at > (run.finished_at or run.begun_at) + CLOCKS
