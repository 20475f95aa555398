"""A temporary file for messages that come faster than they can be recorded."""

from __future__ import annotations

import tempfile
from typing import IO, NamedTuple

SPILL_LIMIT = 4 * 1024 * 1024 * 1024


class Spilled(NamedTuple):
    """Where the frames of a message lie in the file."""

    kernel_id: str
    offset: int
    lengths: list[int]
    received_at: float
    size: int


class SpillFile:
    """Holds frames in the order of writing; begins anew when all have been read.

    The file has no name and is its owner's only. One thread at a time.
    """

    def __init__(self, limit: int = SPILL_LIMIT) -> None:
        self._limit = limit
        self._file: IO[bytes] | None = None
        self._end = 0
        self._waiting = 0

    def write(
        self, kernel_id: str, frames: list[bytes], received_at: float, size: int
    ) -> Spilled | None:
        """Keep a message's frames; None where the disk or the limit doesn't let it."""
        if self._end + size > self._limit:
            return None
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115  # until `close`
            self._file.seek(self._end)
            for frame in frames:
                self._write_all(self._file, frame)
        except OSError:
            return None
        spilled = Spilled(kernel_id, self._end, [len(f) for f in frames], received_at, size)
        self._end += size
        self._waiting += 1
        return spilled

    def read(self, spilled: Spilled) -> list[bytes] | None:
        """Return the frames, each once; None where the disk fails."""
        assert self._file is not None  # noqa: S101  # narrows for mypy
        try:
            self._file.seek(spilled.offset)
            data = self._read_all(self._file, spilled.size)
        except OSError:
            data = b""
        self._waiting -= 1
        if not self._waiting:
            self._begin_anew()
        if len(data) != spilled.size:
            return None
        frames, at = [], 0
        for length in spilled.lengths:
            frames.append(data[at : at + length])
            at += length
        return frames

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _begin_anew(self) -> None:
        self._end = 0
        self.close()

    @staticmethod
    def _write_all(file: IO[bytes], data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[file.write(view) :]

    @staticmethod
    def _read_all(file: IO[bytes], size: int) -> bytes:
        parts = []
        while size and (part := file.read(size)):
            parts.append(part)
            size -= len(part)
        return b"".join(parts)
