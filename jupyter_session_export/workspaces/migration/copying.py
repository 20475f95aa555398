"""Copies of files that are known to be equal: read, written, read again."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from ...errors import MigrationFailed
from ..directory import Directory
from ..names import is_partial, partial_name
from .items import Item

_CHUNK = 1 << 20


class Place:
    """A folder whose files are read and written by their paths below it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def folder(self, names: Sequence[str], *, create: bool = False) -> Directory:
        """Open a folder below. Raises OSError."""
        with Directory.open(self.root) as root:
            return root.descend(names, create=create)

    def digest(self, path: str) -> str | None:
        """Return the SHA-256 of a regular file; None where there is none."""
        *folders, name = path.split("/")
        try:
            with self.folder(folders) as folder:
                return _digest_of(folder, name)
        except FileNotFoundError:
            return None

    def exists(self, path: str) -> bool:
        """Tell whether anything has this path."""
        *folders, name = path.split("/")
        try:
            with self.folder(folders) as folder:
                folder.stat(name)
        except (FileNotFoundError, NotADirectoryError):
            return False
        return True

    def copy_in(self, source: Place, path: str, item: Item, target: str, *, stamp: bool) -> None:
        """Copy a file to a path that nothing has; as it was then, or not at all.

        With `stamp` it keeps the item's permissions and time. Raises FileExistsError
        where the path is taken, MigrationFailed where the source isn't the item's.
        """
        *folders, name = target.split("/")
        with self.folder(folders, create=True) as folder:
            fresh = partial_name()
            try:
                file = folder.open_file(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
                try:
                    _copy(source, path, file)
                    if stamp:
                        os.fchmod(file, item.mode)
                        os.utime(file, ns=(item.modified_ns, item.modified_ns))
                    os.fsync(file)
                finally:
                    os.close(file)
                if _digest_of(folder, fresh) != item.sha256:
                    raise MigrationFailed(
                        f"{item.path} is not what it was when the migration was planned.",
                        "Something still writes there: stop it, roll back, and start again.",
                    )
                folder.claim(fresh, name)
            except BaseException:
                with suppress(OSError):
                    folder.unlink(fresh)
                raise
            folder.sync()

    def remove(self, path: str) -> None:
        """Unlink a file."""
        *folders, name = path.split("/")
        with self.folder(folders) as folder:
            folder.unlink(name)

    def remove_empty(self, path: str) -> None:
        """Remove a folder, if nothing is in it."""
        *folders, name = path.split("/")
        with suppress(OSError), self.folder(folders) as folder:
            folder.rmdir(name)

    def sweep(self, names: Sequence[str]) -> None:
        """Remove what copies that were cut off left in a folder."""
        with self.folder(names) as folder:
            for entry in list(folder.scan()):
                if is_partial(entry.name):
                    folder.unlink(entry.name)


def _copy(source: Place, path: str, file: int) -> None:
    *folders, name = path.split("/")
    with source.folder(folders) as folder:
        for chunk in _chunks(folder, name):
            rest = memoryview(chunk)
            while rest:
                rest = rest[os.write(file, rest) :]


def _digest_of(folder: Directory, name: str) -> str | None:
    if not stat.S_ISREG(folder.stat(name).st_mode):
        return None
    found = hashlib.sha256()
    for chunk in _chunks(folder, name):
        found.update(chunk)
    return found.hexdigest()


def _chunks(folder: Directory, name: str) -> Iterator[bytes]:
    file = folder.open_file(name)
    try:
        while chunk := os.read(file, _CHUNK):
            yield chunk
    finally:
        os.close(file)
