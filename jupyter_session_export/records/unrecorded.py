"""What isn't recorded: kernels by their environment, notebooks by the record and the settings."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from fnmatch import fnmatchcase

RECORD_VARIABLE = "JPY_SESSION_EXPORT_RECORD"
"""The variable that has a server or a kernel record nothing where it is "0"."""
NOTEBOOKS_OFF = "notebooks_off"
"""The fact of a record that has the paths which its owner turned off."""
NOT_RECORDED = "this notebook isn't recorded"


def is_unrecorded(path: str, paths: Collection[str], patterns: Iterable[str]) -> bool:
    """Tell whether a notebook is among those turned off, or has a path that a pattern matches."""
    return path in paths or matches(path, patterns)


def recorded(
    notebooks: Iterable[str], off: Iterable[str] | None, patterns: Iterable[str]
) -> list[str]:
    """Return the notebooks that are, in their order; `off` is what the record has of others."""
    paths, excluded = frozenset(off or ()), tuple(patterns)
    return [path for path in notebooks if not is_unrecorded(path, paths, excluded)]


def matches(path: str, patterns: Iterable[str]) -> bool:
    """Tell whether the settings have a notebook off."""
    return any(fnmatchcase(path, pattern) for pattern in patterns)
