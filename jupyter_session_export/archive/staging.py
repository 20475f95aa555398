"""Where a prepared archive keeps what exists nowhere else: headers, texts, compressed files."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from ..errors import SourceChanged
from .chunks import CHUNK_BYTES

DEFAULT_LIMIT = 8 * 1024**3
SHARE_OF_FREE = 2
"""A staging takes no more than this part, 1/2, of what is free: others write to the disk, too."""


class Staging(Protocol):
    """A piece of disk that is appended to once and then read at any place."""

    @property
    def size(self) -> int:
        """How many bytes it holds."""

    @property
    def room(self) -> int:
        """How many bytes of content it still takes; headers may exceed that."""

    def append(self, data: bytes | bytearray | memoryview) -> None:
        """Add bytes at the end."""

    def patch(self, offset: int, data: bytes) -> None:
        """Write over bytes that are there."""

    def flush(self) -> None:
        """See to it that readers see all of it."""

    def read(self, offset: int, length: int) -> Iterator[bytes]:
        """Yield bytes in chunks. Raises SourceChanged where they are gone."""

    def close(self) -> None:
        """Let go of it; what it holds stays."""


def limit_of(folder: Path) -> int:
    """Return how many bytes a staging in this folder may take."""
    return min(DEFAULT_LIMIT, shutil.disk_usage(folder).free // SHARE_OF_FREE)


class StagingFile:
    """A file, 0600, that the caller removes when the export has ended. `limit` is in bytes."""

    def __init__(self, path: Path, limit: int = DEFAULT_LIMIT) -> None:
        self.path = path
        self._limit = limit
        self._size = path.stat().st_size if path.exists() else 0
        self._file: int | None = None
        self._pending = bytearray()

    @property
    def size(self) -> int:
        return self._size

    @property
    def room(self) -> int:
        return max(0, self._limit - self._size)

    def append(self, data: bytes | bytearray | memoryview) -> None:
        self._size += len(data)
        if len(data) < CHUNK_BYTES:
            self._pending += data
            if len(self._pending) >= CHUNK_BYTES:
                self.flush()
            return
        self.flush()
        self._write(data)

    def patch(self, offset: int, data: bytes) -> None:
        self.flush()
        file = self._open()
        os.lseek(file, offset, os.SEEK_SET)
        os.write(file, data)
        os.lseek(file, 0, os.SEEK_END)

    def flush(self) -> None:
        if self._pending:
            self._write(self._pending)
            self._pending = bytearray()

    def read(self, offset: int, length: int) -> Iterator[bytes]:
        if not length:
            return
        try:
            with self.path.open("rb", buffering=0) as file:
                file.seek(offset)
                while length:
                    chunk = file.read(min(length, CHUNK_BYTES))
                    if not chunk:
                        raise FileNotFoundError(self.path)
                    length -= len(chunk)
                    yield chunk
        except FileNotFoundError as error:
            raise SourceChanged("The prepared export is gone.", "Start a new one.") from error

    def close(self) -> None:
        if self._file is None:
            return
        try:
            self.flush()
        finally:
            # On a full disk too: while it is open, its space isn't free again when it is removed.
            os.close(self._file)
            self._file = None
            self._pending = bytearray()

    def _write(self, data: bytes | bytearray | memoryview) -> None:
        file, view = self._open(), memoryview(data)
        while view:
            view = view[os.write(file, view) :]

    def _open(self) -> int:
        if self._file is None:
            flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)
            self._file = os.open(self.path, flags, 0o600)
            os.lseek(self._file, 0, os.SEEK_END)
        return self._file
