"""The routes of an export that is ready: its ZIP or any range of it, and what it leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_server.auth.decorator import authorized
from tornado import web

from ..exports.transfer import Transfer
from .base import SessionExportHandler
from .download import ArchiveHandler
from .ranges import ByteRange

if TYPE_CHECKING:
    from ..archive.prepared import PreparedArchive
    from ..exports.job import ExportJob


class ExportDownloadHandler(ArchiveHandler):
    """`GET|HEAD exports/{id}/download`; answers ranges as tornado's static files do."""

    @web.authenticated
    @authorized
    async def get(self, export_id: str) -> None:
        job = await self._job(export_id)
        part = self._part(job.archive())
        if part is None:
            self._not_modified()
        else:
            await self.send(self.service.exporting.download(job, part.start, part.end))

    @web.authenticated
    @authorized
    async def head(self, export_id: str) -> None:
        job = await self._job(export_id)
        archive = job.archive()
        part = self._part(archive)
        if part is None:
            self._not_modified()
            return
        length = part.end - part.start
        self.describe(Transfer(job.filename, lambda _: iter(()), length=length, etag=archive.etag))
        self.finish(set_content_type=self.content_type)

    async def _job(self, export_id: str) -> ExportJob:
        self.check_xsrf_cookie()
        owner = await self.owner()
        return await self.service.exporting.find(owner, self.grant, export_id)

    def _part(self, archive: PreparedArchive) -> ByteRange | None:
        """Return what is to be sent; None where the client has it (If-None-Match)."""
        self.set_header("ETag", archive.etag)
        if self.check_etag_header():
            return None
        part = self.wanted(archive.length, archive.etag)
        if part is None or part.is_whole:
            # `bytes=0-` is no part: players refuse one, and no client needs it.
            return ByteRange(0, archive.length, archive.length)
        self.answer_part(part)
        return part

    def _not_modified(self) -> None:
        self.set_status(304)
        self.set_header("Cache-Control", "no-store")
        self.finish()


class ExportLedgerHandler(SessionExportHandler):
    """`GET exports/{id}/ledger?offset=&limit=`: what the ZIP leaves out, line by line."""

    _track_activity = False

    @web.authenticated
    @authorized
    async def get(self, export_id: str) -> None:
        owner = await self.owner()
        job = await self.service.exporting.find(owner, self.grant, export_id)
        archive = job.archive()
        offset, limit = self.number("offset", 0, 10**9), self.number("limit", 200, 1000)
        lines = [
            {
                "path": line.path,
                "source": line.source,
                "disposition": line.disposition,
                "reason": line.reason,
                "bytes": line.bytes,
            }
            for line in archive.left_out_lines(offset, limit)
        ]
        self.answer({"left_out": lines, "total": archive.left_out})
