"""What a ZIP would hold, without making it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from .entries import Entry, LedgerLine, OnDisk, Recorded, Text
from .sections.workspace import outermost
from .tree import Found, Tree


class Survey:
    """Entries and raw bytes by section; files are looked at, not read."""

    def __init__(self) -> None:
        self.entries: Counter[str] = Counter()
        self.bytes: Counter[str] = Counter()
        self.left_out = 0

    def add(self, item: Entry | LedgerLine) -> None:
        """Take an item of a plan into account."""
        if isinstance(item, LedgerLine):
            self.left_out += 1
            return
        section = item.path.partition("/")[0]
        self.entries[section] += 1
        self.bytes[section] += _size(item)


def survey(plan: Iterable[Entry | LedgerLine]) -> Survey:
    """Return what a plan would pack, but for its closing texts and logs' sizes."""
    result = Survey()
    for item in plan:
        result.add(item)
    return result


def survey_folders(
    places: Sequence[tuple[Path, Path]],
    *,
    include_hidden: bool,
    excluded: Iterable[Path],
    check: Callable[[], None],
) -> tuple[int, int]:
    """Return the files and bytes that `workspace/` would have of folders. Raises as `check`."""
    files = size = 0
    for folder, root in outermost(places):
        for step in Tree(folder, root, include_hidden=include_hidden, excluded=excluded):
            check()
            if isinstance(step, Found):
                files += 1
                size += step.size
    return files, size


def _size(entry: Entry) -> int:
    source = entry.source
    if isinstance(source, Recorded):
        return source.sealed.size
    if isinstance(source, Text):
        return len(source.data)
    if isinstance(source, OnDisk) and source.size is not None:
        return source.size
    return 0
