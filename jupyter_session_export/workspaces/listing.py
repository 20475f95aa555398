"""What files a session has."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ..records.times import from_timestamp, to_iso
from .directory import Directory
from .faults import FileFaults
from .files import CATEGORIES
from .names import is_partial
from .removal import Removed


@dataclass(frozen=True, slots=True)
class FileInfo:
    """A file: its path below `outputs/`, its bytes, and when it was last written."""

    path: str
    bytes: int
    modified: datetime

    @property
    def category(self) -> str:
        """`single`, `bulk`, or `other` for what lies beside them."""
        first, slash, _ = self.path.partition("/")
        return first if slash and first in CATEGORIES else "other"

    def to_json(self) -> dict[str, Any]:
        return {
            # A name that is no text can't be asked for by this path; the ZIP has the file.
            "path": self.path.encode("utf-8", "backslashreplace").decode(),
            "category": self.category,
            "bytes": self.bytes,
            "modified": to_iso(self.modified),
        }


def list_files(path: Path) -> list[FileInfo]:
    """Return the regular files below a folder, by path. Raises StoreUnavailable, FileMissing."""
    with FileFaults("list the session's files"):
        found = list(_below(path))
    return sorted(found, key=lambda file: file.path)


def _below(path: Path) -> Iterator[FileInfo]:
    """Walk the folder; a link is neither followed nor listed."""
    with Directory.open(path) as root:
        pending: list[tuple[str, ...]] = [()]
        while pending:
            names = pending.pop()
            try:
                folder = root.descend(names)
            except OSError:
                if not names:
                    raise
                continue  # it went meanwhile
            with folder:
                for entry in folder.scan():
                    below = (*names, entry.name)
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(below)
                    elif info := _info(entry, below):
                        yield info


def _info(entry: os.DirEntry[str], names: tuple[str, ...]) -> FileInfo | None:
    if is_partial(entry.name) or not entry.is_file(follow_symlinks=False):
        return None
    try:
        status = entry.stat(follow_symlinks=False)
        return FileInfo("/".join(names), status.st_size, from_timestamp(status.st_mtime))
    except FileNotFoundError:
        return None
    except (OverflowError, ValueError):
        return FileInfo("/".join(names), status.st_size, from_timestamp(0))


def bytes_below(path: Path) -> Removed:
    """Count what would go with a folder; it may change meanwhile."""
    files = size = 0
    for parent, _, names in os.walk(path):
        for name in names:
            with suppress(OSError):
                size += Path(parent, name).lstat().st_size
                files += 1
    return Removed(files, size)
