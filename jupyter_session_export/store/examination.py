"""Looking whether a session's record is whole, without changing a byte of it."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing

from ..errors import ContentDamaged, StoreDamaged
from .connection import connect_untouched
from .faults import StoreFaults
from .folder import SessionFolder
from .lease import holder_of

_STEPS = 100_000
"""SQLite's instructions between two looks at the clock: some milliseconds."""
_READING = StoreFaults("check the record")


def examine_record(folder: SessionFolder, until: float) -> bool:
    """Check a record and that its content is there; False where `time.monotonic` reached `until`.

    Raises ContentDamaged, another StoreDamaged, StoreTooNew or StoreUnavailable.
    """
    settled = _is_settled(folder)
    try:
        return _examine(folder, until, settled=settled)
    except StoreDamaged:
        if settled and not _is_settled(folder):
            # Somebody has begun to write it meanwhile.
            return _examine(folder, until, settled=False)
        raise


def _is_settled(folder: SessionFolder) -> bool:
    """Tell whether nobody writes it, and its last writer has closed it."""
    journals = (
        folder.database.with_name(folder.database.name + suffix) for suffix in ("-wal", "-journal")
    )
    pending = any(journal.is_file() and journal.stat().st_size for journal in journals)
    return not pending and holder_of(folder) is None


def _examine(folder: SessionFolder, until: float, *, settled: bool) -> bool:
    with _READING, closing(connect_untouched(folder, settled=settled)) as connection:
        connection.set_progress_handler(lambda: int(time.monotonic() >= until), _STEPS)
        try:
            _check_database(connection)
            # What is written just now is made and collected while one looks.
            if settled:
                _check_contents(connection, folder)
        except sqlite3.OperationalError as error:
            if "interrupted" in str(error):
                return False
            raise
    return True


def _check_database(connection: sqlite3.Connection) -> None:
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise StoreDamaged("The record is damaged.", str(verdict))


def _check_contents(connection: sqlite3.Connection, folder: SessionFolder) -> None:
    rows = connection.execute("SELECT sha256, stored_size FROM blobs WHERE content IS NULL")
    missing = sum(not _is_file_of(folder, sha256.hex(), size) for sha256, size in rows)
    if missing:
        raise ContentDamaged("Recorded content is missing or cut short.", f"{missing} files.")


def _is_file_of(folder: SessionFolder, name: str, size: int) -> bool:
    try:
        return os.lstat(folder.blobs / name[:2] / name).st_size == size
    except FileNotFoundError:
        return False
