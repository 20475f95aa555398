"""A ZIP against its own manifest: every member, and none besides."""

from __future__ import annotations

import hashlib
import json
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from ..errors import ArchiveUnreadable
from .chunks import CHUNK_BYTES
from .ledger import CHECKSUMS, MANIFEST

MOST_MANIFEST_BYTES = 1024**3
"""A manifest is read whole; one larger than this is not ours."""
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
    """How a ZIP was found. `entries` counts its members, also the damaged ones."""

    entries: int
    problems: tuple[Problem, ...]

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
            return _Checking(opened, progress).run()
    except FileNotFoundError as error:
        raise ArchiveUnreadable("There is no such file.", str(archive)) from error
    except BROKEN as error:
        raise ArchiveUnreadable(
            "This is not a whole ZIP.", f"It may be damaged or cut off: {error}"
        ) from error


class _Checking:
    """One run over one ZIP."""

    def __init__(self, archive: zipfile.ZipFile, progress: Progress | None) -> None:
        self._archive = archive
        self._progress = progress
        self._members = archive.infolist()
        self._total = sum(member.file_size for member in self._members)
        self._done = 0

    def run(self) -> Verification:
        expected = dict(_manifest_sums(self._read(MANIFEST)))
        listed = dict(_listed_sums(self._read(CHECKSUMS)))
        found: dict[str, str | None] = {}
        problems: list[Problem] = []
        for member in self._members:
            name = member.orig_filename
            if name in found:
                problems.append(Problem(name, "is in the ZIP twice"))
            try:
                found[name] = self._sum(member)
            except BROKEN as error:
                found[name] = None
                problems.append(Problem(name, f"is damaged: {error}"))
        problems += _differences(found, expected, "manifest.json", {MANIFEST, CHECKSUMS})
        problems += _differences(found, listed, "manifest-sha256.txt", {CHECKSUMS})
        return Verification(len(self._members), tuple(dict.fromkeys(problems)))

    def _sum(self, member: zipfile.ZipInfo) -> str:
        digest = hashlib.sha256()
        with self._archive.open(member) as file:
            while chunk := file.read(CHUNK_BYTES):
                digest.update(chunk)
                self._done += len(chunk)
                if self._progress:
                    self._progress(self._done, self._total)
        return digest.hexdigest()

    def _read(self, name: str) -> bytes:
        try:
            member = self._archive.getinfo(name)
        except KeyError as error:
            raise ArchiveUnreadable(
                f"This ZIP has no {name}.", "It was not made by jupyter_session_export."
            ) from error
        if member.file_size > MOST_MANIFEST_BYTES:
            raise ArchiveUnreadable(f"{name} is too large to be read.")
        try:
            return self._archive.read(member)
        except BROKEN as error:
            raise ArchiveUnreadable(f"{name} is damaged.", str(error)) from error


def _manifest_sums(manifest: bytes) -> Iterator[tuple[str, str]]:
    try:
        document: Any = json.loads(manifest)
        for entry in document["entries"]:
            if entry["sha256"] is not None:
                yield str(entry["path"]), str(entry["sha256"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ArchiveUnreadable(
            "manifest.json can't be read.", "It was not made by jupyter_session_export."
        ) from error


def _listed_sums(checksums: bytes) -> Iterator[tuple[str, str]]:
    for line in checksums.decode("utf-8", "replace").split("\n"):
        digest, separator, path = line.partition("  ")
        if separator:
            yield path, digest


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
