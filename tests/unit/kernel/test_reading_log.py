"""Readings are held for a moment, and none is lost or kept twice."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from jupyter_session_export.errors import StoreUnavailable
from jupyter_session_export.kernel import reading_log
from jupyter_session_export.kernel.reading_log import ReadingLog
from jupyter_session_export.records.reading import Reading
from jupyter_session_export.workspaces.spool import Row, SpoolWriter, read_spool


def row(number: int) -> Row:
    return (1_746_180_900_000_000_000 + number, "s", number, None, None, None)


def values(folder: Path) -> list[int]:
    (path,) = folder.iterdir()
    items = read_spool(path, "kernel", 2_000_000_000_000_000)
    return [item.value for item in items if isinstance(item, Reading)]


def test_readings_are_written_without_being_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a thread, soon after they came."""
    written = threading.Event()
    real = SpoolWriter.readings

    def write(writer: SpoolWriter, rows: list[Row]) -> None:
        real(writer, rows)
        written.set()

    monkeypatch.setattr(SpoolWriter, "readings", write)
    log = ReadingLog(tmp_path / "readings")
    log.add(row(1))
    assert written.wait(60)
    assert values(tmp_path / "readings") == [1]
    log.close()


def test_readings_of_many_threads_are_all_kept(tmp_path: Path) -> None:
    """Each once, and those of one thread in their order."""
    log = ReadingLog(tmp_path / "readings")

    def add(first: int) -> None:
        for number in range(first, first + 10_000):
            log.add(row(number))

    threads = [threading.Thread(target=add, args=(n * 10_000,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log.close()
    found = values(tmp_path / "readings")
    assert sorted(found) == list(range(40_000))
    assert [n for n in found if n < 10_000] == list(range(10_000))


def test_what_is_held_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever adds faster than the thread writes, writes."""
    monkeypatch.setattr(reading_log, "FLUSH_SECONDS", 3600)
    monkeypatch.setattr(reading_log, "MOST_HELD", 10)
    log = ReadingLog(tmp_path / "readings")
    for number in range(11):
        log.add(row(number))
    assert values(tmp_path / "readings") == list(range(10))
    log.close()
    assert values(tmp_path / "readings") == list(range(11))


def test_a_full_disk_is_told_once_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Readings wait in memory; when no more fit there, the call that adds one raises."""
    monkeypatch.setattr(reading_log, "FLUSH_SECONDS", 3600)
    monkeypatch.setattr(reading_log, "MOST_HELD", 2)
    monkeypatch.setattr(reading_log, "MOST_UNWRITABLE", 4)
    log = ReadingLog(tmp_path / "readings")

    def fail(writer: SpoolWriter, rows: list[Row]) -> None:
        raise StoreUnavailable("Full.", "No room.")

    with monkeypatch.context() as full:
        full.setattr(SpoolWriter, "readings", fail)
        for number in range(4):
            log.add(row(number))
        with pytest.raises(StoreUnavailable):
            log.add(row(4))
    assert [record.message for record in caplog.records] == ["Full. No room."]
    log.flush()
    assert values(tmp_path / "readings") == [0, 1, 2, 3]
    log.close()
