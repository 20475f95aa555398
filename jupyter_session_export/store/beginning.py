"""Sessions of which a crash has left the beginning only: nothing was recorded of them yet."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import closing

from ..errors import StoreError
from .database import Database
from .folder import SessionFolder

_OWN = re.compile(
    r"record\.sqlite3(-wal|-shm|-journal)?|lease\.(lock|json)|\.(lease|session)\.json\.[0-9a-f]+"
)
_EMPTY = ("executions", "log_lines", "facts", "notebooks", "blobs")


def holds_nothing(folder: SessionFolder) -> bool:
    """Tell whether a folder has no session.json, which comes last, and nothing worth keeping.

    False where that can't be told.
    """
    try:
        names = set(_files_below(folder))
        if not all(map(_OWN.fullmatch, names)):
            return False
        if folder.database.name not in names or not folder.database.stat().st_size:
            return True
        with closing(Database.for_reading(folder)) as database:
            # Both are the package's own text.
            return not any(database.rows(f"SELECT 1 FROM {t} LIMIT 1") for t in _EMPTY)  # noqa: S608
    except (StoreError, OSError):
        return False


def _files_below(folder: SessionFolder) -> Iterator[str]:
    def fail(error: OSError) -> None:
        raise error

    for _, _, names in os.walk(folder.path, onerror=fail):
        yield from names
