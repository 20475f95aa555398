"""The folder of a session: its paths, its permissions, and writing into it safely.

Folders are 0700 and files 0600 from the moment they exist. Nothing is written
through a symbolic link.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from ..errors import StoreUnavailable
from .faults import StoreFaults

SESSION_JSON = "session.json"
_FRESH = re.compile(r"\.[a-z]+\.json\.[0-9a-f]{12}")
_NO_LINKS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


class SessionFolder:
    """`<data_dir>/sessions/<id>/` and what lies where in it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def session_id(self) -> str:
        return self.path.name

    @property
    def session_json(self) -> Path:
        return self.path / SESSION_JSON

    @property
    def database(self) -> Path:
        return self.path / "record.sqlite3"

    @property
    def database_files(self) -> list[Path]:
        """The database, and what SQLite may put beside it."""
        name = self.database.name
        return [self.path / f"{name}{suffix}" for suffix in ("", "-wal", "-shm", "-journal")]

    @property
    def blobs(self) -> Path:
        return self.path / "blobs"

    @property
    def pins(self) -> Path:
        return self.path / "pins"

    @property
    def spool(self) -> Path:
        return self.path / "spool"

    @property
    def exports(self) -> Path:
        return self.path / "exports"

    @property
    def outputs(self) -> Path:
        return self.path / "outputs"

    @property
    def states(self) -> Path:
        return self.path / "states"

    @property
    def access_json(self) -> Path:
        return self.path / "access.json"

    @property
    def restore_json(self) -> Path:
        return self.path / "restore.json"

    @property
    def lease_lock(self) -> Path:
        return self.path / "lease.lock"

    @property
    def lease_json(self) -> Path:
        return self.path / "lease.json"

    def create(self) -> None:
        """Make the folder and its subfolders, where they are missing."""
        private_folder(self.path)
        for subfolder in (self.blobs, self.pins, self.spool, self.exports, self.outputs):
            private_folder(subfolder)

    def sweep(self) -> None:
        """Remove what a killed writer was about to put in a file's place. For the one writer."""
        with StoreFaults("tidy up the session's folder"):
            for path in self.path.glob(".*"):
                if _FRESH.fullmatch(path.name):
                    path.unlink(missing_ok=True)

    def write_private(self, path: Path, content: bytes, *, durable: bool = False) -> None:
        """Replace a file of this folder at once: readers see the old or the new, never a part.

        `durable` also waits until the disk has it. Raises StoreUnavailable.
        """
        fresh = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
        with StoreFaults(f"write {path.name}"):
            try:
                _write_new(fresh, content, durable)
                fresh.replace(path)
            except BaseException:
                fresh.unlink(missing_ok=True)
                raise


def private_folder(path: Path) -> Path:
    """Make a folder that only its owner may enter. Raises StoreUnavailable if it can't be one."""
    with StoreFaults(f"make the folder {path.name}"):
        try:
            path.mkdir(mode=0o700)
        except FileExistsError:
            if not stat.S_ISDIR(path.lstat().st_mode):
                raise StoreUnavailable(
                    f"{path.name} in the data folder is not a folder.",
                    f"{path} is a file or a link, and links are not followed; remove it.",
                ) from None
    return path


def open_private(path: Path, flags: int) -> int:
    """Open a file with `os.open` flags: 0600 if it is made, refused if it is a link."""
    return os.open(path, flags | _NO_LINKS, 0o600)


def refuse_link(path: Path) -> None:
    """Raise StoreUnavailable where a library that follows links would meet one."""
    if path.is_symlink():
        raise StoreUnavailable(
            f"{path.name} in a session's folder is a link.",
            f"Links are not followed there; remove {path}.",
        )


def put_on_disk(path: Path) -> None:
    """Wait until the disk has a file. Raises OSError."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def put_names_on_disk(folder: Path) -> None:
    """Wait until the disk has the names in a folder, where that can be asked for."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def write_all(descriptor: int, content: bytes | bytearray | memoryview) -> None:
    """Write all of the content, in as many calls as the system takes."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _write_new(path: Path, content: bytes, durable: bool) -> None:
    descriptor = open_private(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    try:
        write_all(descriptor, content)
        if durable:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
