"""What restoring did to a notebook's cells, and how that is undone. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..records.execution import Status
from .decisions import TO_WRITE, Decision, Outcome
from .notebook import TIMING, CodeCell, in_lines
from .outputs import RunOutputs

TRUSTED = "trusted"
"""Where a contents manager tells of a cell whether all of its outputs may be shown."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a cell had before, `replaced` being the digest of its outputs.

    `digests` are those of the outputs that it was given since: the last, or, where that
    couldn't be written, the one before.
    """

    place: int
    cell_id: str | None
    before: dict[str, Any]
    replaced: str
    digests: tuple[str, ...]

    @property
    def key(self) -> str:
        """What tells the cell from others of its notebook."""
        return self.cell_id or str(self.place)

    def to_json(self) -> dict[str, Any]:
        return {
            "place": self.place,
            "cell_id": self.cell_id,
            "before": self.before,
            "replaced": self.replaced,
            "digests": self.digests,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Written:
        """Read what `to_json` wrote. Raises KeyError or TypeError on another layout."""
        before, digests = dict(data["before"]), tuple(data["digests"])
        return cls(data["place"], data["cell_id"], before, data["replaced"], digests)


@dataclass(frozen=True, slots=True)
class Restoration:
    """What became of each cell, and what was written into some."""

    decisions: list[Decision]
    written: list[Written]

    def to_json(self) -> dict[str, Any]:
        """Return what is told of the cells."""
        cells = [decision.to_json() for decision in self.decisions]
        return {"cells": cells, "written": len(self.written)}


def restore(
    decisions: Iterable[Decision], outputs: Mapping[int, RunOutputs], *, lines: bool
) -> Restoration:
    """Write outputs into the cells that were decided for, by their places.

    With `lines` texts are kept as lines, as on disk. A cell that has them already stays as it is.
    """
    done, written = [], []
    for decision in decisions:
        found = outputs.get(decision.cell.place)
        if decision.outcome not in TO_WRITE or found is None:
            done.append(decision)
            continue
        before, digest = decision.cell.results(), decision.cell.outputs_digest
        put(decision.cell, found, lines=lines)
        after = decision.cell.outputs_digest
        if after == digest and before["execution_count"] == decision.cell.execution_count:
            decision.cell.put(before)
            done.append(replace(decision, outcome=Outcome.SAME))
            continue
        done.append(decision)
        cell = decision.cell
        written.append(Written(cell.place, cell.id, before, digest, (after,)))
    return Restoration(done, written)


def put(cell: CodeCell, found: RunOutputs, *, lines: bool) -> None:
    """Write what a run has put out into its cell."""
    outputs = [in_lines(output) for output in found.outputs] if lines else found.outputs
    # Only its reply tells a page the number, and that of a lost run never came.
    told = found.run.status not in (Status.RUNNING.value, Status.LOST.value)
    count = found.run.execution_count if told else None
    cell.put({"outputs": outputs, "execution_count": count, TIMING: found.timing})


def trust(cells: Iterable[CodeCell], written: Iterable[Written]) -> None:
    """Mark cells as pages do that have run them."""
    places = {one.place for one in written}
    for cell in cells:
        if cell.place in places:
            cell.document["metadata"][TRUSTED] = True


def distrust(cells: Iterable[CodeCell], undone: Iterable[Written]) -> None:
    """Have nobody vouch for what was put back; if it was trusted, its signature is known."""
    ids = {one.cell_id or one.place for one in undone}
    for cell in cells:
        if (cell.id or cell.place) in ids:
            cell.document["metadata"][TRUSTED] = False


def undo(cells: Iterable[CodeCell], written: Iterable[Written]) -> list[Written]:
    """Put back what cells had before; return what could be.

    A cell that is gone, or was run since, stays as it is.
    """
    by_id = {cell.id or str(cell.place): cell for cell in cells}
    undone = []
    for one in written:
        cell = by_id.get(one.key)
        if cell is not None and cell.outputs_digest in one.digests:
            cell.put(one.before)
            undone.append(one)
    return undone
