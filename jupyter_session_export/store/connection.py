"""Opening a session's database: its permissions, its journal, its schema."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

from ..errors import StoreDamaged
from .faults import StoreFaults
from .folder import SessionFolder, open_private, refuse_link
from .journal import bears_wal
from .migration import Migration, known_migrations, migrate, refuse_newer, schema_version

BUSY_SECONDS = 10.0
Configure = Callable[[sqlite3.Connection], None]
_OPENING = StoreFaults("open the record")


def connect_writer(
    folder: SessionFolder, migrations: Sequence[Migration] | None = None
) -> sqlite3.Connection:
    """Open the database for the one who holds the lease; make and migrate it as needed."""
    steps = migrations or known_migrations()
    path = folder.database
    with _OPENING:
        for file in folder.database_files:
            refuse_link(file)
        # SQLite gives its side files the permissions of this one.
        os.close(open_private(path, os.O_RDWR | os.O_CREAT))
        _open_unchanged(path, lambda old: refuse_newer(schema_version(old), steps)).close()
        return _configured(_connect(path, "rw"), lambda new: _prepare(new, folder, steps))


def connect_reader(folder: SessionFolder) -> sqlite3.Connection:
    """Open the database without changing it, also where nothing can be written."""
    with _OPENING:
        if not folder.database.is_file():
            raise StoreDamaged("The session has no record.", f"{folder.database} is missing.")
        return _open_unchanged(folder.database, _check)


def _open_unchanged(path: Path, configure: Configure) -> sqlite3.Connection:
    try:
        return _configured(_connect(path, "ro"), configure)
    except sqlite3.OperationalError:
        if _has_journal(path):
            # A crashed writer's transaction must be rolled back before anything can be read.
            return _configured(_connect(path, "rw"), configure)
        # In a read-only folder there can't be the shared memory that a log needs.
        return _configured(_connect(path, "ro&immutable=1"), configure)


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )


def _configured(connection: sqlite3.Connection, configure: Configure) -> sqlite3.Connection:
    try:
        configure(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(
    connection: sqlite3.Connection, folder: SessionFolder, migrations: Sequence[Migration]
) -> None:
    journal = "WAL" if bears_wal(folder.path.parent) else "DELETE"
    if connection.execute(f"PRAGMA journal_mode = {journal}").fetchone() == ("wal",):
        connection.execute("PRAGMA synchronous = NORMAL")
    else:
        # Else a transaction larger than the cache would shut out readers before its commit.
        connection.execute("PRAGMA cache_spill = OFF")
    connection.execute("PRAGMA foreign_keys = ON")
    # What is deleted, its owner wants gone.
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA temp_store = MEMORY")
    migrate(connection, migrations)


def _check(connection: sqlite3.Connection) -> None:
    version = schema_version(connection)
    refuse_newer(version, known_migrations())
    if version == 0:
        raise StoreDamaged("The session has no record.", "Its database is empty.")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA query_only = ON")


def _has_journal(path: Path) -> bool:
    journals = (path.with_name(path.name + suffix) for suffix in ("-wal", "-journal"))
    return any(journal.is_file() and journal.stat().st_size > 0 for journal in journals)
