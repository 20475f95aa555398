"""Restoring by the records alone, where no server has the notebook's session open."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ..errors import ExecutionNotFound
from ..records.session import Session
from ..store.catalog import Catalog
from .cells import CellRuns, Known
from .decisions import Wish, decide, match, to_load
from .file import NotebookFile
from .material import of_record
from .notebook import code_cells
from .outputs import RunOutputs, outputs_of
from .restoration import Restoration, restore, undo
from .run import Run
from .undo import UndoFolder
from .whereabouts import MOST_SESSIONS, sessions_with


def restore_file(
    catalog: Catalog, sessions: Iterable[Session], path: Path, wish: Wish
) -> Restoration:
    """Write recorded results into a notebook's file.

    Raises NotebookUnreadable, NotebookChanged, OutputTooLarge, StoreError.
    """
    file = NotebookFile.read(path)
    cells = list(code_cells(file.document))
    known = [
        Known(session, below, catalog.is_written(session.id))
        for session, below in known_sessions(sessions, file.path, wish)
    ]
    runs = CellRuns(catalog.read, known)
    named, unnamed = runs.of_kernel(wish.kernel) if wish.kernel else runs.of_notebook()
    decisions = decide(cells, match(cells, named, unnamed), force=wish.force)
    outputs = {place: _load(catalog, run, number) for place, run, number in to_load(decisions)}
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


def known_sessions(
    sessions: Iterable[Session], path: Path, wish: Wish
) -> list[tuple[Session, str]]:
    """Return the sessions that are looked at, each with the notebook's path below its root."""
    if wish.kernel is None:
        return list(sessions_with(sessions, str(path.parent), path.name))
    newest = sorted(sessions, key=lambda one: one.number, reverse=True)
    return [(session, "") for session in newest[:MOST_SESSIONS]]


def _load(catalog: Catalog, run: Run, number: int) -> RunOutputs:
    with catalog.read(run.session_id) as reader, reader.hold():
        material = of_record(reader, number)
        if material is None:
            raise ExecutionNotFound(f"The session has no execution {number} any more.")
        return outputs_of(material)
