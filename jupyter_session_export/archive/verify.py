"""A ZIP against its own manifest: every member, and none besides."""

from __future__ import annotations

import hashlib
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

from ..errors import ArchiveUnreadable
from .chunks import CHUNK_BYTES
from .ledger import CHECKSUMS, MANIFEST
from .listed import Sum, listed_sums, manifest_sums

MOST_MANIFEST_BYTES = 1024**3
"""A manifest larger than this is not ours."""
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    ArithmeticError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    ValueError,
)
"""What Python's zipfile raises for damage, here and there."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A member that is not as the manifest says, and what is wrong with it."""

    path: str
    what: str


@dataclass(frozen=True, slots=True)
class Verification:
    """How a ZIP was found. `entries` counts its members, also the damaged ones.

    `sums` has the SHA-256 of each member that could be read.
    """

    entries: int
    problems: tuple[Problem, ...]
    sums: dict[str, str] = field(default_factory=dict, compare=False, repr=False)

    @property
    def ok(self) -> bool:
        return not self.problems


Progress = Callable[[int, int], object]
"""Told how many raw bytes were checked, and of how many."""


def verify(archive: str | Path | IO[bytes], progress: Progress | None = None) -> Verification:
    """Check each member of a ZIP against manifest.json and manifest-sha256.txt.

    Raises ArchiveUnreadable for what is no ZIP, is cut off, or has no manifest
    of ours. Members are read in chunks, never whole.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            return verify_opened(opened, progress)
    except FileNotFoundError as error:
        raise ArchiveUnreadable("There is no such file.") from error
    except BROKEN as error:
        raise not_whole(error) from error


def not_whole(error: BaseException) -> ArchiveUnreadable:
    """Return what to say of a ZIP that Python's zipfile can't make sense of."""
    return ArchiveUnreadable("This is not a whole ZIP.", f"It may be damaged or cut off: {error}")


def verify_opened(archive: zipfile.ZipFile, progress: Progress | None = None) -> Verification:
    """Do so with a ZIP that is open. Raises what zipfile does (`BROKEN`), too."""
    return _Checking(archive, progress).run()


class _Checking:
    """One run over one ZIP."""

    def __init__(self, archive: zipfile.ZipFile, progress: Progress | None) -> None:
        self._archive = archive
        self._progress = progress
        self._members = archive.infolist()
        self._total = sum(member.file_size for member in self._members)
        self._done = 0

    def run(self) -> Verification:
        expected = dict(self._read(MANIFEST, manifest_sums))
        listed = dict(self._read(CHECKSUMS, listed_sums))
        found: dict[str, str | None] = {}
        problems: list[Problem] = []
        for member in self._members:
            name = member.orig_filename
            if is_folder(member):
                continue
            if name in found:
                problems.append(Problem(name, "is in the ZIP twice"))
            try:
                found[name] = self._sum(member)
            except BROKEN as error:
                found[name] = None
                problems.append(Problem(name, f"is damaged: {error}"))
        problems += _differences(found, expected, "manifest.json", {MANIFEST, CHECKSUMS})
        problems += _differences(found, listed, "manifest-sha256.txt", {CHECKSUMS})
        sums = {path: digest for path, digest in found.items() if digest is not None}
        return Verification(len(self._members), tuple(dict.fromkeys(problems)), sums)

    def _sum(self, member: zipfile.ZipInfo) -> str:
        digest = hashlib.sha256()
        with self._archive.open(member) as file:
            while chunk := file.read(CHUNK_BYTES):
                digest.update(chunk)
                self._done += len(chunk)
                if self._progress:
                    self._progress(self._done, self._total)
        return digest.hexdigest()

    def _read(self, name: str, sums: Callable[[IO[bytes]], Iterator[Sum]]) -> Iterator[Sum]:
        try:
            member = self._archive.getinfo(name)
        except KeyError as error:
            raise ArchiveUnreadable(
                f"This ZIP has no {name}.", "It was not made by jupyter_session_export."
            ) from error
        if member.file_size > MOST_MANIFEST_BYTES:
            raise ArchiveUnreadable(f"{name} is too large to be read.")
        try:
            with cast(io.BufferedIOBase, self._archive.open(member)) as file:
                yield from sums(io.BufferedReader(file))
        except BROKEN as error:
            raise ArchiveUnreadable(f"{name} is damaged.", str(error)) from error


def is_folder(member: zipfile.ZipInfo) -> bool:
    """Tell whether a member is only a folder's name: ours have none, but other packers add them."""
    return member.orig_filename.endswith("/") and not member.file_size


def _differences(
    found: dict[str, str | None], expected: dict[str, str], where: str, unlisted: set[str]
) -> Iterator[Problem]:
    for path, digest in expected.items():
        if path not in found:
            yield Problem(path, f"is missing, though {where} has it")
        elif found[path] not in (None, digest):
            yield Problem(path, f"is not what {where} says: its SHA-256 differs")
    for path in found:
        if path not in expected and path not in unlisted:
            yield Problem(path, f"is not in {where}")
