"""A database counts as it grows."""

from __future__ import annotations

from pathlib import Path

from jupyter_session_export.records.session import SessionKey
from jupyter_session_export.records.times import now
from jupyter_session_export.store.catalog import Catalog
from jupyter_session_export.store.room import Room
from jupyter_session_export.workspaces.listing import bytes_below


def test_what_sqlite_writes_is_counted_with_each_commit(tmp_path: Path, key: SessionKey) -> None:
    """A session's database and its log take room, and give it back when it is closed."""
    room = Room(10**9)
    catalog = Catalog(tmp_path / "data", room)
    record = catalog.open(key)
    for number in range(200):
        record.note_notebook(f"{number}.ipynb", "kernel", now())
    record.commit()
    files = record.folder.database_files
    open_size = sum(file.stat().st_size for file in files if file.exists())
    assert room.most - room.left == open_size > 100_000
    record.close()
    closed_size = bytes_below(record.folder.path).bytes
    # session.json and the lease are of a few hundred bytes.
    assert closed_size - 2000 < room.most - room.left <= closed_size < open_size
    resumed = catalog.open(key)
    resumed.close()
    assert room.most - room.left <= bytes_below(record.folder.path).bytes
