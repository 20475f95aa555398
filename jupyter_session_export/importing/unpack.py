"""Unpacks what was verified: each file private, with its own time, and checked once more."""

from __future__ import annotations

import hashlib
import os
import struct
import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import NamedTuple

from ..archive.chunks import CHUNK_BYTES
from ..archive.names import Names
from ..archive.verify import BROKEN, is_folder
from ..errors import ArchiveDamaged
from .place import told

CREATE = (
    os.O_WRONLY
    | os.O_CREAT
    | os.O_EXCL
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
TIME = struct.Struct("<HHBi")
TIME_FIELD = 0x5455


class Renamed(NamedTuple):
    """A member whose name this system, or another one, could not hold."""

    path: str
    name: str


class Unpacking:
    """Members of an open ZIP on their way into an empty folder.

    `sums` are their SHA-256 as verified: a ZIP that changed since then is
    ArchiveDamaged. `most_bytes` is how long a path within the folder may be.
    `report` is told how many bytes were written; what it raises ends the unpacking.
    """

    def __init__(
        self,
        archive: zipfile.ZipFile,
        folder: Path,
        sums: Mapping[str, str],
        most_bytes: int,
        report: Callable[[int], object],
    ) -> None:
        self._archive = archive
        self._folder = folder
        self._sums = sums
        self._names = Names(most_bytes)
        self._report = report
        self._folders = {""}
        self.files = 0
        self.bytes = 0
        self.renamed: list[Renamed] = []

    def run(self) -> None:
        """Unpack all. Raises ArchiveDamaged, DestinationUnwritable."""
        for member in self._archive.infolist():
            if not is_folder(member):
                self._unpack(member)

    def _unpack(self, member: zipfile.ZipInfo) -> None:
        path = member.orig_filename
        name = self._names.claim(path)
        if name != path:
            self.renamed.append(Renamed(path, name))
        with told(self._folder):
            self._make_folder(name.rpartition("/")[0])
            target = self._folder / name
            file = os.open(target, CREATE, 0o600)
        try:
            digest = self._copy(member, file)
        finally:
            os.close(file)
        if digest != self._sums[path]:
            raise ArchiveDamaged(f"{path} changed while the ZIP was unpacked.", "Try again.")
        with told(self._folder):
            seconds = time_of(member)
            os.utime(target, (seconds, seconds))
        self.files += 1

    def _make_folder(self, folder: str) -> None:
        missing = []
        while folder not in self._folders:
            missing.append(folder)
            folder = folder.rpartition("/")[0]
        for below in reversed(missing):
            (self._folder / below).mkdir(0o700)
            self._folders.add(below)

    def _copy(self, member: zipfile.ZipInfo, file: int) -> str:
        digest = hashlib.sha256()
        for chunk in _chunks(self._archive, member):
            digest.update(chunk)
            with told(self._folder):
                _write(file, chunk)
            self.bytes += len(chunk)
            self._report(self.bytes)
        return digest.hexdigest()


def _chunks(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    try:
        with archive.open(member) as content:
            while chunk := content.read(CHUNK_BYTES):
                yield chunk
    except BROKEN as error:
        raise ArchiveDamaged(
            f"{member.orig_filename} changed while the ZIP was unpacked.", str(error)
        ) from error


def _write(file: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]


def time_of(member: zipfile.ZipInfo) -> float:
    """Return a member's time in seconds since 1970: the extended field's, else DOS's as UTC."""
    extra, at = member.extra, 0
    while at + 4 <= len(extra):
        field, length = struct.unpack_from("<HH", extra, at)
        if (
            field == TIME_FIELD
            and length >= 5
            and at + TIME.size <= len(extra)
            and extra[at + 4] & 1
        ):
            return float(TIME.unpack_from(extra, at)[3])
        at += 4 + length
    try:
        return datetime(*member.date_time, tzinfo=timezone.utc).timestamp()
    except ValueError:
        return 0.0
