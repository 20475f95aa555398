"""How much sessions take on disk."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_session_export.records.session import Counts, Session, SessionKey
from jupyter_session_export.server import gauge as gauge_module
from jupyter_session_export.server.gauge import Gauge
from jupyter_session_export.store.catalog import Catalog
from jupyter_session_export.workspaces.listing import bytes_below


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog(tmp_path / "data")


@pytest.fixture
def session(catalog: Catalog) -> Session:
    """A session that nobody writes, with a file of its own."""
    record = catalog.open(SessionKey("ada", ""))
    record.close()
    (record.folder.outputs / "file").write_bytes(b"x" * 1000)
    return record.session


@pytest.fixture
def gauge(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gauge]:
    # The first answer waits for its measure, however busy the machine is.
    monkeypatch.setattr(gauge_module, "PATIENCE", 30.0)
    gauge = Gauge(catalog, logging.getLogger("test"))
    yield gauge
    gauge.close()


async def test_a_folder_is_measured_once(gauge: Gauge, catalog: Catalog, session: Session) -> None:
    """All that lies in it, remembered until it is told to have changed."""
    first = await gauge.measure([session], set())
    assert first[session.id].bytes == bytes_below(catalog.folder(session.id).path).bytes > 1000
    (catalog.folder(session.id).outputs / "more").write_bytes(b"x" * 1000)
    assert await gauge.measure([session], set()) == first
    gauge.forget(session.id)
    again = await gauge.measure([session], set())
    assert again[session.id].bytes == first[session.id].bytes + 1000


async def test_what_nobody_counted_is_counted(gauge: Gauge, session: Session) -> None:
    """A session of an older version, whose session.json has no counts."""
    measured = await gauge.measure([replace(session, counts=None)], set())
    assert measured[session.id].counts == Counts()


async def test_an_answer_waits_for_no_disk(
    gauge: Gauge, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that takes long is missing from the answer, not measured twice, and known later."""
    monkeypatch.setattr(gauge_module, "PATIENCE", 0.01)
    gate, begun = threading.Event(), []

    def slow(path: Path) -> object:
        begun.append(path)
        gate.wait()
        return bytes_below(path)

    monkeypatch.setattr(gauge_module, "bytes_below", slow)
    assert await gauge.measure([session], set()) == {}
    assert await gauge.measure([session], set()) == {}
    gate.set()
    monkeypatch.setattr(gauge_module, "PATIENCE", 30.0)
    assert session.id in await gauge.measure([session], set())
    assert len(begun) == 1


async def test_a_failure_is_told(
    gauge: Gauge,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What could not be measured is missing from the answer, and no secret."""

    def fail(path: Path) -> object:
        raise RuntimeError("odd")

    monkeypatch.setattr(gauge_module, "bytes_below", fail)
    assert await gauge.measure([session], set()) == {}
    assert "could not be measured: odd" in caplog.text
