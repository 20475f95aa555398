"""Counting what lies on disk, without making it a burden."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_session_export.exports import walks as walks_module
from jupyter_session_export.exports.walks import Walks
from jupyter_session_export.records.session import SessionKey
from jupyter_session_export.store.catalog import Catalog
from jupyter_session_export.store.record import Record


@pytest.fixture
def record(tmp_path: Path) -> Record:
    """A session that nobody writes, over a root with a notebook's folder in it."""
    root = tmp_path / "root"
    (root / "work" / "deep").mkdir(parents=True)
    (root / "work" / "a.ipynb").write_bytes(b"x" * 10)
    (root / "work" / "deep" / "table.csv").write_bytes(b"x" * 100)
    (root / "work" / ".hidden").write_bytes(b"x" * 1000)
    (root / "elsewhere.txt").write_bytes(b"x" * 10_000)
    record = Catalog(tmp_path / "data").open(SessionKey("ada", str(root)))
    record.close()
    return record


def test_a_workspace_is_what_an_export_would_take(record: Record) -> None:
    """The notebooks' folders, without what is hidden, none of them twice."""
    walks = Walks(None, include_hidden=False)
    notebooks = ["work/a.ipynb", "work/deep/b.ipynb"]
    assert walks.workspace(record.session, record.folder, notebooks) == (2, 110)
    assert walks.workspace(record.session, record.folder, []) == (0, 0)
    hidden = Walks(None, include_hidden=True)
    assert hidden.workspace(record.session, record.folder, notebooks) == (3, 1110)


def test_what_takes_too_long_is_not_known(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    """No figure is better than a page that waits, or a wrong one."""
    monkeypatch.setattr(walks_module, "WALK_SECONDS", -1.0)
    walks = Walks(None, include_hidden=False)
    assert walks.workspace(record.session, record.folder, ["work/a.ipynb"]) is None


def test_what_took_long_is_remembered(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is counted again when that has become cheap by comparison."""
    walks = Walks(None, include_hidden=False)
    monkeypatch.setattr(walks_module, "REST", 10**9)
    before = walks.outputs(record.folder)
    (record.folder.outputs / "file").write_bytes(b"x")
    assert walks.outputs(record.folder) == before == {"count": 0, "bytes": 0}
    again = Walks(None, include_hidden=False)
    monkeypatch.setattr(walks_module, "REST", 0)
    assert again.outputs(record.folder) == {"count": 1, "bytes": 1}
