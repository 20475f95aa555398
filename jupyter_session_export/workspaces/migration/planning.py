"""Looks through the old layout and finds a place in the session for each file."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from itertools import count
from pathlib import Path, PurePosixPath

from ...errors import MigrationFailed
from ..directory import Directory
from ..files import CATEGORIES
from .copying import Place
from .items import Item
from .journal import Journal


def plan(directory: Path, session_id: str, session: Place, *, backup: bool) -> Journal:
    """Return the plan of a migration; nothing is written.

    Raises MigrationFailed where there is nothing to take over, and OSError.
    """
    old = Place(directory / "outputs")
    taken: set[str] = set()
    items = {}
    for item in _found(old) if old.root.is_dir() else ():
        placed = item.at(_free(session, item.path, taken)) if item.is_file else item
        items[item.path] = placed
    if not taken:
        raise MigrationFailed(
            f"There is nothing to take over in {directory}.",
            "It should have files in outputs/single/ or outputs/bulk/.",
        )
    folders = {str(parent) for name in taken for parent in PurePosixPath(name).parents}
    return Journal(
        Journal.next_folder(directory),
        session_id,
        backup,
        directory.stat().st_mtime_ns,
        sorted(name for name in folders - {"."} if not session.exists(name)),
        items,
    )


def _found(old: Place) -> Iterator[Item]:
    with old.folder(()) as outputs:
        yield _folder("", outputs.stat())
        for category in CATEGORIES:
            if old.exists(category):
                yield from _look(old, outputs, category, (category,))


def _below(old: Place, names: tuple[str, ...]) -> Iterator[Item]:
    with old.folder(names) as folder:
        for entry in sorted(folder.scan(), key=lambda entry: entry.name):
            yield from _look(old, folder, entry.name, (*names, entry.name))


def _look(old: Place, folder: Directory, name: str, names: tuple[str, ...]) -> Iterator[Item]:
    status = folder.stat(name)
    path = "/".join(names)
    if stat.S_ISDIR(status.st_mode):
        yield _folder(path, status)
        yield from _below(old, names)
    elif stat.S_ISREG(status.st_mode) and len(names) > 1:
        mode = stat.S_IMODE(status.st_mode)
        yield Item(path, mode, status.st_mtime_ns, status.st_size, old.digest(path))
    else:
        kind = "a link" if stat.S_ISLNK(status.st_mode) else "no regular file"
        yield Item(path, left=f"it is {kind}")


def _folder(path: str, status: os.stat_result) -> Item:
    return Item(path, stat.S_IMODE(status.st_mode), status.st_mtime_ns)


def _free(session: Place, path: str, taken: set[str]) -> str:
    """Return the path, or `name_2.txt` and so on where the session has one already."""
    name = PurePosixPath(path)
    for number in count(1):
        wanted = path if number == 1 else str(name.with_name(f"{name.stem}_{number}{name.suffix}"))
        if wanted not in taken and not session.exists(wanted):
            taken.add(wanted)
            return wanted
    raise AssertionError("count() never ends")
