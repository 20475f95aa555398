"""Opens files on disk for packing: regular ones only, and never out of their root."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from .chunks import CHUNK_BYTES
from .entries import Disposition, OnDisk

READ_ONLY = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)  # a FIFO put in the file's place must not hang us
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
GREW = "grew while it was read; packed as far as it went at first"
SHRANK = "shrank while it was read; packed as far as it went"
WRITTEN = "was written to while it was read"


class Unpackable(Exception):
    """A file can't be packed; the ledger says why and the rest goes on."""

    def __init__(self, disposition: Disposition, reason: str) -> None:
        super().__init__(reason)
        self.disposition = disposition
        self.reason = reason

    @classmethod
    def by(cls, error: OSError) -> Unpackable:
        if isinstance(error, FileNotFoundError):
            return cls("failed", "vanished before it could be read")
        return cls("failed", f"unreadable: {error.strerror or error}")


class Identity(NamedTuple):
    """What tells that a file is still the one that was looked at."""

    device: int
    inode: int
    size: int
    modified_ns: int

    @classmethod
    def of(cls, status: os.stat_result) -> Identity:
        return cls(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


class OpenFile:
    """A file that is being read; `size` is what is promised of it, never more is read."""

    __slots__ = ("_file", "identity", "size")

    def __init__(self, source: OnDisk) -> None:
        try:
            self._file = os.open(source.path, READ_ONLY)
        except OSError as error:
            raise Unpackable.by(error) from error
        try:
            self.identity = _examine(self._file, source)
        except BaseException:
            self.close()
            raise
        self.size = self.promise(source)

    def promise(self, source: OnDisk) -> int:
        """Return how much will be read: what there is, but no more than was planned."""
        size = self.identity.size
        return size if source.size is None else min(size, source.size)

    def read(self, length: int) -> bytes:
        """Read what comes next; less than `length` only at the end. Raises OSError."""
        data = os.read(self._file, length)
        if len(data) == length or not data:
            return data
        parts, missing = [data], length - len(data)
        while missing and (data := os.read(self._file, missing)):
            parts.append(data)
            missing -= len(data)
        return b"".join(parts)

    def sample(self, offset: int, length: int) -> bytes:
        """Read from somewhere and go back to the start."""
        os.lseek(self._file, offset, os.SEEK_SET)
        data = os.read(self._file, length)
        os.lseek(self._file, 0, os.SEEK_SET)
        return data

    def seek(self, offset: int) -> None:
        """Read on from there."""
        os.lseek(self._file, offset, os.SEEK_SET)

    def change(self, read: int) -> str | None:
        """Tell how the file changed since it was opened, `read` bytes of it having been read."""
        now = os.fstat(self._file)
        if now.st_size > self.size:
            return GREW
        if read < self.size:
            return SHRANK
        same = now.st_mtime_ns == self.identity.modified_ns and now.st_size == self.identity.size
        return None if same else WRITTEN

    def identity_now(self) -> Identity:
        """Look at the file again. Raises OSError."""
        return Identity.of(os.fstat(self._file))

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


class WholeFile(NamedTuple):
    """All that was promised of a file, and how it changed meanwhile."""

    data: bytes
    identity: Identity
    change: str | None


def read_whole(source: OnDisk) -> WholeFile:
    """Read a file into memory. Raises Unpackable."""
    file = OpenFile(source)
    try:
        data = file.read(file.size) if file.size else b""
        return WholeFile(data, file.identity, file.change(len(data)))
    except OSError as error:
        raise Unpackable.by(error) from error
    finally:
        file.close()


def read_up_to(source: OnDisk, length: int) -> Iterator[bytes]:
    """Yield the first `length` bytes of a file in chunks, or what can be had of them."""
    try:
        file = OpenFile(source)
    except Unpackable:
        return
    try:
        while length and (chunk := file.read(min(length, CHUNK_BYTES))):
            length -= len(chunk)
            yield chunk
    except OSError:
        return
    finally:
        file.close()


def _examine(file: int, source: OnDisk) -> Identity:
    """Return an open file's identity. Raises Unpackable where it is not one to be packed."""
    try:
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode):
            raise Unpackable("skipped", "not a regular file any more")
        # The file that was seen within the root needs no second look at where it is.
        if source.inode != (status.st_dev, status.st_ino):
            _require_inside(file, source)
    except OSError as error:
        raise Unpackable.by(error) from error
    return Identity.of(status)


def _require_inside(file: int, source: OnDisk) -> None:
    """Refuse an open file that is outside of its root: names may lead elsewhere by now."""
    real = real_path(file, source.path)
    if not real.startswith(_prefix(source.root)):
        raise Unpackable("skipped", "link out of the root folder")


def real_path(file: int, path: str | Path) -> str:
    """Return where an open file really is; where the system doesn't tell, where its name leads."""
    try:
        return str(Path(f"/proc/self/fd/{file}").readlink())
    except OSError:
        return os.path.realpath(path)


@lru_cache(maxsize=64)
def _prefix(root: str | Path) -> str:
    return os.path.realpath(root).rstrip(os.sep) + os.sep
