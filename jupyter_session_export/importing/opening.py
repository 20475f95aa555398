"""Opens a ZIP whose directory may be meant to fill the memory: Python's zipfile reads it whole."""

from __future__ import annotations

import os
import zipfile
from typing import IO

from ..archive.verify import BROKEN, not_whole
from ..errors import ArchiveRefused
from .limits import Limits

MEMBER = b"PK\1\2"


class BoundedFile:
    """A file that gives no more than a directory of the allowed size at once."""

    def __init__(self, file: IO[bytes], limits: Limits) -> None:
        self._file = file
        self._limits = limits
        self.seek = file.seek
        self.tell = file.tell
        self.seekable = file.seekable

    def read(self, length: int = -1, /) -> bytes:
        """Read as the file does. Raises ArchiveRefused."""
        if length > self._limits.directory_bytes and self._left() > self._limits.directory_bytes:
            raise ArchiveRefused(
                f"The ZIP's directory is too large: {length:,} bytes.",
                "Allow more files if it comes from somebody you trust.",
            )
        data = self._file.read(length)
        if len(data) > 1024**2 and data.count(MEMBER) > self._limits.max_files:
            raise too_many_files(data.count(MEMBER), self._limits)
        return data

    def _left(self) -> int:
        return os.fstat(self._file.fileno()).st_size - self._file.tell()


def open_archive(file: IO[bytes], limits: Limits) -> zipfile.ZipFile:
    """Open a ZIP. Raises ArchiveUnreadable, ArchiveRefused."""
    try:
        return zipfile.ZipFile(BoundedFile(file, limits))
    except BROKEN as error:
        raise not_whole(error) from error


def too_many_files(count: int, limits: Limits) -> ArchiveRefused:
    """Return what to say of a ZIP with more members than are allowed."""
    return ArchiveRefused(
        f"The ZIP holds {count:,} files, and {limits.max_files:,} are allowed.",
        "Allow more files if it comes from somebody you trust.",
    )
