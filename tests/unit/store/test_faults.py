from __future__ import annotations

import errno
import sqlite3

import pytest

from jupyter_session_export.errors import StoreDamaged, StoreUnavailable
from jupyter_session_export.store.faults import StoreFaults


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EROFS, "Read-only file system"),
        FileNotFoundError(errno.ENOENT, "gone"),
        sqlite3.OperationalError("database or disk is full"),
        sqlite3.OperationalError("disk I/O error"),
        sqlite3.OperationalError("attempt to write a readonly database"),
    ],
)
def test_what_fails_is_unavailable(error: Exception) -> None:
    """Errors of the disk name what could not be done, and keep their cause."""
    unavailable = pytest.raises(StoreUnavailable, match="Could not turn the page")
    with unavailable as caught, StoreFaults("turn the page"):
        raise error
    assert caught.value.__cause__ is error
    assert str(error) in (caught.value.detail or "")


@pytest.mark.parametrize(
    "error",
    [
        sqlite3.DatabaseError("file is not a database"),
        sqlite3.DatabaseError("database disk image is malformed"),
        sqlite3.OperationalError("no such table: executions"),
        sqlite3.IntegrityError("FOREIGN KEY constraint failed"),
    ],
)
def test_what_is_wrong_inside_is_damaged(error: Exception) -> None:
    """Errors in what the record holds are told from errors of the disk."""
    with pytest.raises(StoreDamaged), StoreFaults("read the record"):
        raise error


@pytest.mark.parametrize("error", [sqlite3.ProgrammingError("closed"), KeyError("x")])
def test_bugs_pass(error: Exception) -> None:
    """Misuse is not dressed up as a fault of the disk."""
    with pytest.raises(type(error)), StoreFaults("read the record"):
        raise error


def test_a_full_disk_comes_with_advice() -> None:
    """The detail says what to do about it."""
    with pytest.raises(StoreUnavailable) as caught, StoreFaults("write"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert "make room" in (caught.value.detail or "")
