"""Notebooks of a session that aren't recorded, by their owner's word or by the settings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..errors import InvalidRequest
from ..records.unrecorded import is_unrecorded

MOST = 1000
"""Notebooks that one session may have turned off."""


class NotebooksOff:
    """Paths relative to the served root. The recorder's thread, but for `paths`."""

    def __init__(self, patterns: Sequence[str] = (), paths: Iterable[str] = ()) -> None:
        self.paths: frozenset[str] = frozenset(paths)
        self._patterns = tuple(patterns)
        self._known: dict[str, bool] = {}

    def has(self, path: str | None) -> bool:
        """Tell whether what runs in a notebook isn't recorded. Asked for each message."""
        if path is None or not (self.paths or self._patterns):
            return False
        if path not in self._known:
            if len(self._known) > MOST:
                self._known.clear()
            self._known[path] = is_unrecorded(path, self.paths, self._patterns)
        return self._known[path]

    def add(self, paths: Iterable[str]) -> None:
        """Take in those that were off before."""
        self._replace(self.paths.union(paths))

    def change(self, path: str, *, off: bool) -> None:
        """Turn one off, or on again. Raises InvalidRequest where the settings have it off."""
        if off and path not in self.paths and len(self.paths) >= MOST:
            raise InvalidRequest(f"No more than {MOST} notebooks can be turned off.")
        self._replace(self.paths | {path} if off else self.paths - {path})
        if not off and self.has(path):
            raise InvalidRequest(
                f"{path!r} is not recorded by the settings.",
                "SessionExport.unrecorded_notebooks has a pattern that matches it.",
            )

    def rename(self, old: str, new: str) -> bool:
        """Follow a notebook, or all of a folder; tell whether any was off. A pattern stays one."""
        moved = {p: new + p.removeprefix(old) for p in self.paths if p == old or _lies_in(p, old)}
        if moved:
            self._replace(self.paths - moved.keys() | frozenset(moved.values()))
        return bool(moved)

    def _replace(self, paths: frozenset[str]) -> None:
        self.paths = paths
        self._known = {}


def _lies_in(path: str, folder: str) -> bool:
    return path.startswith(f"{folder}/")
