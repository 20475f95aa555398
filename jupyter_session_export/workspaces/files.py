"""The files of one session, in `outputs/`: single ones and folders of many."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ..errors import InvalidName
from .directory import Directory
from .faults import FileFaults, missing
from .names import is_partial, new_parts, partial_name, parts_of
from .opened import OpenedFile
from .removal import Removed, empty

SINGLE, BULK = "single", "bulk"
CATEGORIES = (SINGLE, BULK)
STALE_SECONDS = 24 * 3600
"""How old an unfinished file must be before its writer counts as dead."""
_CHUNK = 1 << 20


class Readable(Protocol):
    """What is read in chunks to its end, such as a binary file."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Saved:
    """A file that is whole now: its path below `outputs/`, and its bytes."""

    path: str
    bytes: int


class OwnFiles:
    """What may be done with the files of one session; any thread, any process.

    No path leads out of the folder and no link is followed. Errors are FileMissing,
    InvalidName and StoreUnavailable.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def save(
        self, name: str | os.PathLike[str], data: bytes | Readable, category: str = SINGLE
    ) -> Saved:
        """Write a file at once: it is the former one or the new one, never a mixture.

        Of several writers of one name the last that completes wins. `data` may be a
        binary file object, which is read to its end in chunks.
        """
        return self._save((category, *new_parts(name)), data)

    def put(self, path: str | os.PathLike[str], data: bytes | Readable) -> Saved:
        """Write a file as `save` does, at any path below the folder."""
        return self._save(new_parts(path), data)

    def bulk(self, name: str | os.PathLike[str]) -> Path:
        """Return a folder for many files, made where it is missing."""
        parts = new_parts(name)
        with FileFaults(f"make the folder {parts[-1]}"), self._root() as root:
            root.descend((BULK, *parts), create=True).close()
        return self.path.joinpath(BULK, *parts)

    def open(self, path: str) -> OpenedFile:
        """Open a file for reading."""
        *folders, last = parts_of(path)
        with FileFaults("open the file"), self._root() as root, root.descend(folders) as folder:
            if not stat.S_ISREG(folder.stat(last).st_mode):
                raise missing()
            return OpenedFile(folder.open_file(last), last)

    def delete(self, path: str) -> Removed:
        """Remove a file, or a folder with all that is in it; a link goes, what it names stays."""
        *folders, last = parts_of(path)
        if not folders and last in CATEGORIES:
            raise InvalidName(f"{last}/ itself stays.", "Name a file or a folder in it.")
        with FileFaults("delete the file"), self._root() as root, root.descend(folders) as folder:
            status = folder.stat(last)
            if not stat.S_ISDIR(status.st_mode):
                folder.unlink(last)
                return Removed(1, status.st_size)
            with folder.enter(last) as inner:
                removed = empty(inner)
            folder.rmdir(last)
            return removed

    def _save(self, parts: Sequence[str], data: bytes | Readable) -> Saved:
        *folders, last = parts
        with (
            FileFaults(f"save {last}"),
            self._root() as root,
            root.descend(folders, create=True) as folder,
        ):
            _sweep(folder)
            _refuse_folder(folder, last)
            size = _replace(folder, last, data)
        return Saved("/".join(parts), size)

    def _root(self) -> Directory:
        return Directory.open(self.path)


def _replace(folder: Directory, name: str, data: bytes | Readable) -> int:
    fresh = partial_name()
    file = folder.open_file(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    try:
        try:
            size = sum(_written(file, chunk) for chunk in _chunks(data))
            # A disk that is full may say so only now.
            os.fsync(file)
        finally:
            os.close(file)
        folder.rename(fresh, folder, name)
    except BaseException:
        with suppress(OSError):
            folder.unlink(fresh)
        raise
    folder.sync()
    return size


def _chunks(data: bytes | Readable) -> Iterator[bytes]:
    if isinstance(data, bytes):
        yield data
        return
    while chunk := data.read(_CHUNK):
        yield chunk


def _written(file: int, chunk: bytes) -> int:
    rest = memoryview(chunk)
    while rest:
        rest = rest[os.write(file, rest) :]
    return len(chunk)


def _refuse_folder(folder: Directory, name: str) -> None:
    with suppress(FileNotFoundError):
        if stat.S_ISDIR(folder.stat(name).st_mode):
            raise InvalidName(f"{name} is a folder.", "Give another name, or delete it first.")


def _sweep(folder: Directory) -> None:
    """Remove what writers that died left unfinished."""
    for entry in folder.scan():
        if is_partial(entry.name):
            with suppress(OSError):
                age = time.time() - entry.stat(follow_symlinks=False).st_mtime
                if age > STALE_SECONDS:
                    folder.unlink(entry.name)
