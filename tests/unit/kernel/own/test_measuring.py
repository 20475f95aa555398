"""What all sessions take, measured where no server does it."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from jupyter_session_export.errors import StoreFull
from jupyter_session_export.kernel.own import measuring as module
from jupyter_session_export.kernel.own.measuring import Measuring
from jupyter_session_export.records.session import SessionKey
from jupyter_session_export.store.catalog import Catalog
from jupyter_session_export.store.room import Room
from tests.waiting import wait_until

LOG = logging.getLogger(__name__)
MOST = 10_000_000


def taken(catalog: Catalog, size: int) -> Path:
    """Have another's session take so many bytes; return the file."""
    record = Catalog(catalog.data_dir).open(SessionKey("ada", "", "another kernel"))
    record.close()
    file = record.folder.outputs / "file"
    file.write_bytes(b"x" * size)
    return file


def test_what_others_take_counts_once_much_is_written(tmp_path: Path) -> None:
    """A kernel that writes little measures nothing."""
    catalog = Catalog(tmp_path, Room(MOST))
    taken(catalog, MOST // 2)
    measuring = Measuring(catalog, lambda: None, LOG)
    catalog.room.take(1000)
    assert catalog.room.left == MOST - 1000
    catalog.room.take(MOST // 50)
    wait_until(lambda: catalog.room.left < MOST // 2)
    measuring.stop()


def test_room_is_made_and_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What may go is removed once; then it looks again and again whether others made some."""
    monkeypatch.setattr(module, "AGAIN_SECONDS", 0.01)
    catalog, asked = Catalog(tmp_path, Room(MOST)), []
    file = taken(catalog, MOST)
    measuring = Measuring(catalog, lambda: asked.append(True), LOG)
    catalog.room.take(MOST // 50)
    wait_until(lambda: catalog.room.left < 0)
    with pytest.raises(StoreFull):
        catalog.room.take(1)
    file.unlink()
    wait_until(lambda: catalog.room.left > MOST // 2)
    catalog.room.take(1)
    assert asked == [True]
    measuring.stop()
