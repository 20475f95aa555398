"""Whether one process can keep another from writing the same session, and by which journal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from filelock import Timeout

from ...store.journal import bears_wal, file_system_of, is_network
from ...store.lease import os_lock
from .commands import trying
from .finding import Finding, found, well
from .folder import ELSEWHERE
from .probe import ProbeFailed, ask
from .trial import trial_folder

SECONDS = 30.0
_OTHER = """
import json, sys
from filelock import FileLock, Timeout
try:
    with FileLock(sys.argv[1]).acquire(timeout=0):
        got = True
except Timeout:
    got = False
print(json.dumps({"got": got}))
"""
"""What another process does: it takes the lock, if it can."""


def examine_locks(data_dir: Path) -> Iterator[Finding]:
    """Lock a file as sessions are locked, and have another process try to get it."""
    try:
        with trial_folder(data_dir) as folder:
            yield _try_locks(folder)
    except OSError as error:
        why = f"Locking could not be tried: {error.strerror}."
        yield found("LOCKS_NOT_TRIED", why, ELSEWHERE)


def _try_locks(folder: Path) -> Finding:
    kind = file_system_of(folder)
    facts: dict[str, Any] = {"file_system": kind, "network": is_network(kind)}
    named = f"the file system ({kind})" if kind else "the file system"
    lock = os_lock(folder / "lock")
    try:
        lock.acquire(timeout=0)
    except (Timeout, NotImplementedError, OSError) as error:
        return found(
            "LOCKS_MISSING",
            f"A file can't be locked by {named}; who writes a session is known by lease.json only.",
            ELSEWHERE,
            error=str(error),
            **facts,
        )
    try:
        meanwhile = _other_gets(folder / "lock")
    except ProbeFailed as error:
        why = f"No second process could try: {error.why}"
        return found("LOCKS_NOT_TRIED", why, trying(sys.executable), **facts)
    finally:
        lock.release()
    if meanwhile:
        return found(
            "LOCKS_DISREGARDED",
            f"Two processes could lock the same file: {named} only says that it locks.",
            ELSEWHERE,
            **facts,
        )
    journal = "WAL" if bears_wal(folder) else "rollback"
    told = f"One process locks out another; SQLite's journal: {journal} ({kind or 'unknown'})."
    return well("LOCKS", told, journal=journal, **facts)


def _other_gets(path: Path) -> bool:
    answer = ask([sys.executable, "-c", _OTHER, str(path)], SECONDS)
    return bool(answer.get("got"))
