"""Files into and out of a session: by content, in chunks, whole or not at all."""

from __future__ import annotations

import asyncio
import hashlib
import io
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from ..client.destination import PARTIAL_PREFIX
from ..errors import DestinationUnwritable, FileMissing, InvalidRequest
from .backend import Content, SessionFiles

Uploads = Mapping[str, Content] | Sequence[str | os.PathLike[str]]
Downloads = Mapping[str, str | os.PathLike[str]] | Sequence[str]
Tell = Callable[[str, float], None]
"""Called with a file's name and with how much of the stage is done, in percent."""
_CHUNK = 1 << 20
RACY_SECONDS = 2.0
"""A file that was changed so shortly before may be changed again within one tick of its clock."""


@dataclass(frozen=True, slots=True)
class Hashed:
    """A file's SHA-256, and what the file was when it was worked out."""

    state: tuple[int, ...]
    sha256: str


class Transfers:
    """Of one session. Whatever the name and the time of a file, its content decides."""

    def __init__(self) -> None:
        self.uploaded: dict[str, str] = {}
        """What was sent, by its path in the session: the SHA-256 of its content."""
        self._hashed: dict[str, Hashed] = {}

    async def upload(self, uploads: Uploads, files: SessionFiles, tell: Tell) -> list[str]:
        """Send what the session doesn't have as it is here; return the paths of what was sent.

        Raises InvalidName, FileMissing.
        """
        sent = []
        wanted = named_uploads(uploads)
        if not wanted:
            return []
        here = await asyncio.to_thread(self._digests, wanted)
        there = await files.digests(list(wanted))
        for number, (path, content) in enumerate(wanted.items()):
            digest = here[path]
            if there[path] != digest:
                report = _reporting(tell, path, number, len(wanted))
                await _send(files, path, content, report)
                sent.append(path)
            self.uploaded[path] = digest
        return sent

    async def download(
        self, downloads: Downloads, files: SessionFiles, tell: Tell
    ) -> dict[str, Path]:
        """Fetch files; return where each is. One that is here already gives way to the new one.

        Raises InvalidName, FileMissing, DestinationUnwritable.
        """
        wanted = named_downloads(downloads)
        found = {}
        for number, (path, place) in enumerate(wanted.items()):
            await _fetch(files, path, place, _reporting(tell, path, number, len(wanted)))
            found[path] = place
        return found

    def _digests(self, wanted: Mapping[str, Content]) -> dict[str, str]:
        return {path: self._digest(content) for path, content in wanted.items()}

    def _digest(self, content: Content) -> str:
        if isinstance(content, bytes):
            return hashlib.sha256(content).hexdigest()
        path = os.fspath(content)
        with _opened(path) as file:
            status = os.fstat(file.fileno())
            state = (status.st_dev, status.st_ino, status.st_size, status.st_ctime_ns)
            known = self._hashed.get(path)
            if known is not None and known.state == state:
                return known.sha256
            digest = hashlib.sha256()
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
        if time.time() - status.st_ctime > RACY_SECONDS:
            self._hashed[path] = Hashed(state, digest.hexdigest())
        return digest.hexdigest()


def named_uploads(uploads: Uploads) -> dict[str, Content]:
    """Return what goes where; files without a path of their own are called as they are here."""
    if isinstance(uploads, Mapping):
        if not all(isinstance(each, (bytes, str, os.PathLike)) for each in uploads.values()):
            raise InvalidRequest("files must have bytes, or paths of files here.")
        return dict(uploads)
    if isinstance(uploads, (str, bytes)):
        raise InvalidRequest("files must be a mapping or a list of files.")
    named: dict[str, Content] = {}
    for each in uploads:
        if not isinstance(each, (str, os.PathLike)):
            raise InvalidRequest("Each of files must be the path of a file here.")
        named[Path(each).name] = each
    if len(named) != len(uploads):
        raise InvalidRequest(
            "Two of the files have the same name.", "Give a mapping of paths to files."
        )
    return named


def named_downloads(downloads: Downloads) -> dict[str, Path]:
    """Return what goes where; without a place of its own it goes below the current folder."""
    if isinstance(downloads, Mapping):
        return {path: Path(place) for path, place in downloads.items()}
    if isinstance(downloads, str):
        raise InvalidRequest("download_files must be a mapping or a list of paths.")
    # The session says what a file is called, but not where on this machine it goes.
    for path in downloads:
        if ".." in PurePosixPath(path).parts:
            raise InvalidRequest(f"{path!r} leads elsewhere.", "Say where it is to go.")
    return {path: Path.cwd() / _relative(path) for path in downloads}


def _relative(path: str) -> str:
    pure = PurePosixPath(path)
    return pure.name if pure.is_absolute() else str(pure)


async def _send(
    files: SessionFiles, path: str, content: Content, report: Callable[[int, int], None]
) -> None:
    if isinstance(content, bytes):
        await files.write(path, io.BytesIO(content), len(content), report)
        return
    with _opened(os.fspath(content)) as file:
        await files.write(path, file, os.fstat(file.fileno()).st_size, report)


async def _fetch(
    files: SessionFiles, path: str, place: Path, report: Callable[[int, int], None]
) -> None:
    partial = place.with_name(f"{PARTIAL_PREFIX}{os.urandom(8).hex()}.part")
    try:
        await asyncio.to_thread(place.parent.mkdir, parents=True, exist_ok=True)
        with partial.open("xb") as file:
            await files.read(path, file, report)
        partial.replace(place)
    except OSError as error:
        raise DestinationUnwritable(f"{path} can't be written to {place}.", str(error)) from error
    finally:
        partial.unlink(missing_ok=True)


def _opened(path: str) -> BinaryIO:
    try:
        return Path(path).open("rb")
    except OSError as error:
        raise FileMissing(f"{path} can't be read.", str(error)) from error


def _reporting(tell: Tell, path: str, number: int, count: int) -> Callable[[int, int], None]:
    def report(done: int, size: int) -> None:
        share = done / size if size else 1.0
        tell(path, 100 * (number + share) / count)

    return report
