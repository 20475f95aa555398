"""Restoring by the records alone, where no server has the notebook's session open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import ExecutionNotFound
from ..records.session import Session
from ..store.catalog import Catalog
from .cells import CellRuns, Known
from .decisions import TO_WRITE, decide, match
from .file import NotebookFile
from .material import of_record
from .notebook import code_cells
from .outputs import RunOutputs, outputs_of
from .restoration import Restoration, restore, undo
from .run import Run
from .undo import UndoFolder
from .whereabouts import MOST_SESSIONS, sessions_with


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for; `kernel` is the id, or the beginning of one, whose runs count."""

    kernel: str | None = None
    force: bool = False
    dry_run: bool = False


def restore_file(
    catalog: Catalog, sessions: Iterable[Session], path: Path, wish: Wish
) -> Restoration:
    """Write recorded results into a notebook's file.

    Raises NotebookUnreadable, NotebookChanged, OutputTooLarge, StoreError.
    """
    file = NotebookFile.read(path)
    cells = list(code_cells(file.document))
    runs = CellRuns(catalog.read, _known(catalog, sessions, file.path, wish))
    named, unnamed = runs.of_kernel(wish.kernel) if wish.kernel else runs.of_notebook()
    decisions = decide(cells, match(cells, named, unnamed), force=wish.force)
    outputs = {
        decision.cell.place: _load(catalog, decision.run)
        for decision in decisions
        if decision.run is not None and decision.outcome in TO_WRITE
    }
    done = restore(decisions, outputs, lines=True)
    if done.written and not wish.dry_run:
        file.write()
        UndoFolder(catalog.data_dir).keep(str(file.path), done.written)
    return done


def undo_file(catalog: Catalog, path: Path, *, dry_run: bool) -> tuple[int, int]:
    """Put back what a notebook had; return of how many cells, and how many stay as they are.

    Raises NothingToUndo, NotebookUnreadable, NotebookChanged, StoreError.
    """
    file = NotebookFile.read(path)
    folder = UndoFolder(catalog.data_dir)
    written = folder.of(str(file.path))
    undone = undo(code_cells(file.document), written)
    if undone and not dry_run:
        file.write()
        folder.forget(str(file.path))
    return len(undone), len(written) - len(undone)


def _known(catalog: Catalog, sessions: Iterable[Session], path: Path, wish: Wish) -> list[Known]:
    if wish.kernel:
        newest = sorted(sessions, key=lambda one: one.number, reverse=True)
        found: list[tuple[Session, str]] = [(one, "") for one in newest]
    else:
        found = list(sessions_with(sessions, str(path.parent), path.name))
    return [
        Known(session, below, catalog.is_written(session.id))
        for session, below in found[:MOST_SESSIONS]
    ]


def _load(catalog: Catalog, run: Run) -> RunOutputs:
    number: Any = run.number
    with catalog.read(run.session_id) as reader, reader.hold():
        material = of_record(reader, number)
        if material is None:
            raise ExecutionNotFound(f"The session has no execution {number} any more.")
        return outputs_of(material)
