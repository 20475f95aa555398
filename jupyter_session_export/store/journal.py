"""Which of SQLite's journals a folder can bear.

A write-ahead log needs memory that processes share. File systems of a network
don't have it between hosts, and on one host they may say they do.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from contextlib import closing
from functools import lru_cache
from pathlib import Path

from .folder import open_private

_NETWORK = ("nfs", "cifs", "smb", "9p", "afs", "ceph", "lustre", "gpfs", "gluster", "fuse.")
_MOUNTS = Path("/proc/self/mountinfo")


def bears_wal(folder: Path) -> bool:
    """Tell whether a write-ahead log works in this folder. Raises OSError if nothing can."""
    if is_network(file_system_of(folder)):
        return False
    try:
        return _probe(folder)
    except sqlite3.OperationalError:
        return False


def is_network(kind: str) -> bool:
    """Tell whether a file system's type is that of a network's, or of a program's own."""
    return kind.startswith(_NETWORK)


def file_system_of(folder: Path, mounts: Path = _MOUNTS) -> str:
    """Return the type of the file system a folder is on; empty where that isn't told (proc(5))."""
    try:
        lines = mounts.read_bytes().splitlines()
    except OSError:
        return ""
    best, kind, path = b"", b"", os.fsencode(folder.resolve())
    for line in lines:
        before, _, after = line.partition(b" - ")
        point = before.split(b" ")[4].replace(b"\\040", b" ")
        if len(point) >= len(best) and (path + b"/").startswith(point.rstrip(b"/") + b"/"):
            best, kind = point, after.split(b" ")[0]
    return os.fsdecode(kind)


@lru_cache(maxsize=32)
def _probe(folder: Path) -> bool:
    """Write by one connection, read by another; an error may pass, and isn't remembered."""
    path = folder / f"probe-{secrets.token_hex(6)}.sqlite3"
    os.close(open_private(path, os.O_RDWR | os.O_CREAT | os.O_EXCL))
    try:
        with closing(sqlite3.connect(path)) as one, closing(sqlite3.connect(path)) as other:
            if one.execute("PRAGMA journal_mode = WAL").fetchone() != ("wal",):
                return False
            with one:
                one.execute("CREATE TABLE probe (value)")
                one.execute("INSERT INTO probe VALUES (42)")
            return bool(other.execute("SELECT value FROM probe").fetchone() == (42,))
    finally:
        for suffix in ("", "-wal", "-shm", "-journal"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
