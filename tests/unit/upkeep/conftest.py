from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from jupyter_session_export.records.session import Session, SessionKey
from jupyter_session_export.records.times import now, to_iso
from jupyter_session_export.store.catalog import Catalog


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog(tmp_path / "data")


@pytest.fixture
def aged(catalog: Catalog) -> Callable[..., Session]:
    """Make a session that was last active so long ago, with a file of 1,000 bytes."""

    def make(active: timedelta, ended: timedelta | None = None, **changes: Any) -> Session:
        record = catalog.open(SessionKey("ada", f"/{uuid4()}"))
        record.close()
        path = record.folder.session_json
        times = {
            "last_active_at": to_iso(now() - active),
            "ended_at": None if ended is None else to_iso(now() - ended),
        }
        path.write_text(json.dumps({**json.loads(path.read_text()), **times, **changes}))
        (record.folder.outputs / "file").write_bytes(b"x" * 1000)
        return catalog.find(record.session.id)

    return make
