"""What pages ask before they restore outputs: a notebook's runs, and what those put out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from ..archive.widgets import Widgets
from ..errors import (
    ContentDamaged,
    ExecutionNotFound,
    NotebookChanged,
    OutputTooLarge,
    StoreUnavailable,
)
from ..exports.served import relative_to_root
from ..recording.notebooks import without_drive
from ..recording.standing import Glimpse, Standing
from ..records.session import Session
from ..restoring.cells import CellRuns, Known, Page
from ..restoring.decisions import MOST_BYTES as MOST_WRITTEN
from ..restoring.decisions import Decision, Wish, to_load
from ..restoring.material import of_glimpse, of_record
from ..restoring.notebook import code_cells
from ..restoring.outputs import MOST_BYTES, RunOutputs, outputs_of
from ..restoring.planning import plan
from ..restoring.restoration import Restoration, distrust, restore, trust, undo
from ..restoring.undo import UndoFolder
from ..restoring.whereabouts import MOST_SESSIONS, sessions_with
from ..store.undo_files import Place, place_of
from .documents import Document, Documents
from .owners import Owner

if TYPE_CHECKING:
    from ..recording.recorder import Recorder
    from ..store.catalog import Catalog
    from .audit import Audit
    from .sessions import OpenSessions

TRIES = 3
"""While it is read, what runs may be sealed, and what was sealed be sealed anew."""


class Restoring:
    """Called on the event loop; records are read in threads."""

    def __init__(
        self, catalog: Catalog, sessions: OpenSessions, recorder: Recorder, audit: Audit
    ) -> None:
        self._catalog = catalog
        self._audit = audit
        self._undo = UndoFolder(catalog.data_dir)
        self._writing: WeakValueDictionary[Place, asyncio.Lock] = WeakValueDictionary()
        self._sessions = sessions
        self._recorder = recorder

    async def cells(self, owner: Owner, only: str | None, path: str) -> str:
        """Return the newest run of each cell of a notebook; `only` of the session of a key.

        As JSON: hundreds of cells are written in a thread, too.
        """
        session, notebook, runs = await self._known(owner, only, path)
        found = {"session_id": session.id, "path": notebook}
        return await asyncio.to_thread(
            lambda: json.dumps({**found, "cells": [run.to_json() for run in runs.newest()]})
        )

    async def runs(
        self, owner: Owner, only: str | None, path: str, cell_id: str, page: Page
    ) -> dict[str, Any]:
        """Return runs of one cell, the newest first."""
        _, _, runs = await self._known(owner, only, path)
        found, following = await asyncio.to_thread(runs.of_cell, cell_id, page)
        return {"runs": found, "next": following}

    async def deleted(
        self, owner: Owner, only: str | None, path: str, present: frozenset[str]
    ) -> dict[str, Any]:
        """Return cells of a notebook that were run and aren't there any more."""
        _, _, runs = await self._known(owner, only, path)
        cells = await asyncio.to_thread(runs.deleted, present)
        return {"cells": [cell.to_json() for cell in cells]}

    async def outputs(self, owner: Owner, session_id: str | None, number: int) -> bytes:
        """Return what a run has put out, as JSON. Raises ExecutionNotFound, OutputTooLarge."""
        session = await self._sessions.find(owner, session_id)
        found, widgets = await self._load(session, number)
        return await asyncio.to_thread(lambda: b"".join(found.chunks(widgets)))

    async def restore(
        self, owner: Owner, only: str | None, documents: Documents, wish: Wish, path: str
    ) -> dict[str, Any]:
        """Write what was recorded into a notebook; return what became of each cell.

        Raises NotebookShared, NotebookChanged, NotebookUnreadable.
        """
        session, notebook, runs = await self._known(owner, only, path, kernel=wish.kernel)
        document = await documents.read(notebook)
        cells = list(code_cells(document.content))
        decisions = await asyncio.to_thread(plan, cells, runs, wish)
        outputs = await self._load_all(owner, decisions)
        done = await asyncio.to_thread(restore, decisions, outputs, lines=False)
        if done.written and not wish.dry_run:
            trust(cells, done.written)
            await self._write(documents, document, place_of(session, notebook), done)
            self._audit(session, "notebook.restored", notebook, {"cells": len(done.written)})
        return {"path": notebook, "dry_run": wish.dry_run, **done.to_json()}

    async def undo(
        self, owner: Owner, only: str | None, documents: Documents, path: str, *, dry_run: bool
    ) -> dict[str, Any]:
        """Put back what a notebook had. Raises NothingToUndo, NotebookShared, NotebookChanged."""
        session = await self._sessions.find(owner, only)
        notebook = relative_to_root(without_drive(path), session.root)
        document = await documents.read(notebook)
        place = place_of(session, notebook)
        written = await asyncio.to_thread(self._undo.of, place)
        cells = list(code_cells(document.content))
        undone = await asyncio.to_thread(undo, cells, written)
        if undone and not dry_run:
            distrust(cells, undone)
            await documents.write(document)
            await asyncio.to_thread(self._undo.forget, place)
            self._audit(session, "notebook.restore_undone", notebook, {"cells": len(undone)})
        kept = len(written) - len(undone)
        return {"path": notebook, "dry_run": dry_run, "undone": len(undone), "kept": kept}

    async def _write(
        self, documents: Documents, document: Document, place: Place, done: Restoration
    ) -> None:
        """Write the notebook once what it had is safe; two at once would lose what one has kept."""
        async with self._writing.setdefault(place, asyncio.Lock()):
            kept = await asyncio.to_thread(self._undo.keep, place, done.written)
            try:
                await documents.write(document)
            except NotebookChanged:
                # Any other failure may have come when the notebook was written already.
                await asyncio.to_thread(self._undo.take_back, kept)
                raise

    async def _load_all(self, owner: Owner, decisions: Iterable[Decision]) -> dict[int, RunOutputs]:
        """Return outputs by place, but those that are too large."""
        outputs: dict[int, RunOutputs] = {}
        left = MOST_WRITTEN
        for place, run, number in to_load(decisions):
            session = await self._sessions.find(owner, run.session_id)
            with suppress(OutputTooLarge):
                outputs[place], _ = await self._load(session, number, left)
                left -= outputs[place].size
        return outputs

    async def _load(
        self, session: Session, number: int, most: int = MOST_BYTES
    ) -> tuple[RunOutputs, Widgets]:
        for _ in range(TRIES - 1):
            try:
                return await self._outputs(session, number, most)
            except (ContentDamaged, StoreUnavailable):
                continue
        return await self._outputs(session, number, most)

    async def _known(
        self, owner: Owner, only: str | None, path: str, *, kernel: str | None = None
    ) -> tuple[Session, str, CellRuns]:
        session = await self._sessions.find(owner, only)
        notebook = relative_to_root(without_drive(path), session.root)
        every = [session] if only is not None else await self._sessions.all(owner)
        if kernel is None:
            found = list(sessions_with(every, session.root, notebook))
        else:
            found = [(one, notebook) for one in every[:MOST_SESSIONS]]
        standings = {one.id: await self._standing(one) for one, _ in found}
        written = await asyncio.to_thread(
            lambda: {one.id for one, _ in found if self._catalog.is_written(one.id)}
        )
        known = [
            Known(one, own_path, one.id in written, standings[one.id]) for one, own_path in found
        ]
        return session, notebook, CellRuns(self._catalog.read, known)

    async def _standing(self, session: Session) -> Standing | None:
        if self._sessions.record_of(session.id) is None:
            return None
        return await self._recorder.standing(session.id)

    async def _outputs(
        self, session: Session, number: int, most: int
    ) -> tuple[RunOutputs, Widgets]:
        glimpse = None
        record = self._sessions.record_of(session.id)
        if record is not None:
            glimpse = await self._recorder.look(session.id, number)
        standing = await self._standing(session)
        return await asyncio.to_thread(self._read, session, number, most, glimpse, standing)

    def _read(
        self,
        session: Session,
        number: int,
        most: int,
        glimpse: Glimpse | None,
        standing: Standing | None,
    ) -> tuple[RunOutputs, Widgets]:
        with self._catalog.read(session.id) as reader, reader.hold():
            if glimpse is not None:
                record = self._sessions.record_of(session.id)
                material = None if record is None else of_glimpse(glimpse, record.blobs)
            else:
                material = of_record(reader, number)
            if material is None:
                raise ExecutionNotFound(f"The session has no execution {number}.")
            found = outputs_of(material, most)
            if standing is not None:
                found = found.in_kernels(standing.incarnations)
            return found, Widgets(reader.widgets() if found.views else {})
