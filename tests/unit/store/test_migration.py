from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from jupyter_session_export.errors import StoreDamaged, StoreTooNew
from jupyter_session_export.store.migration import (
    Migration,
    known_migrations,
    migrate,
    schema_version,
)

NEXT = len(known_migrations()) + 1


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    yield connection
    connection.close()


def test_numbers_have_no_gaps() -> None:
    """Migrations are numbered 1, 2, 3 …"""
    versions = [migration.version for migration in known_migrations()]
    assert versions == list(range(1, len(versions) + 1))


def test_each_is_recorded_and_applied_once(connection: sqlite3.Connection) -> None:
    """Migrating again changes nothing."""
    migrate(connection, known_migrations())
    migrate(connection, known_migrations())
    assert schema_version(connection) == len(known_migrations())
    names = connection.execute("SELECT name FROM migrations ORDER BY version").fetchall()
    assert names == [(migration.name,) for migration in known_migrations()]


def test_a_broken_step_leaves_no_trace(connection: sqlite3.Connection) -> None:
    """A step is applied with its record or not at all; those before it stay."""
    broken = Migration(NEXT, "broken", "CREATE TABLE half (a); INSERT INTO missing VALUES (1);")
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, [*known_migrations(), broken])
    assert schema_version(connection) == NEXT - 1
    assert not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'half'").fetchall()
    assert not connection.in_transaction


def test_only_what_is_missing_is_applied(connection: sqlite3.Connection) -> None:
    """A later version adds its steps to what is there."""
    migrate(connection, known_migrations())
    connection.execute("UPDATE counters SET position = 7")
    migrate(connection, [*known_migrations(), Migration(NEXT, "more", "CREATE TABLE more (a);")])
    assert schema_version(connection) == NEXT
    assert connection.execute("SELECT position FROM counters").fetchone() == (7,)


def test_a_newer_schema_is_refused(connection: sqlite3.Connection) -> None:
    """What a newer version wrote is not touched."""
    migrate(connection, [*known_migrations(), Migration(NEXT, "more", "CREATE TABLE more (a);")])
    with pytest.raises(StoreTooNew, match=f"schema {NEXT}"):
        migrate(connection, known_migrations())


def test_a_strange_database_is_damage(connection: sqlite3.Connection) -> None:
    """A database of somebody else is not built upon."""
    connection.execute("CREATE TABLE theirs (a)")
    with pytest.raises(StoreDamaged):
        migrate(connection, known_migrations())
