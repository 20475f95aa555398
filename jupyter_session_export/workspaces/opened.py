"""A file of a session that is being read."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

from ..errors import SourceChanged
from .faults import missing

CHUNK_BYTES = 256 * 1024


class OpenedFile:
    """An open regular file: what it was when it was opened, and any range of it.

    `etag` is a strong validator (RFC 9110, section 8.8.3) with its quotes.
    """

    def __init__(self, descriptor: int, name: str) -> None:
        self._descriptor = descriptor
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            self.close()
            raise missing()
        self.name = name
        self.size = status.st_size
        self.modified = status.st_mtime
        self.etag = _etag(status)
        self._state = _state(status)

    def read(self, start: int, end: int) -> Iterator[bytes]:
        """Yield the bytes from `start` up to but not including `end`.

        Raises SourceChanged where the file is not what it was.
        """
        position = start
        while position < end:
            os.lseek(self._descriptor, position, os.SEEK_SET)
            chunk = os.read(self._descriptor, min(CHUNK_BYTES, end - position))
            position += len(chunk)
            if not chunk or (position >= end and not self._is_unchanged()):
                raise SourceChanged(f"{self.name} changed while it was sent.", "Ask for it again.")
            yield chunk

    def _is_unchanged(self) -> bool:
        return _state(os.fstat(self._descriptor)) == self._state

    def close(self) -> None:
        """Close it; more than once does no harm."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def _state(status: os.stat_result) -> tuple[int, int]:
    # Not the change time: that goes up too when a new file takes this one's name.
    return status.st_size, status.st_mtime_ns


def _etag(status: os.stat_result) -> str:
    # The change time goes up with every write, also where the modification time was set back.
    parts = status.st_ino, status.st_size, status.st_mtime_ns, _changed_ns(status)
    return '"' + "-".join(f"{part:x}" for part in parts) + '"'


def _changed_ns(status: os.stat_result) -> int:
    return 0 if os.name == "nt" else status.st_ctime_ns
