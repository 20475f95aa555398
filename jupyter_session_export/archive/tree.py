"""Walks a folder without ever leaving its root, and says what it passes by."""

# ruff: noqa: PTH116, PTH206 - strings: Path costs more than the system calls

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from ..records.times import from_timestamp
from .entries import Disposition
from .files import Unpackable
from .folders import OpenFolder, is_inside

KINDS = {
    stat.S_IFIFO: "FIFO",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "device",
    stat.S_IFBLK: "device",
}

EXCLUDED = "Jupyter's own data"


class Found(NamedTuple):
    """A regular file. `relative` is its name below the walked folder, `path` where it really is."""

    relative: str
    path: str
    size: int
    modified: datetime
    inode: tuple[int, int] | None


class PassedBy(NamedTuple):
    """Something that is not packed, and why."""

    relative: str
    disposition: Disposition
    reason: str


Step = Found | PassedBy


class Place(NamedTuple):
    """A folder: where it really is, and its name below the walked folder."""

    path: str
    relative: str


class Tree:
    """A folder and what may be packed of it, in the order of names, files before folders.

    Links to files within `root` are packed as content, each target once; links
    to folders within `root` too, unless the walk comes by there anyway. Nothing
    of the `excluded` folders is packed.
    """

    def __init__(
        self,
        folder: Path,
        root: Path,
        *,
        include_hidden: bool,
        excluded: Iterable[Path] = (),
    ) -> None:
        self._excluded = {os.path.realpath(path) for path in excluded}
        self.root = os.path.realpath(root)
        self.folder = os.path.realpath(folder)
        self._include_hidden = include_hidden
        self._linked: dict[tuple[int, int], str] = {}
        self._entered: set[tuple[int, int]] = set()

    def __iter__(self) -> Iterator[Step]:
        if not is_inside(self.folder, self.root):
            yield PassedBy("", "skipped", "folder outside of the root folder")
            return
        if self._is_excluded(self.folder):
            yield PassedBy("", "skipped", EXCLUDED)
            return
        pending: list[Iterator[Step | Place]] = [self._list(self.folder, "")]
        while pending:
            step = next(pending[-1], None)
            if step is None:
                pending.pop()
            elif isinstance(step, Place):
                pending.append(self._list(*step))
            else:
                yield step

    def _list(self, path: str, relative: str) -> Iterator[Step | Place]:
        """Yield the files of a folder, then its folders: it is closed before those are opened."""
        places: list[Place] = []
        above, below = f"{path.rstrip(os.sep)}{os.sep}", f"{relative}/" if relative else ""
        try:
            with OpenFolder(path, self.root) as folder:
                names = folder.names()
                if not self._enter(folder):
                    yield PassedBy(relative, "skipped", "folder that is packed under another name")
                    return
                for name in names:
                    step = self._look(folder, above, below, name)
                    if isinstance(step, Place):
                        places.append(step)
                    else:
                        yield step
        except OSError as error:
            yield PassedBy(relative, "failed", f"unreadable folder: {error.strerror}")
        yield from places

    def _enter(self, folder: OpenFolder) -> bool:
        status = folder.look()
        key = status.st_dev, status.st_ino
        is_new = key not in self._entered
        self._entered.add(key)
        return is_new

    def _look(self, folder: OpenFolder, above: str, below: str, name: str) -> Step | Place:
        path, relative = above + name, below + name
        if name[0] == "." and not self._include_hidden:
            return PassedBy(relative, "skipped", "hidden")
        try:
            status = folder.look(name)
        except OSError as error:
            return PassedBy(relative, "failed", Unpackable.by(error).reason)
        kind = stat.S_IFMT(status.st_mode)
        if kind == stat.S_IFLNK:
            try:
                return self._follow(path, relative)
            except OSError as error:
                return _unreachable(relative, error)
        if kind == stat.S_IFDIR:
            excluded = PassedBy(relative, "skipped", EXCLUDED)
            return excluded if path in self._excluded else Place(path, relative)
        return _found(relative, path, status, folder.inode(status))

    def _follow(self, link: str, relative: str) -> Step | Place:
        target = os.path.realpath(link, strict=True)
        if not is_inside(target, self.root):
            return PassedBy(relative, "skipped", "link out of the root folder")
        if self._is_hidden(target):
            return PassedBy(relative, "skipped", "link to something hidden")
        if self._is_excluded(target):
            return PassedBy(relative, "skipped", EXCLUDED)
        status = os.stat(target)
        if stat.S_ISDIR(status.st_mode):
            return self._follow_folder(link, relative, target)
        key = status.st_dev, status.st_ino
        if key in self._linked:
            return PassedBy(relative, "skipped", f"link to the same file as {self._linked[key]}")
        if stat.S_ISREG(status.st_mode):
            self._linked[key] = relative
        # By now the link may lead elsewhere: where it does is looked at again when it is opened.
        return _found(relative, target, status, None)

    def _follow_folder(self, link: str, relative: str, target: str) -> Step | Place:
        if is_inside(link, target) or is_inside(self.folder, target):
            return PassedBy(relative, "skipped", "link loop")
        if is_inside(target, self.folder):
            inner = os.path.relpath(target, self.folder)
            return PassedBy(relative, "skipped", f"link to {inner}, which is packed itself")
        return Place(target, relative)

    def _is_excluded(self, path: str) -> bool:
        return any(is_inside(path, folder) for folder in self._excluded)

    def _is_hidden(self, target: str) -> bool:
        base = self.folder if is_inside(target, self.folder) else self.root
        parts = os.path.relpath(target, base).split(os.sep)
        return not self._include_hidden and any(p.startswith(".") and p != "." for p in parts)


def _found(relative: str, path: str, status: os.stat_result, inode: tuple[int, int] | None) -> Step:
    if not stat.S_ISREG(status.st_mode):
        kind = KINDS.get(stat.S_IFMT(status.st_mode), "special file")
        return PassedBy(relative, "skipped", kind)
    return Found(relative, path, status.st_size, from_timestamp_or_epoch(status.st_mtime), inode)


def from_timestamp_or_epoch(seconds: float) -> datetime:
    """Return a file's time; file systems can hold ones that no calendar has."""
    try:
        return from_timestamp(seconds)
    except (OverflowError, ValueError, OSError):
        return from_timestamp(0)


def _unreachable(relative: str, error: OSError) -> PassedBy:
    if error.errno == errno.ELOOP:
        return PassedBy(relative, "skipped", "link loop")
    if isinstance(error, FileNotFoundError):
        return PassedBy(relative, "skipped", "dangling link")
    return PassedBy(relative, "failed", f"unreadable: {error.strerror}")
