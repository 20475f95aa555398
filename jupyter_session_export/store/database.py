"""One connection to a session's database, which threads share under a lock."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from typing import Any

from ..errors import StoreDamaged, StoreError, StoreUnavailable
from .connection import connect_reader, connect_writer
from .faults import StoreFaults
from .folder import SessionFolder

Row = tuple[Any, ...]
MEMORY_BYTES = 64 * 1024 * 1024
"""A larger record is rewritten by way of a file."""
KEPT_BYTES = 8 * 1024 * 1024
"""More than this of what was kept is committed at once, and not held in memory any longer."""
_READING = StoreFaults("read the record")
_WRITING = StoreFaults("write the record")


class Database:
    """Reads at any time; writes in one open transaction until `commit`.

    `position` goes up with each change and is stored at commit. `losses` counts
    the transactions that SQLite gave up, with all that was written in them but by `keep`,
    and the steps that were taken back.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.lock = threading.RLock()
        self._connection = connection
        self.losses = 0
        self._is_open = False
        self._kept: list[tuple[str, Sequence[object]]] = []
        self._kept_bytes = 0
        self.position = self._committed = int(self.rows("SELECT position FROM counters")[0][0])

    @classmethod
    def for_writing(cls, folder: SessionFolder) -> Database:
        """Open it, made and migrated as needed. Raises StoreError."""
        return cls(connect_writer(folder))

    @classmethod
    def for_reading(cls, folder: SessionFolder) -> Database:
        """Open it and change nothing. Raises StoreError."""
        return cls(connect_reader(folder))

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        with self.lock, _READING:
            return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, values: Sequence[object] = ()) -> Row | None:
        with self.lock, _READING:
            found: Row | None = self._connection.execute(sql, values).fetchone()
            return found

    def change(self, sql: str, values: Sequence[object] = ()) -> int:
        """Run one statement in the open transaction; return the number of rows it changed."""
        with self.lock, _WRITING:
            self._begin()
            return self._connection.execute(sql, values).rowcount

    def keep(self, sql: str, values: Sequence[object], size: int) -> None:
        """Run one statement, which is run again where SQLite gives up its transaction.

        It must do no harm twice. `size` is how many bytes the values take meanwhile.
        """
        with self.lock:
            self.change(sql, values)
            self._kept.append((sql, values))
            self._kept_bytes += size
            if self._kept_bytes > KEPT_BYTES:
                self.commit()

    def renew(self) -> None:
        """Run again what was kept and is lost; else reads don't see it. Raises StoreUnavailable."""
        with self.lock, _WRITING:
            self._note_loss()
            if self._kept and not self._is_open:
                self._begin()

    def change_each(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        with self.lock, _WRITING:
            self._begin()
            self._connection.executemany(sql, rows)

    @contextmanager
    def step(self) -> Iterator[int]:
        """Changes that count as one: all are made or none. Gives the step's position."""
        with self.lock:
            before = self.losses
            self.change("SAVEPOINT step")
            self.position += 1
            try:
                yield self.position
                self.change("RELEASE step")
            except BaseException:
                self._note_loss()
                if self.losses == before:
                    self.change("ROLLBACK TO step")
                    self.change("RELEASE step")
                    self.losses += 1
                raise

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Reads that see the record at one instant; for connections that only read."""
        with self.lock:
            with _READING:
                self._connection.execute("BEGIN")
            try:
                yield
            finally:
                with _READING:
                    self._connection.rollback()

    def commit(self) -> None:
        """Make durable what was written.

        Raises StoreUnavailable; what SQLite could keep is part of the next commit.
        """
        with self.lock:
            self._note_loss()
            if not (self._is_open or self._kept):
                return
            try:
                self.change("UPDATE counters SET position = ?", (self.position,))
                with _WRITING:
                    self._connection.commit()
            except StoreError:
                self._note_loss()
                raise
            self._is_open = False
            self._committed = self.position
            self._kept, self._kept_bytes = [], 0

    def wipe(self) -> bool:
        """Commit, and rewrite the file, so that nothing of what was deleted is left in it.

        Takes as long as writing what is left. Returns False where somebody was
        reading all the while, so that the log couldn't be emptied.
        """
        with self.lock:
            self.commit()
            with _WRITING:
                ((pages,), (size,)) = (
                    self._connection.execute(f"PRAGMA {name}").fetchone()
                    for name in ("page_count", "page_size")
                )
                if pages * size > MEMORY_BYTES:
                    self._connection.execute("PRAGMA temp_store = FILE")
                try:
                    self._connection.execute("VACUUM")
                    (busy, _, _) = self._connection.execute(
                        "PRAGMA wal_checkpoint(TRUNCATE)"
                    ).fetchone()
                finally:
                    self._connection.execute("PRAGMA temp_store = MEMORY")
            return not busy

    def verify(self, folder: SessionFolder) -> None:
        """Raise StoreDamaged where others can't read what was committed.

        The connection that writes may not notice: it goes on with the pages in its cache.
        """
        with self.lock, suppress(StoreUnavailable):
            with _READING, closing(connect_reader(folder)) as reader:
                (position,) = reader.execute("SELECT position FROM counters").fetchone()
            if position < self._committed:
                raise StoreDamaged(
                    "The record is damaged.", "The disk has lost what was written to it."
                )

    def close(self) -> None:
        """Close the connection; what was not committed is gone."""
        with self.lock, _WRITING:
            self._connection.close()

    def _begin(self) -> None:
        self._note_loss()
        if not self._is_open:
            self._connection.execute("BEGIN IMMEDIATE")
            self._is_open = True
            try:
                for sql, values in self._kept:
                    self._connection.execute(sql, values)
            except sqlite3.Error:
                # All of it or nothing: a part would be committed as if it were all.
                self._connection.rollback()
                raise

    def _note_loss(self) -> None:
        """Find out whether SQLite gave up the open transaction; it does on some I/O errors."""
        if self._is_open and not self._connection.in_transaction:
            self._is_open = False
            self.losses += 1
            self.position = self._committed
