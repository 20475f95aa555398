"""workspace/: the folders of the session's notebooks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ..contents import ArchiveContent
from ..entries import Entry, LedgerLine, OnDisk
from ..names import Names, safe_path
from ..tally import Tally
from ..tree import PassedBy, Step, Tree
from .made import shown

RENAMED = "renamed: not every system takes the name as it is"


def plan_workspace(content: ArchiveContent, _: Tally, names: Names) -> Iterator[Entry | LedgerLine]:
    """Yield what is in the folders, none of them twice."""
    places = _outermost(content.workspace)
    for folder, root in places:
        tree = Tree(folder, root, include_hidden=content.include_hidden)
        base = tree.folder if len(places) == 1 else tree.root
        below = Path(tree.folder).relative_to(base).as_posix() if _within(tree, base) else ""
        origin = Path(tree.folder).relative_to(tree.root).as_posix() if _within(tree) else ""
        for step in tree:
            yield _planned(
                step, tree, _join(below, step.relative), _join(origin, step.relative), names
            )


def _planned(step: Step, tree: Tree, below: str, origin: str, names: Names) -> Entry | LedgerLine:
    wanted = f"workspace/{below}"
    if isinstance(step, PassedBy):
        reason = shown(step.reason)
        return LedgerLine(safe_path(wanted), shown(origin), step.disposition, reason, 0, None)
    path = names.claim(wanted)
    source = OnDisk(step.path, tree.root, step.size, step.inode)
    note = None if path == wanted else RENAMED
    return Entry(path, source, step.modified, shown(origin), note)


def _outermost(places: Sequence[tuple[Path, Path]]) -> list[tuple[Path, Path]]:
    """Return the folders that are within no other one, each once."""
    real = {folder.resolve(): (folder, root) for folder, root in places}
    return [
        place
        for folder, place in real.items()
        if not any(other in folder.parents for other in real)
    ]


def _within(tree: Tree, base: str | None = None) -> bool:
    return Path(tree.folder).is_relative_to(base or tree.root)


def _join(folder: str, relative: str) -> str:
    return relative if folder in ("", ".") else f"{folder}/{relative}" if relative else folder
