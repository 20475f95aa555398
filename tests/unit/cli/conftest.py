from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_session_export.records.session import SessionKey
from jupyter_session_export.store.catalog import Catalog
from jupyter_session_export.store.record import Record
from tests.unit.client.fake_server import Running, serving


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog(tmp_path / "data")


@pytest.fixture
def kept(catalog: Catalog) -> Iterator[Record]:
    """Session1, which nobody writes any more."""
    record = catalog.open(SessionKey("ada", "/lab"))
    record.close()
    return record


@pytest.fixture
def live(catalog: Catalog, kept: Record) -> Iterator[tuple[Record, Running]]:
    """Session2, which a server writes, and the server."""
    record = catalog.open(SessionKey("bob", "/lab"))
    with serving() as server:
        access = json.dumps({**server.access(), "session_id": record.session.id})
        record.folder.write_private(record.folder.access_json, access.encode())
        yield record, server
    record.close()
