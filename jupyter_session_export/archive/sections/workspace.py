"""workspace/: the folders of the session's notebooks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ..contents import ArchiveContent
from ..entries import Entry, LedgerLine, OnDisk
from ..names import Names, safe_path
from ..tally import Tally
from ..tree import Found, PassedBy, Tree
from .made import shown

RENAMED = "renamed: not every system takes the name as it is"


def plan_workspace(content: ArchiveContent, _: Tally, names: Names) -> Iterator[Entry | LedgerLine]:
    """Yield what is in the folders, none of them twice."""
    places = outermost(content.workspace)
    for folder, root in places:
        tree = Tree(folder, root, include_hidden=content.include_hidden, excluded=content.excluded)
        base = tree.folder if len(places) == 1 else tree.root
        below = _join("workspace", _relative(tree.folder, base))
        origin = _relative(tree.folder, tree.root)
        for step in tree:
            wanted = _join(below, step.relative)
            seen = shown(_join(origin, step.relative))
            if isinstance(step, PassedBy):
                yield _left_out(step, wanted, seen)
            else:
                yield _planned(step, tree.root, wanted, seen, names)


def _planned(step: Found, root: str, wanted: str, origin: str, names: Names) -> Entry:
    path = names.claim(wanted)
    source = OnDisk(step.path, root, step.size, step.inode)
    return Entry(path, source, step.modified, origin, None if path == wanted else RENAMED)


def _left_out(step: PassedBy, wanted: str, origin: str) -> LedgerLine:
    reason = shown(step.reason)
    return LedgerLine(safe_path(wanted), origin, step.disposition, reason, 0, None)


def outermost(places: Sequence[tuple[Path, Path]]) -> list[tuple[Path, Path]]:
    """Return the folders that are within no other one, each once."""
    real = {folder.resolve(): (folder, root) for folder, root in places}
    return [
        place
        for folder, place in real.items()
        if not any(other in folder.parents for other in real)
    ]


def _relative(folder: str, base: str) -> str:
    path = Path(folder)
    return path.relative_to(base).as_posix() if path.is_relative_to(base) and folder != base else ""


def _join(folder: str, relative: str) -> str:
    return f"{folder}/{relative}" if folder and relative else folder or relative
