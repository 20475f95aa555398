"""Notebooks of a session that aren't recorded, by their owner's word or by the settings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..errors import InvalidRequest
from ..records.unrecorded import is_unrecorded, matches

MOST = 1000
"""Notebooks that one session may have turned off."""


class NotebooksOff:
    """Paths relative to the served root. The recorder's thread, but for its two sets."""

    def __init__(self, patterns: Sequence[str] = (), paths: Iterable[str] = ()) -> None:
        self.paths: frozenset[str] = frozenset(paths)
        """Those that are off by their owner's word."""
        self.by_settings: frozenset[str] = frozenset()
        """Those that were met and that a pattern matches."""
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

    def meet(self, path: str) -> None:
        """Know that a notebook is used, so that its page can tell whether a pattern matches it."""
        if path not in self.by_settings and matches(path, self._patterns):
            others = self.by_settings if len(self.by_settings) < MOST else frozenset[str]()
            self.by_settings = others | {path}

    def change(self, path: str, *, off: bool) -> bool:
        """Turn one off, or on again; tell whether that is news.

        Raises InvalidRequest where the settings have it off.
        """
        if not off and matches(path, self._patterns):
            raise InvalidRequest(
                f"{path!r} is not recorded by the settings.",
                "SessionExport.unrecorded_notebooks has a pattern that matches it.",
            )
        if (path in self.paths) == off:
            return False
        if off and len(self.paths) >= MOST:
            raise InvalidRequest(f"No more than {MOST} notebooks can be turned off.")
        self._replace(self.paths | {path} if off else self.paths - {path})
        return True

    def rename(self, old: str, new: str) -> bool:
        """Follow a notebook, or all of a folder; tell whether any was off. A pattern stays one."""
        # Where something lies now it is met again.
        self.by_settings = frozenset(p for p in self.by_settings if not _is_in(p, old))
        moved = {p: new + p.removeprefix(old) for p in self.paths if _is_in(p, old)}
        if moved:
            self._replace(self.paths - moved.keys() | frozenset(moved.values()))
        return bool(moved)

    def _replace(self, paths: frozenset[str]) -> None:
        self.paths = paths
        self._known = {}


def _is_in(path: str, place: str) -> bool:
    return path == place or path.startswith(f"{place}/")
