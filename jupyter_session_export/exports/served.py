"""Paths below the served root, as records have them."""

from __future__ import annotations

from pathlib import Path, PurePosixPath


def relative_to_root(path: str, root: str) -> str:
    """Return a notebook's path as the record has it, also where it came as the absolute one."""
    if root and Path(path).is_absolute() and Path(path).is_relative_to(root):
        return PurePosixPath(Path(path).relative_to(root)).as_posix()
    return path.lstrip("/")
