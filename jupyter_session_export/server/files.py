"""The routes of a session's own files: list, fetch, delete, take all as a ZIP."""

from __future__ import annotations

from collections.abc import Iterator
from email.utils import formatdate

from jupyter_server.auth.decorator import authorized
from tornado import web

from ..errors import InvalidRequest
from ..exports.transfer import Check, Transfer
from ..records.session import Session
from ..workspaces.files import BULK, CATEGORIES
from ..workspaces.opened import OpenedFile
from .base import SessionExportHandler
from .download import ArchiveHandler
from .ranges import ByteRange


class FilesHandler(SessionExportHandler):
    """`GET session/files`: what files the session has."""

    _track_activity = False

    @web.authenticated
    @authorized
    async def get(self, session_id: str | None = None) -> None:
        owner = await self.owner()
        files = await self.service.files.list(owner, self.session_id(session_id))
        self.answer({"files": [file.to_json() for file in files]})


class FilesDownloadHandler(ArchiveHandler):
    """`GET session/files/download?category=`: all files of a category as a ZIP."""

    @web.authenticated
    @authorized
    async def get(self, session_id: str | None = None) -> None:
        self.check_xsrf_cookie()
        owner = await self.owner()
        category = self.argument("category", BULK)
        if category not in CATEGORIES:
            raise InvalidRequest("category can't be that.", f"Use one of: {', '.join(CATEGORIES)}.")
        await self.send(await self.service.files.zip(owner, self.session_id(session_id), category))


class FileHandler(ArchiveHandler):
    """`GET|HEAD|DELETE session/files/{path}`: one file, or any range of it."""

    content_type = "application/octet-stream"

    @web.authenticated
    @authorized
    async def get(self, path: str, session_id: str | None = None) -> None:
        self.check_xsrf_cookie()
        session, file = await self._open(path, session_id)
        try:
            part = self._part(file)
        except BaseException:
            file.close()
            raise
        transfer = Transfer(
            file.name,
            lambda check: _checked(file, part, check),
            length=part.end - part.start,
            etag=file.etag,
            first_byte=part.start,
            ended=lambda _: file.close(),
        )
        await self.send(self.service.files.send(session, path, transfer))

    @web.authenticated
    @authorized
    async def head(self, path: str, session_id: str | None = None) -> None:
        self.check_xsrf_cookie()
        _, file = await self._open(path, session_id)
        file.close()
        # Ranges are for GET only: RFC 9110, section 14.2.
        self.set_header("Last-Modified", _date(file))
        self.describe(Transfer(file.name, lambda _: iter(()), length=file.size, etag=file.etag))
        self.finish(set_content_type=self.content_type)

    @web.authenticated
    @authorized
    async def delete(self, path: str, session_id: str | None = None) -> None:
        owner = await self.owner()
        removed = await self.service.files.delete(owner, self.session_id(session_id), path)
        self.answer({"path": path, "files": removed.files, "bytes": removed.bytes})

    async def _open(self, path: str, session_id: str | None) -> tuple[Session, OpenedFile]:
        owner = await self.owner()
        return await self.service.files.open(owner, self.session_id(session_id), path)

    def _part(self, file: OpenedFile) -> ByteRange:
        part = self.wanted(file.size, file.etag, file.modified)
        self.set_header("Last-Modified", _date(file))
        if part is None:
            return ByteRange(0, file.size, file.size)
        self.answer_part(part)
        return part


def _date(file: OpenedFile) -> str:
    return formatdate(max(0, int(file.modified)), usegmt=True)


def _checked(file: OpenedFile, part: ByteRange, check: Check) -> Iterator[bytes]:
    for chunk in file.read(part.start, part.end):
        check()
        yield chunk
