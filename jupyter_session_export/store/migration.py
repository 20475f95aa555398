"""The database's schema: numbered steps, each applied with its own record or not at all."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from ..errors import StoreDamaged, StoreTooNew
from ..records.times import now, to_iso


@dataclass(frozen=True, slots=True)
class Migration:
    """One step; `sql` must not begin or end a transaction."""

    version: int
    name: str
    sql: str

    def apply(self, connection: sqlite3.Connection) -> None:
        """Apply and record it in one transaction. Raises sqlite3.Error and leaves no trace then."""
        # executescript takes no parameters, and all of this is the package's own text.
        values = f"{self.version:d}, '{self.name}', '{to_iso(now())}'"
        record = f"INSERT INTO migrations (version, name, applied_at) VALUES ({values});"  # noqa: S608
        try:
            connection.executescript(f"BEGIN IMMEDIATE;\n{self.sql}\n{record}\nCOMMIT;")
        except sqlite3.Error:
            if connection.in_transaction:
                connection.rollback()
            raise


@lru_cache(maxsize=1)
def known_migrations() -> tuple[Migration, ...]:
    """Return the package's steps, from `migrations/0001_<name>.sql` on."""
    folder = files(__package__) / "migrations"
    return tuple(
        Migration(int(file.name[:4]), file.name[5:-4], file.read_text("utf-8"))
        for file in sorted(folder.iterdir(), key=lambda file: file.name)
        if file.name.endswith(".sql")
    )


def schema_version(connection: sqlite3.Connection) -> int:
    """Return the number of the last step applied; 0 for an empty database.

    Raises StoreDamaged for a database that isn't ours.
    """
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    if not tables:
        return 0
    if "migrations" not in tables:
        raise StoreDamaged("The record's database is not one of ours.", "It has no migrations.")
    (version,) = connection.execute("SELECT max(version) FROM migrations").fetchone()
    return int(version or 0)


def refuse_newer(version: int, migrations: Sequence[Migration]) -> None:
    """Raise StoreTooNew for a schema that this version of the package doesn't know."""
    newest = migrations[-1].version
    if version > newest:
        raise StoreTooNew(
            f"The record has schema {version}; this version knows up to {newest}.",
            "Install the version of jupyter_session_export that wrote it, or a newer one.",
        )


def migrate(connection: sqlite3.Connection, migrations: Sequence[Migration]) -> None:
    """Apply the steps that are missing, in order. Raises StoreTooNew."""
    version = schema_version(connection)
    refuse_newer(version, migrations)
    for migration in migrations:
        if migration.version > version:
            migration.apply(connection)
