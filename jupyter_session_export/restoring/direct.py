"""Restoring by the records alone, where no server has the notebook's session open."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import (
    ContentDamaged,
    ExecutionNotFound,
    NotebookChanged,
    NotebookUnreadable,
    OutputTooLarge,
)
from ..records.session import Session
from ..store.catalog import Catalog
from ..store.undo_files import Place
from .cells import CellRuns, Known
from .decisions import MOST_BYTES, Decision, Wish, match, to_load
from .file import NotebookFile
from .material import of_record
from .notebook import code_cells
from .outputs import RunOutputs, outputs_of
from .planning import plan
from .restoration import Restoration, restore, undo
from .run import Run
from .undo import UndoFolder
from .whereabouts import MOST_SESSIONS, sessions_with


def restore_file(
    catalog: Catalog, sessions: Iterable[Session], path: Path, wish: Wish
) -> Restoration:
    """Write recorded results into a notebook's file.

    Raises NotebookUnreadable, NotebookChanged, StoreError.
    """
    file = NotebookFile.read(path)
    cells = list(code_cells(file.document))
    known = [
        Known(session, below, catalog.is_written(session.id))
        for session, below in known_sessions(sessions, file.path, wish)
    ]
    runs = CellRuns(catalog.read, known)
    decisions = plan(cells, runs, wish)
    outputs = _load_all(catalog, decisions)
    done = restore(decisions, outputs, lines=True)
    if done.written and not wish.dry_run:
        ran_in = next(iter(outputs.values())).run.session_id
        _write(file, catalog, Place(catalog.find(ran_in).owner, str(file.path)), done)
    return done


def _write(file: NotebookFile, catalog: Catalog, place: Place, done: Restoration) -> None:
    """Write the notebook once what it had is safe."""
    folder = UndoFolder(catalog.data_dir)
    kept = folder.keep(place, done.written)
    try:
        file.write()
    except (NotebookChanged, NotebookUnreadable):
        folder.take_back(kept)
        raise


def undo_file(
    catalog: Catalog, sessions: Iterable[Session], path: Path, *, dry_run: bool
) -> tuple[int, int]:
    """Put back what a notebook had; return of how many cells, and how many stay as they are.

    Raises NothingToUndo, NotebookUnreadable, NotebookChanged, StoreError.
    """
    file = NotebookFile.read(path)
    folder = UndoFolder(catalog.data_dir)
    place = folder.newest(str(file.path), {session.owner for session in sessions})
    written = folder.of(place)
    undone = undo(code_cells(file.document), written)
    if undone and not dry_run:
        file.write()
        folder.forget(place)
    return len(undone), len(written) - len(undone)


@dataclass(frozen=True, slots=True)
class LikelyKernel:
    """A kernel that tells no cells and has run the sources of some, so many of them."""

    kernel_id: str
    session: int
    cells: int

    def to_json(self) -> dict[str, Any]:
        return {"kernel_id": self.kernel_id, "session": self.session, "cells": self.cells}


def likely_kernels(catalog: Catalog, sessions: Iterable[Session], path: Path) -> list[LikelyKernel]:
    """Return kernels without a server that have run at least half of a notebook's cells.

    The newest first. Raises NotebookUnreadable, StoreError.
    """
    cells = list(code_cells(NotebookFile.read(path).document))
    found = []
    for session, _ in known_sessions([one for one in sessions if one.kernel], path, Wish("")):
        with catalog.read(session.id) as reader:
            kernels = [kernel.id for kernel in reader.kernels()]
        runs = CellRuns(catalog.read, [Known(session, "", held=True)])
        for kernel_id in kernels:
            _, unnamed = runs.of_kernel(kernel_id)
            count = len(match(cells, [], unnamed))
            if 0 < len(cells) <= 2 * count:
                found.append(LikelyKernel(kernel_id, session.number, count))
    return found


def known_sessions(
    sessions: Iterable[Session], path: Path, wish: Wish
) -> list[tuple[Session, str]]:
    """Return the sessions that are looked at, each with the notebook's path below its root."""
    if wish.kernel is None:
        return list(sessions_with(sessions, str(path.parent), path.name))
    newest = sorted(sessions, key=lambda one: one.number, reverse=True)
    return [(session, "") for session in newest[:MOST_SESSIONS]]


def _load_all(catalog: Catalog, decisions: Iterable[Decision]) -> dict[int, RunOutputs]:
    """Return outputs by place, but those that are too large."""
    outputs: dict[int, RunOutputs] = {}
    left = MOST_BYTES
    for place, run, number in to_load(decisions):
        with suppress(OutputTooLarge):
            outputs[place] = _load(catalog, run, number, left)
            left -= outputs[place].size
    return outputs


def _load(catalog: Catalog, run: Run, number: int, most: int) -> RunOutputs:
    with suppress(ContentDamaged):
        return _read(catalog, run, number, most)
    # Its kernel's own recorder may have sealed it meanwhile.
    return _read(catalog, run, number, most)


def _read(catalog: Catalog, run: Run, number: int, most: int) -> RunOutputs:
    with catalog.read(run.session_id) as reader, reader.hold():
        material = of_record(reader, number)
        if material is None:
            raise ExecutionNotFound(f"The session has no execution {number} any more.")
        return outputs_of(material, most)
