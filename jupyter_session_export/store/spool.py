"""The spool of a running execution: append-only files that outlive a killed writer."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from ..content.codec import CHUNK_BYTES
from ..records.times import from_timestamp, now
from .faults import StoreFaults
from .folder import open_private, private_folder, write_all
from .room import Room

_TAIL = re.compile(r"tail(\d+)\.journal\.jsonl")
NAMES = frozenset({"journal.jsonl", "stdout.txt", "stderr.txt"})
_APPEND = os.O_WRONLY | os.O_CREAT | os.O_APPEND


class Spool:
    """`<session>/spool/<number>/`, made by the first `append`. One thread writes.

    With a `tail_number` it is a part of it: files of the same folder with names of their own.
    """

    def __init__(
        self, folder: Path, number: int, tail_number: int = 0, *, room: Room | None = None
    ) -> None:
        self.number = number
        self.tail_number = tail_number
        self._parent = folder
        self._room = room or Room()
        self._prefix = f"tail{tail_number}." if tail_number else ""
        self._folder = folder / str(number)
        self._descriptors: dict[str, int] = {}
        self._sizes: dict[str, int] = {}

    def append(self, name: str, data: bytes) -> None:
        """Hand the bytes to the operating system at once. Raises StoreUnavailable."""
        self._room.take(len(data))
        with StoreFaults(f"append to {name}"):
            descriptor = self._descriptor(name)
            try:
                write_all(descriptor, data)
            except OSError:
                # A part may have been written: the size is what the file says.
                self._sizes[name] = os.fstat(descriptor).st_size
                raise
            self._sizes[name] += len(data)

    def size(self, name: str) -> int:
        """Return the file's length in bytes; 0 where there is none."""
        known = self._sizes.get(name)
        if known is not None:
            return known
        with StoreFaults(f"look at {name}"):
            try:
                return self.path(name).lstat().st_size
            except FileNotFoundError:
                return 0

    def read(self, name: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Yield the bytes from `start` up to `end` in chunks; nothing where there is no file."""
        with StoreFaults(f"read {name}"):
            at, end = start, self.size(name) if end is None else min(end, self.size(name))
            if at >= end:
                return
            descriptor = open_private(self.path(name), os.O_RDONLY)
            try:
                os.lseek(descriptor, at, os.SEEK_SET)
                while at < end and (chunk := os.read(descriptor, min(CHUNK_BYTES, end - at))):
                    at += len(chunk)
                    yield chunk
            finally:
                os.close(descriptor)

    def path(self, name: str) -> Path:
        if name not in NAMES:
            raise ValueError(f"not a spool file: {name!r}")
        return self._folder / (self._prefix + name)

    def tail(self, number: int) -> Spool:
        """Return a part of this spool, which goes with it; the numbers begin with 1."""
        return Spool(self._parent, self.number, number, room=self._room)

    def tails(self) -> list[Spool]:
        """Return the parts that there are, by number."""
        if not self._folder.is_dir():
            return []
        with StoreFaults("list a spool"):
            found = [_TAIL.fullmatch(path.name) for path in self._folder.iterdir()]
        return [self.tail(number) for number in sorted(int(one[1]) for one in found if one)]

    def exists(self) -> bool:
        return self.path("journal.jsonl").is_file() if self._prefix else self._folder.is_dir()

    def last_written(self) -> datetime:
        """Return when any of its files was last written to; now where there is none."""
        with StoreFaults("look at a spool"):
            files = self._folder.iterdir() if self._folder.is_dir() else ()
            times = [from_timestamp(path.stat().st_mtime) for path in files]
        return max(times, default=now())

    def close(self) -> None:
        """Close its files; a later `append` opens them again."""
        for descriptor in self._descriptors.values():
            os.close(descriptor)
        self._descriptors.clear()
        self._sizes.clear()

    def remove(self) -> None:
        """Close and delete it. Raises StoreUnavailable."""
        self.close()
        with StoreFaults("remove a spool folder"):
            # Streams of which no journal tells are nothing to a recovery.
            names = [self.path(name) for name in sorted(NAMES)] if self._prefix else None
            files = names or (list(self._folder.iterdir()) if self.exists() else [])
            for path in files:
                with suppress(FileNotFoundError):
                    size = path.lstat().st_size
                    path.unlink()
                    self._room.count(-size)
            if not self._prefix and self.exists():
                shutil.rmtree(self._folder)

    def _descriptor(self, name: str) -> int:
        descriptor = self._descriptors.get(name)
        if descriptor is None:
            path = self.path(name)
            private_folder(self._folder)
            descriptor = self._descriptors[name] = open_private(path, _APPEND)
            self._sizes[name] = os.fstat(descriptor).st_size
        return descriptor


def spools_in(folder: Path, room: Room | None = None) -> list[Spool]:
    """Return the spools that lie in a folder, by number."""
    with StoreFaults("list the spool"):
        names = [path.name for path in folder.iterdir() if path.is_dir() and not path.is_symlink()]
    numbers = sorted(int(name) for name in names if name.isascii() and name.isdecimal())
    return [Spool(folder, number, room=room) for number in numbers]
