"""Restoring by the server: what takes long is no matter of the event loop."""

from __future__ import annotations

import asyncio
import json
import threading
from pathlib import Path
from typing import Any

import pytest

from jupyter_session_export.errors import NotebookChanged, NothingToUndo
from jupyter_session_export.recording.standing import Glimpse
from jupyter_session_export.records.session import Session, SessionKey
from jupyter_session_export.restoring.cells import CellRuns
from jupyter_session_export.restoring.decisions import Wish
from jupyter_session_export.restoring.notebook import CodeCell
from jupyter_session_export.restoring.outputs import RunOutputs
from jupyter_session_export.server.documents import Document
from jupyter_session_export.server.owners import Owner
from jupyter_session_export.server.restoring import Restoring
from jupyter_session_export.store.catalog import Catalog
from jupyter_session_export.store.record import Record
from tests.unit.restoring.runs import cell_of, outputs_of, run_of, text
from tests.unit.restoring.sealing import SHOWN, running

ADA = Owner("ada", guest=False)


class Notebook:
    """One that the contents manager has; `changed` is somebody else's doing."""

    def __init__(self) -> None:
        self.cell = cell_of("x", outputs=[text("mine")])
        self.changed = False

    async def read(self, path: str) -> Document:
        return Document(path, {"nbformat": 4, "cells": [self.cell.document]}, ())

    async def write(self, _: Document) -> None:
        if self.changed:
            raise NotebookChanged("The notebook was changed.")


class Known:
    """The one session of a server, closed unless it has a record."""

    def __init__(self, session: Session, record: Record | None = None) -> None:
        self._session = session
        self._record = record

    async def find(self, *_: Any) -> Session:
        return self._session

    async def all(self, _: Owner) -> list[Session]:
        return [self._session]

    def record_of(self, _: str) -> Record | None:
        return self._record


@pytest.fixture
def restoring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Restoring:
    """The cell has a run that was recorded."""
    catalog = Catalog(tmp_path)
    record = catalog.open(SessionKey("ada", "/home/ada"))
    record.close()
    run = run_of("x", cell_id="c0", session_id=record.session.id)

    def read(*_: Any) -> tuple[RunOutputs, None]:
        return outputs_of(run, text("recorded")), None

    monkeypatch.setattr(CellRuns, "of_notebook", lambda _: ([run], []))
    monkeypatch.setattr(Restoring, "_read", read)
    known: Any = Known(record.session)
    unused: Any = None
    return Restoring(catalog, known, unused, lambda *_: None)


def test_cells_are_hashed_in_threads(restoring: Restoring, monkeypatch: pytest.MonkeyPatch) -> None:
    """A notebook of many megabytes must not hold up the kernels' messages."""
    hashed: list[threading.Thread] = []
    for name in ("source_sha256", "outputs_digest"):
        real: Any = getattr(CodeCell, name)

        def told(cell: CodeCell, real: Any = real) -> str:
            hashed.append(threading.current_thread())
            return str(real.fget(cell))

        monkeypatch.setattr(CodeCell, name, property(told))
    notebook: Any = Notebook()

    async def both() -> None:
        done = await restoring.restore(ADA, None, notebook, Wish(), "a.ipynb")
        assert done["written"] == 1
        undone = await restoring.undo(ADA, None, notebook, "a.ipynb", dry_run=False)
        assert undone["undone"] == 1

    asyncio.run(both())
    assert notebook.cell.document["outputs"] == [text("mine")]
    assert hashed
    assert threading.main_thread() not in hashed


def test_no_lock_is_tried_on_the_event_loop(
    restoring: Restoring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether somebody writes a session is asked of the disk, for each of twenty."""
    asked: list[threading.Thread] = []

    def is_written(*_: Any) -> bool:
        asked.append(threading.current_thread())
        return False

    monkeypatch.setattr(Catalog, "is_written", is_written)
    asyncio.run(restoring.cells(ADA, None, "a.ipynb"))
    assert asked
    assert threading.main_thread() not in asked


def test_nothing_is_kept_of_a_notebook_that_was_not_written(restoring: Restoring) -> None:
    """It was kept before, and there would be nothing to undo."""
    notebook: Any = Notebook()
    notebook.changed = True

    async def both() -> None:
        with pytest.raises(NotebookChanged):
            await restoring.restore(ADA, None, notebook, Wish(), "a.ipynb")
        with pytest.raises(NothingToUndo):
            await restoring.undo(ADA, None, notebook, "a.ipynb", dry_run=True)

    asyncio.run(both())


def test_one_that_fails_leaves_the_undo_of_another(
    restoring: Restoring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two restore into a notebook at once: the one that was late has changed nothing."""
    late: Any = Notebook()
    good: Any = Notebook()

    async def both() -> None:
        begun, go_on = asyncio.Event(), asyncio.Event()

        async def write(_: Document) -> None:
            begun.set()
            await go_on.wait()
            raise NotebookChanged("The notebook was changed.")

        monkeypatch.setattr(late, "write", write)
        failing = asyncio.create_task(restoring.restore(ADA, None, late, Wish(), "a.ipynb"))
        await begun.wait()
        other = asyncio.create_task(restoring.restore(ADA, None, good, Wish(), "a.ipynb"))
        await asyncio.wait({other}, timeout=0.5)
        go_on.set()
        with pytest.raises(NotebookChanged):
            await failing
        await other
        undone = await restoring.undo(ADA, None, good, "a.ipynb", dry_run=True)
        assert undone["undone"] == 1

    asyncio.run(both())


def test_what_ends_while_it_is_looked_at_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is sealed between the look at its journal and the reading of it has left the spool."""
    catalog = Catalog(tmp_path)
    record = catalog.open(SessionKey("ada", "/root"))
    with running(record, monkeypatch) as one:
        look = one.recorder.look

        async def late(session_id: str, number: int) -> Glimpse | None:
            monkeypatch.setattr(one.recorder, "look", look)
            glimpse = await look(session_id, number)
            assert glimpse is not None
            await asyncio.to_thread(one.end)
            return glimpse

        monkeypatch.setattr(one.recorder, "look", late)
        known: Any = Known(record.session, record)
        restoring = Restoring(catalog, known, one.recorder, lambda *_: None)
        answer = json.loads(asyncio.run(restoring.outputs(ADA, record.session.id, 1)))
    assert answer["run"]["status"] == "ok"
    assert answer["outputs"] == [SHOWN]
