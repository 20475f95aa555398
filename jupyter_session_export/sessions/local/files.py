"""The files of a session on this machine."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path, PurePath
from typing import BinaryIO

from ...errors import FileMissing, InvalidName
from ...workspaces.files import OwnFiles
from ...workspaces.listing import list_files
from ...workspaces.names import new_parts
from ..backend import Report


class LocalFiles:
    """Files below a folder, by descriptors, so that no path and no link leads out.

    Absolute paths elsewhere are taken only where `anywhere` allows them.
    """

    def __init__(self, folder: Path, *, anywhere: bool = False) -> None:
        self.folder = folder
        self._anywhere = anywhere

    async def digests(self, paths: Sequence[str]) -> dict[str, str | None]:
        """As `SessionFiles` says."""
        return await asyncio.to_thread(lambda: {path: self._digest(path) for path in paths})

    async def write(self, path: str, content: BinaryIO, size: int, report: Report) -> None:
        """As `SessionFiles` says."""
        own, name = self._at(path)
        await asyncio.to_thread(own.put, name, _Reported(content, size, report))

    async def read(self, path: str, into: BinaryIO, report: Report) -> None:
        """As `SessionFiles` says."""
        await asyncio.to_thread(self._read, path, into, report)

    async def list(self, folder: str = "") -> Sequence[str]:
        """As `SessionFiles` says."""
        own, name = self._at(f"{folder}/x") if folder else (OwnFiles(self.folder), "x")
        parent = own.path / PurePath(name).parent
        prefix = f"{folder.rstrip('/')}/" if folder else ""
        found = await asyncio.to_thread(list_files, parent)
        return [f"{prefix}{file.path}" for file in found]

    def _digest(self, path: str) -> str | None:
        own, name = self._at(path)
        digest = hashlib.sha256()
        try:
            with closing(own.open(name)) as file:
                for chunk in file.read(0, file.size):
                    digest.update(chunk)
        except FileMissing:
            return None
        return digest.hexdigest()

    def _read(self, path: str, into: BinaryIO, report: Report) -> None:
        own, name = self._at(path)
        with closing(own.open(name)) as file:
            done = 0
            for chunk in file.read(0, file.size):
                into.write(chunk)
                done += len(chunk)
                report(done, file.size)

    def _at(self, path: str) -> tuple[OwnFiles, str]:
        """Return the folder that a path is below of, and the rest of it. Raises InvalidName."""
        pure = PurePath(path)
        if pure.is_absolute() and not pure.is_relative_to(self.folder):
            if not self._anywhere:
                raise InvalidName(
                    f"{path} leads out of the session's folder.",
                    "Begin the session with absolute_paths=True to allow that.",
                )
            return OwnFiles(Path(pure.parent)), pure.name
        name = pure.relative_to(self.folder).as_posix() if pure.is_absolute() else path
        return OwnFiles(self.folder), "/".join(new_parts(name))


class _Reported:
    """A file that tells how much of it has been read."""

    def __init__(self, file: BinaryIO, size: int, report: Report) -> None:
        self._file, self._size, self._report = file, size, report
        self._done = 0

    def read(self, size: int, /) -> bytes:
        chunk = self._file.read(size)
        self._done += len(chunk)
        self._report(self._done, self._size)
        return chunk
