"""Which of an owner's sessions may know a notebook, and by which path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from ..records.session import Session

MOST_SESSIONS = 20
"""Of the newest; older ones are not looked at."""


def sessions_with(
    sessions: Iterable[Session], root: str, path: str
) -> Iterator[tuple[Session, str]]:
    """Yield sessions, the newest first, each with a notebook's path below its own root.

    `path` is below `root`; both are empty where contents are no files.
    """
    found = 0
    for session in sorted(sessions, key=lambda one: one.number, reverse=True):
        known = path_below(session.root, root, path)
        if known is not None:
            found += 1
            yield session, known
        if found == MOST_SESSIONS:
            return


def path_below(own_root: str, root: str, path: str) -> str | None:
    """Return the path that a notebook has below another root; None where it isn't there."""
    if own_root == root:
        return path
    if not (own_root and root):
        return None
    file = Path(root, path)
    if not file.is_relative_to(own_root):
        return None
    return PurePosixPath(file.relative_to(own_root)).as_posix()
