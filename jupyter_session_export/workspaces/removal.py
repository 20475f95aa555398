"""Removes all that is in a folder, without ever leaving it.

Links are unlinked, never followed, and another file system that is mounted in
the folder is left alone. Subfolders are moved up to the top first: so nesting
of any depth costs neither stack nor descriptors, and a removal that is cut off
can be taken up again anywhere.
"""

from __future__ import annotations

import errno
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from .directory import Directory


@dataclass(frozen=True, slots=True)
class Removed:
    """How many files went, and their bytes."""

    files: int = 0
    bytes: int = 0

    def __add__(self, other: Removed) -> Removed:
        return Removed(self.files + other.files, self.bytes + other.bytes)


def _go_on() -> None:
    return None


def empty(folder: Directory, check: Callable[[], object] = _go_on) -> Removed:
    """Remove everything in an open folder. `check` may raise to stop it between two folders."""
    device = folder.stat().st_dev
    total = Removed()
    folder.allow()
    while subfolders := _unlink_files(folder, removed := _Count()):
        total += removed.total
        for name in subfolders:
            check()
            total += _dissolve(folder, name, device)
    return total + removed.total


class _Count:
    total = Removed()


def _unlink_files(folder: Directory, count: _Count) -> list[str]:
    """Unlink all but the subfolders, and return those."""
    subfolders = []
    for entry in list(folder.scan()):
        if entry.is_dir(follow_symlinks=False):
            subfolders.append(entry.name)
            continue
        is_file = entry.is_file(follow_symlinks=False)
        size = entry.stat(follow_symlinks=False).st_size if is_file else 0
        folder.unlink(entry.name)
        count.total += Removed(1, size)
    return subfolders


def _dissolve(top: Directory, name: str, device: int) -> Removed:
    """Remove a subfolder; its own subfolders become those of `top`."""
    count = _Count()
    with _entered(top, name) as folder:
        if folder.stat().st_dev != device:
            raise OSError(errno.EXDEV, "another file system is mounted there", name)
        folder.allow()
        for inner in _unlink_files(folder, count):
            _raise_up(folder, inner, top)
    top.rmdir(name)
    return count.total


def _entered(top: Directory, name: str) -> Directory:
    try:
        return top.enter(name)
    except PermissionError:
        top.allow_entering(name)
        return top.enter(name)


def _raise_up(folder: Directory, name: str, top: Directory) -> None:
    new = f"{name[:40]}~{secrets.token_hex(8)}"
    try:
        folder.rename(name, top, new)
    except PermissionError:
        # Its own entry ".." changes with its place, which takes the right to write it.
        folder.allow_entering(name)
        folder.rename(name, top, new)
