"""Keeping the sessions within the quota."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from jupyter_session_export.errors import StoreFull
from jupyter_session_export.records.session import SessionKey
from jupyter_session_export.server.quota import Quota
from jupyter_session_export.store.catalog import Catalog
from jupyter_session_export.store.room import Room

LOG = logging.getLogger(__name__)
MIB = 1024 * 1024


async def test_room_is_made_where_there_is_hardly_any(tmp_path: Path) -> None:
    """At most once a minute, and what is taken then is told to the store."""
    catalog = Catalog(tmp_path / "data", Room(2 * MIB))
    record = catalog.open(SessionKey("ada", "/home/ada"))
    file = record.folder.outputs / "file"
    file.write_bytes(bytes(2 * MIB))
    made: list[bool] = []

    async def make_room() -> None:
        made.append(True)
        file.write_bytes(bytes(MIB))

    quota = Quota(catalog, make_room, LOG)
    assert await quota.once() < 1.5 * MIB
    catalog.room.take(MIB // 4)
    file.write_bytes(bytes(3 * MIB))
    assert await quota.once() > 3 * MIB
    assert made == [True]
    with pytest.raises(StoreFull):
        catalog.room.take(1)
    await quota.stop()
    record.close()


async def test_without_a_quota_nothing_is_measured(tmp_path: Path) -> None:
    """0 turns it off."""
    catalog = Catalog(tmp_path / "data")

    async def make_room() -> None:
        raise AssertionError

    quota = Quota(catalog, make_room, LOG)
    quota.start()
    assert quota._task is None
    await quota.stop()
