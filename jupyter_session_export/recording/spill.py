"""A temporary file for messages that come faster than they can be recorded."""

from __future__ import annotations

import tempfile
import threading
from typing import IO

SPILL_LIMIT = 4 * 1024 * 1024 * 1024


class SpillFile:
    """A file without a name, its owner's only; made by the first write. Any thread."""

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._lock = threading.Lock()
        self._closed = False

    def write(self, offset: int, parts: list[bytes]) -> None:
        """Write parts one behind the other. Raises OSError."""
        with self._lock:
            if self._closed:
                raise OSError("the spill file is closed")
            if self._file is None:
                self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115  # until `close`
            self._file.seek(offset)
            for part in parts:
                view = memoryview(part)
                while view:
                    view = view[self._file.write(view) :]

    def read(self, offset: int, size: int) -> bytes:
        """Return what lies there, less than `size` bytes where it was cut. Raises OSError."""
        parts = []
        with self._lock:
            if self._file is None:
                return b""
            self._file.seek(offset)
            while size and (part := self._file.read(size)):
                parts.append(part)
                size -= len(part)
        return b"".join(parts)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            if self._file is not None:
                self._file.close()
                self._file = None


class Spilled:
    """A message's place in the file: one thread writes it once, another reads it once."""

    __slots__ = ("_failed", "_file", "_lengths", "_offset", "_written", "kernel_id", "received_at")

    def __init__(
        self, file: SpillFile, offset: int, kernel_id: str, lengths: list[int], received_at: float
    ) -> None:
        self.kernel_id = kernel_id
        self.received_at = received_at
        self._file = file
        self._offset = offset
        self._lengths = lengths
        self._failed = False
        self._written = threading.Lock()
        self._written.acquire()

    @property
    def size(self) -> int:
        return sum(self._lengths)

    def write(self, frames: list[bytes]) -> None:
        """Keep the frames, if the disk lets it; a reader that waits goes on."""
        try:
            self._file.write(self._offset, frames)
        except OSError:
            self._failed = True
        finally:
            self._written.release()

    def read(self) -> list[bytes] | None:
        """Wait until it is written and return the frames; None where the disk failed."""
        with self._written:
            if self._failed:
                return None
        try:
            data = self._file.read(self._offset, self.size)
        except OSError:
            return None
        if len(data) != self.size:
            return None
        frames, at = [], 0
        for length in self._lengths:
            frames.append(data[at : at + length])
            at += length
        return frames


class SpillSpace:
    """Gives out places in the order of asking; begins a new file when all were given back.

    It does no I/O itself, so that it can be asked under a lock. One thread at a time.
    """

    def __init__(self, limit: int = SPILL_LIMIT) -> None:
        self._limit = limit
        self._file = SpillFile()
        self._end = 0
        self._waiting = 0

    def reserve(self, kernel_id: str, frames: list[bytes], received_at: float) -> Spilled | None:
        """Return a place to write a message to; None where the limit is reached."""
        spilled = Spilled(self._file, self._end, kernel_id, [len(f) for f in frames], received_at)
        if self._end + spilled.size > self._limit:
            return None
        self._end += spilled.size
        self._waiting += 1
        return spilled

    def give_back(self) -> SpillFile | None:
        """Take note that a place was read; return a file to be closed that nobody needs."""
        self._waiting -= 1
        return None if self._waiting else self.renew()

    def renew(self) -> SpillFile:
        """Begin a new file; return the old one, to be closed."""
        old, self._file = self._file, SpillFile()
        self._end = self._waiting = 0
        return old
