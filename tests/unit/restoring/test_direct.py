"""Restoring into a notebook's file, by the records alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest

from jupyter_session_export.errors import NotebookChanged, StoreUnavailable
from jupyter_session_export.records.session import SessionKey
from jupyter_session_export.restoring import direct
from jupyter_session_export.restoring.decisions import Wish
from jupyter_session_export.restoring.undo import UndoFolder
from jupyter_session_export.store.catalog import Catalog

from .runs import outputs_of, run_of, text


@pytest.fixture
def catalog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Catalog:
    """A catalog of one session, which has one run of the cell `a` with a text."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    catalog = Catalog(tmp_path / "data")
    record = catalog.open(SessionKey("ada", str(tmp_path)))
    record.close()
    run = run_of("x", cell_id="a", session_id=record.session.id)
    monkeypatch.setattr(direct.CellRuns, "of_notebook", lambda _: ([run], []))
    monkeypatch.setattr(direct, "_load", lambda *_: outputs_of(run, text("recorded")))
    return catalog


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x", id="a")]), path)
    return path


def restored(catalog: Catalog, path: Path) -> int:
    return len(direct.restore_file(catalog, catalog.sessions(), path, Wish()).written)


def test_what_was_restored_is_taken_back(catalog: Catalog, path: Path) -> None:
    """To the byte."""
    before = path.read_bytes()
    assert restored(catalog, path) == 1
    assert b"recorded" in path.read_bytes()
    assert direct.undo_file(catalog, catalog.sessions(), path, dry_run=False) == (1, 0)
    assert path.read_bytes() == before


def test_no_notebook_is_written_before_what_it_had_is_kept(
    catalog: Catalog, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk must not cost what the notebook had."""

    def full(*_: Any) -> None:
        raise StoreUnavailable("The disk is full.")

    monkeypatch.setattr(UndoFolder, "keep", full)
    before = path.read_bytes()
    with pytest.raises(StoreUnavailable):
        restored(catalog, path)
    assert path.read_bytes() == before


def test_nothing_is_kept_of_a_notebook_that_was_not_written(
    catalog: Catalog, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There would be nothing to undo."""

    def changed(*_: Any) -> None:
        raise NotebookChanged("The notebook was changed.")

    monkeypatch.setattr(direct.NotebookFile, "write", changed)
    with pytest.raises(NotebookChanged):
        restored(catalog, path)
    assert list((catalog.data_dir / "restored").iterdir()) == []
