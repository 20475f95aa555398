"""Folders that are to go: renamed first, so that nobody meets one that is half there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from ..errors import FileMissing
from .directory import Directory
from .faults import FileFaults
from .removal import Removed, empty

_TOMBSTONE = re.compile(r"\.removed-(?P<name>[0-9a-f]{32})")


def bury(folder: Path) -> Path:
    """Give a session's folder a name that no list shows; return where it lies now."""
    tombstone = folder.with_name(f".removed-{folder.name}")
    with FileFaults("remove the session"):
        folder.rename(tombstone)
    return tombstone


def raise_up(tombstone: Path) -> None:
    """Give a folder its name back: something in it was still needed."""
    with FileFaults("keep the session"):
        tombstone.rename(tombstone.with_name(buried_name(tombstone)))


def tombstones_in(parent: Path) -> Iterator[Path]:
    """Yield what lies there to be removed, also what a crash left behind."""
    with suppress(FileMissing), FileFaults("list what is to be removed"):
        with Directory.open(parent) as folder:
            entries = list(folder.scan())
        for entry in entries:
            if _TOMBSTONE.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False):
                yield parent / entry.name


def buried_name(tombstone: Path) -> str:
    """Return the name that it had."""
    match = _TOMBSTONE.fullmatch(tombstone.name)
    if match is None:
        raise ValueError(tombstone)
    return match["name"]


def dissolve(tombstone: Path, check: Callable[[], object]) -> Removed:
    """Remove it for good. What it still holds when this is cut off is for the next time."""
    with FileFaults("remove a session's files"):
        with Directory.open(tombstone) as folder:
            removed = empty(folder, check)
        tombstone.rmdir()
    return removed
