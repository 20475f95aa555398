"""Sessions on a real disk, and the values that are kept in them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from jupyter_session_export.errors import StoreError
from jupyter_session_export.records.content import Member
from jupyter_session_export.records.execution import Execution, ExecutionKey, Kernel, Status
from jupyter_session_export.records.session import SessionKey
from jupyter_session_export.store.catalog import Catalog
from jupyter_session_export.store.folder import SessionFolder
from jupyter_session_export.store.record import Record

AT = datetime(2026, 1, 31, 12, 0, 0, 123456, tzinfo=timezone.utc)


@pytest.fixture
def at() -> datetime:
    return AT


@pytest.fixture
def key() -> SessionKey:
    return SessionKey("ada", "/home/ada")


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog(tmp_path / "data")


@pytest.fixture
def record(catalog: Catalog, key: SessionKey) -> Iterator[Record]:
    record = catalog.open(key)
    yield record
    # Tests break it on purpose, or have closed it.
    with suppress(StoreError, Exception):
        record.close()


@pytest.fixture
def folder(tmp_path: Path) -> SessionFolder:
    folder = SessionFolder(tmp_path / ("0" * 32))
    folder.create()
    return folder


@pytest.fixture
def make_execution() -> Callable[..., Execution]:
    def make(number: int = 1, msg_id: str | None = None, **others: Any) -> Execution:
        kernel = others.pop("kernel", Kernel("k1", "python3", "python", ".py"))
        values = {"status": Status.OK, "started_at": AT, "finished_at": AT, **others}
        return Execution(
            key=ExecutionKey(kernel.id, 1, msg_id or f"message-{number}"),
            number=number,
            session_id="0" * 32,
            user_id="ada",
            kernel=kernel,
            **values,
        )

    return make


@pytest.fixture
def keep() -> Callable[..., Member]:
    def keep(record: Record, name: str, content: bytes) -> Member:
        return Member(name, record.blobs.put(content), AT)

    return keep


@pytest.fixture
def child() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start Python code in a process of its own; killed when the test ends."""
    children: list[subprocess.Popen[str]] = []

    def start(code: str, *arguments: object) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", code, *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        children.append(process)
        return process

    yield start
    for process in children:
        process.kill()
        process.communicate()
