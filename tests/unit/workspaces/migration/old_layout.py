"""An old layout with all kinds of things in it, and what it looks like to the byte."""

from __future__ import annotations

import os
import stat
from pathlib import Path


def make_old_layout(directory: Path) -> None:
    """Files of several sizes and permissions, folders that are empty, a link, a FIFO."""
    outputs = directory / "outputs"
    for name, content in {
        "single/a.txt": b"one",
        "single/sub/b.bin": os.urandom(100_000),
        "single/empty": b"",
        "bulk/run 1/0.png": b"png",
        "bulk/run 1/ümlaut.txt": b"text",
    }.items():
        path = outputs / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (outputs / "bulk/nothing").mkdir()
    (outputs / "single/a.txt").chmod(0o640)
    (outputs / "bulk/run 1").chmod(0o750)
    (outputs / "bulk/link").symlink_to("/etc/passwd")
    os.mkfifo(outputs / "bulk/pipe")
    (outputs / "other.txt").write_bytes(b"beside")
    for number, path in enumerate(sorted(outputs.rglob("*"), reverse=True)):
        if not path.is_symlink():
            os.utime(path, ns=(10**18 + number, 10**18 + number * 7919))
    os.utime(outputs, ns=(10**18, 10**18))


def picture(folder: Path) -> dict[str, tuple[object, ...]]:
    """Return all that is in a folder: kinds, permissions, times, content."""
    return {
        path.relative_to(folder).as_posix(): _seen(path) for path in [folder, *folder.rglob("*")]
    }


def contents(folder: Path) -> dict[str, bytes]:
    """Return the regular files of a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink()
    }


def _seen(path: Path) -> tuple[object, ...]:
    status = path.lstat()
    if stat.S_ISLNK(status.st_mode):
        return "link", str(path.readlink())
    what = path.read_bytes() if stat.S_ISREG(status.st_mode) else None
    return status.st_mode, status.st_mtime_ns, what
