"""Looking whether a record is whole changes nothing, and finds what isn't."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from jupyter_session_export.errors import (
    ContentDamaged,
    StoreDamaged,
    StoreTooNew,
    StoreUnavailable,
)
from jupyter_session_export.records.session import SessionKey
from jupyter_session_export.store.catalog import Catalog
from jupyter_session_export.store.examination import examine_record
from jupyter_session_export.store.folder import SessionFolder


@pytest.fixture
def folder(tmp_path: Path) -> SessionFolder:
    """A session that was closed, with one piece of content in a file of its own."""
    record = Catalog(tmp_path / "data").open(SessionKey("ada", "/lab"))
    record.blobs.put(os.urandom(200_000))
    record.commit()
    record.close()
    return record.folder


@pytest.fixture
def until() -> float:
    """Time enough."""
    return time.monotonic() + 200


def tree(folder: SessionFolder) -> dict[str, tuple[int, int]]:
    files = (path for path in folder.path.rglob("*"))
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in files}


def test_a_whole_record_is_whole_and_stays_as_it_is(folder: SessionFolder, until: float) -> None:
    """Not even a side file of SQLite's is made."""
    before = tree(folder)
    assert examine_record(folder, until)
    assert tree(folder) == before


def test_a_record_that_is_being_written(tmp_path: Path, until: float) -> None:
    """Its committed part is looked at; the writer goes on."""
    record = Catalog(tmp_path / "data").open(SessionKey("ada", "/lab"))
    assert examine_record(record.folder, until)
    record.set_value("x", 1)
    record.commit()
    record.close()


def test_a_damaged_page_is_found(folder: SessionFolder, until: float) -> None:
    """Also one that no ordinary reading would meet."""
    with folder.database.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(8192))
    with pytest.raises(StoreDamaged):
        examine_record(folder, until)


def test_a_record_that_is_missing(folder: SessionFolder, until: float) -> None:
    """An empty file is none either."""
    folder.database.write_bytes(b"")
    with pytest.raises(StoreDamaged):
        examine_record(folder, until)
    folder.database.unlink()
    with pytest.raises(StoreDamaged):
        examine_record(folder, until)


@pytest.mark.parametrize("harm", ["removed", "cut short"])
def test_content_that_is_not_there_is_found(harm: str, folder: SessionFolder, until: float) -> None:
    """By its name and length; what it holds an export checks."""
    (blob,) = (path for path in folder.blobs.rglob("*") if path.is_file())
    if harm == "removed":
        blob.unlink()
    else:
        os.truncate(blob, 10)
    with pytest.raises(ContentDamaged) as caught:
        examine_record(folder, until)
    assert caught.value.detail == "1 files."


def test_a_newer_record_is_refused(folder: SessionFolder, until: float) -> None:
    """It is left untouched."""
    with closing(sqlite3.connect(folder.database)) as database, database:
        database.execute("INSERT INTO migrations VALUES (999, 'future', '')")
    with pytest.raises(StoreTooNew):
        examine_record(folder, until)


def test_there_is_an_end_to_looking(folder: SessionFolder) -> None:
    """What could not be looked at in time is not called whole."""
    with closing(sqlite3.connect(folder.database)) as database, database:
        rows = ((f"kernel{number}", "python", "python", ".py") for number in range(50_000))
        database.executemany("INSERT INTO kernels VALUES (?, ?, ?, ?)", rows)
    assert not examine_record(folder, time.monotonic())


def test_what_a_crashed_writer_left_is_not_rolled_back(folder: SessionFolder, until: float) -> None:
    """That is for whoever reads the session next."""
    with closing(sqlite3.connect(folder.database)) as database:
        database.execute("PRAGMA journal_mode = DELETE")
    journal = folder.database.with_name(folder.database.name + "-journal")
    program = (
        "import os, sqlite3, sys\n"
        "database = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "database.execute('PRAGMA cache_size = 1')\n"
        "database.execute('BEGIN IMMEDIATE')\n"
        "for number in range(2000):\n"
        "    row = (f'k{number}' * 50, 'p', 'p', '.py')\n"
        "    database.execute('INSERT INTO kernels VALUES (?, ?, ?, ?)', row)\n"
        "os._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", program, folder.database], check=True)
    left = journal.read_bytes()
    assert left
    with pytest.raises(StoreUnavailable):
        examine_record(folder, until)
    assert journal.read_bytes() == left
