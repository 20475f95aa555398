"""`session_files`: the session's own files, for code that runs in a kernel."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ..client.access import Access
from ..client.client import SessionExportClient
from ..client.destination import Destination, PartialFile
from ..errors import NoRecordingServer
from ..workspaces.files import BULK, CATEGORIES, SINGLE, OwnFiles
from ..workspaces.listing import FileInfo, list_files
from .content import content_of
from .download_link import DownloadLink
from .own import own_recorder

ELSEWHERE = "Write files beside the notebook instead, or run the kernel where the server runs."


class SessionFiles:
    """The files of the session that this kernel belongs to.

    They lie in a folder of the session's own, outside of the served root, and go
    into its ZIP as `outputs/`. Every method raises a SessionExportError.
    """

    @property
    def path(self) -> Path:
        """The folder, with `single/` and `bulk/` in it. Raises NoRecordingServer."""
        own = own_recorder()
        files = Access.of_kernel().files if own is None else own.files
        if not files:
            raise NoRecordingServer(
                "The server that records this kernel keeps no files for it here.", ELSEWHERE
            )
        path = Path(files)
        if not path.is_dir():
            raise NoRecordingServer(
                "The folder of the session's files can't be reached from this kernel.",
                f"The session may have ended; or the kernel runs on another machine. {ELSEWHERE}",
            )
        return path

    def save(self, name: str | os.PathLike[str], data: Any) -> Path:
        """Save one file and return its path; one of this name is replaced, at once.

        `data` is bytes, a text (written as UTF-8), a pathlib.Path or an open file to
        copy, a matplotlib figure or a pandas DataFrame, which are written in the
        format that the name's suffix says.
        """
        with content_of(name, data) as content:
            saved = OwnFiles(self.path).save(name, content, SINGLE)
        return self.path / saved.path

    def bulk(self, name: str | os.PathLike[str]) -> Path:
        """Return a folder to write any number of files to; it is made where it is missing."""
        return OwnFiles(self.path).bulk(name)

    def list(self) -> list[FileInfo]:
        """Return the files, each with `path`, `category`, `bytes` and `modified`."""
        return list_files(self.path)

    def delete(self, path: str | os.PathLike[str]) -> None:
        """Delete a file or a folder, such as "single/plot.png" or "bulk/frames"."""
        OwnFiles(self.path).delete(self._relative(path))

    def download(
        self,
        path: str | os.PathLike[str] = BULK,
        to: str | os.PathLike[str] | None = None,
    ) -> DownloadLink | Path:
        """Return a link that downloads one file, or all of "bulk" or "single" as a ZIP.

        `to` is a folder or the name of a `.zip`: the ZIP, or the file, is then
        written there, and its path returned. Nothing is overwritten.
        """
        wanted = self._relative(path)
        access = Access.of_kernel()
        zipped = wanted in CATEGORIES
        route = f"session/files/download?category={wanted}" if zipped else None
        if not zipped:
            OwnFiles(self.path).open(wanted).close()
        link = DownloadLink.to(access, wanted, route)
        return link if to is None else _fetch(access, link, Path(to))

    def _relative(self, path: str | os.PathLike[str]) -> str:
        """Take a path below `path`, or one that `save` returned."""
        given = Path(path)
        if given.is_absolute() and given.is_relative_to(self.path):
            return given.relative_to(self.path).as_posix()
        return os.fspath(path) if isinstance(path, str) else given.as_posix()

    def __repr__(self) -> str:
        return "session_files"


def _fetch(access: Access, link: DownloadLink, to: Path) -> Path:
    destination = Destination.parse(to, to)
    partial = PartialFile(destination)
    try:
        with SessionExportClient(access) as client:
            client.fetch(link.route, partial.write)
        return partial.keep(link.filename)
    finally:
        partial.discard()


session_files = SessionFiles()
