"""The boundary to SQLite and the operating system: their errors become ours here, once."""

from __future__ import annotations

import errno
import sqlite3

from ..errors import StoreDamaged, StoreError, StoreUnavailable
from ..faults import Faults

_DAMAGE = ("malformed", "not a database", "no such table", "no such column", "corrupt")
_ADVICE = {
    errno.ENOSPC: "The disk is full; make room.",
    errno.EDQUOT: "The disk quota is used up; make room.",
    errno.EFBIG: "A file would become larger than is allowed.",
    errno.EROFS: "The file system is read-only.",
    errno.EACCES: "The account may not write there.",
    errno.EPERM: "The account may not write there.",
    errno.EIO: "The disk fails; check it.",
    errno.ELOOP: "Links are not followed inside a session's folder; remove the link.",
}


class StoreFaults(Faults):
    """Context manager: sqlite3's errors and OSErrors leave it as StoreErrors.

    Misuse of a connection (sqlite3.ProgrammingError) is a bug and passes as it is.
    """

    __slots__ = ()

    def translated(self, error: BaseException) -> StoreError | None:
        if isinstance(error, (sqlite3.ProgrammingError, sqlite3.InterfaceError)):
            return None
        if isinstance(error, (sqlite3.Error, OSError)):
            return to_store_error(error, self._doing)
        return None


def to_store_error(error: sqlite3.Error | OSError, doing: str) -> StoreError:
    """Return our error for one of SQLite or the operating system."""
    if isinstance(error, OSError):
        advice = _ADVICE.get(error.errno or 0)
        detail = f"{error}. {advice}" if advice else str(error)
        return StoreUnavailable(f"Could not {doing}.", detail)
    if _is_damage(error):
        return StoreDamaged(f"Could not {doing}: the record is damaged.", str(error))
    return StoreUnavailable(f"Could not {doing}.", f"SQLite: {error}.")


def _is_damage(error: sqlite3.Error) -> bool:
    # sqlite_errorcode came with Python 3.11; the texts have not changed since SQLite 3.7.
    if any(mark in str(error) for mark in _DAMAGE):
        return True
    return not isinstance(error, sqlite3.OperationalError)
