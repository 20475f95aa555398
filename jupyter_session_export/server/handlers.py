"""Our routes: each authenticates, authorizes, parses, makes one call and finishes."""

from __future__ import annotations

import re
from typing import Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.utils import url_path_join
from tornado import web

from ..errors import InvalidRequest
from ..exports.request import ExportRequest
from .activity import ActivityHandler
from .base import SessionExportHandler
from .cells import (
    CellRunsHandler,
    CellsHandler,
    DeletedCellsHandler,
    RestoreHandler,
    RunOutputsHandler,
)
from .clients import ClientEpochHandler, ClientsHandler
from .download import ArchiveHandler
from .files import FilesDownloadHandler, FilesHandler
from .live.acting import (
    InterruptHandler,
    KeepAliveHandler,
    PauseHandler,
    RestartHandler,
    RestoreStateHandler,
    ResumeHandler,
    SnapshotsHandler,
    StatusHandler,
)
from .live.beginning import SessionsHandler
from .live.running import RunHandler
from .prepared import ExportDownloadHandler, ExportLedgerHandler
from .pulse import PulseHandler
from .records import RecordsHandler
from .service import SessionExportService
from .uploading import StoredFileHandler

_NAMED = re.compile(r"\(\?P<(\w+)>[^)]*\)")
"""A group of a route's pattern."""


class SessionHandler(SessionExportHandler):
    """`GET session`: what the caller's session is."""

    _track_activity = False

    @web.authenticated
    @authorized
    async def get(self, session_id: str | None = None) -> None:
        owner = await self.owner()
        self.answer(await self.service.describe(owner, self.session_id(session_id)))


class NamedSessionHandler(SessionHandler):
    """`GET|DELETE sessions/{id}`: what a session is; remove it."""

    @web.authenticated
    @authorized
    async def delete(self, session_id: str) -> None:
        owner = await self.owner()
        self.answer(await self.service.remove(owner, self.session_id(session_id) or session_id))


class SessionEndHandler(SessionExportHandler):
    """`POST session/end`: nobody resumes it any more."""

    @web.authenticated
    @authorized
    async def post(self, session_id: str | None = None) -> None:
        owner = await self.owner()
        shut_down = self.body().get("shutdown_kernels", False)
        if not isinstance(shut_down, bool):
            raise InvalidRequest("shutdown_kernels must be true or false.")
        named = self.session_id(session_id)
        self.answer(await self.service.end(owner, named, shut_down=shut_down))


class StatsHandler(SessionExportHandler):
    """`GET session/stats`: counts, bytes and times per section, without making a ZIP."""

    _track_activity = False

    @web.authenticated
    @authorized
    async def get(self, session_id: str | None = None) -> None:
        owner = await self.owner()
        self.answer(await self.service.stats(owner, self.session_id(session_id)))


class InsightsHandler(SessionExportHandler):
    """`GET session/insights?kernel_id=`: where time went, and what other kernels ran."""

    _track_activity = False

    @web.authenticated
    @authorized
    async def get(self, session_id: str | None = None) -> None:
        owner = await self.owner()
        kernel_id = self.argument("kernel_id") or None
        self.answer(await self.service.outlook(owner, self.session_id(session_id), kernel_id))


class QueueHandler(SessionExportHandler):
    """`GET session/queue?kernel_id=`: what waits for a kernel."""

    _track_activity = False

    @web.authenticated
    @authorized
    async def get(self, session_id: str | None = None) -> None:
        owner = await self.owner()
        if not (kernel_id := self.argument("kernel_id")):
            raise InvalidRequest("kernel_id must be the id of a kernel.")
        self.answer(await self.service.queue(owner, self.session_id(session_id), kernel_id))


class RecordingHandler(SessionExportHandler):
    """`POST session/recording`: pause or resume, all or what one notebook runs."""

    @web.authenticated
    @authorized
    async def post(self, session_id: str | None = None) -> None:
        owner = await self.owner()
        body = self.body()
        named, state = self.session_id(session_id), body.get("state")
        self.answer(await self.service.set_recording(owner, named, state, body.get("notebook")))


class ExportsHandler(SessionExportHandler):
    """`POST exports`: begin an export. `GET exports?session_id=&limit=`: the newest ones."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        self._track_activity = False
        owner = await self.owner()
        session_id = self.session_id(self.argument("session_id") or None)
        limit = self.number("limit", 50, 1000)
        jobs = await self.service.exporting.all(owner, session_id, limit)
        self.answer({"exports": [job.to_json() for job in jobs]})

    @web.authenticated
    @authorized
    async def post(self) -> None:
        owner = await self.owner()
        body = self.body()
        named = body.get("session_id")
        if named is not None and not isinstance(named, str):
            raise InvalidRequest("session_id must be a text.")
        request = ExportRequest.parse(body, compression=self.service.settings.compression)
        job = await self.service.exporting.begin(owner, self.session_id(named), request)
        self.set_header("Location", url_path_join(self.request.path, job.id))
        self.answer(job.to_json(), 201)


class ExportHandler(SessionExportHandler):
    """`GET|DELETE exports/{id}`: follow an export, or cancel it."""

    _track_activity = False

    @web.authenticated
    @authorized
    async def get(self, export_id: str) -> None:
        owner = await self.owner()
        job = await self.service.exporting.find(owner, self.grant, export_id)
        self.answer(job.to_json())

    @web.authenticated
    @authorized
    async def delete(self, export_id: str) -> None:
        owner = await self.owner()
        job = await self.service.exporting.find(owner, self.grant, export_id)
        self.service.exporting.cancel(job)
        self.answer(job.to_json())


class SessionDownloadHandler(ArchiveHandler):
    """`GET session/download`: the ZIP at once, streamed while it is made."""

    @web.authenticated
    @authorized
    async def get(self, session_id: str | None = None) -> None:
        self.check_xsrf_cookie()
        owner = await self.owner()
        request = ExportRequest.parse(self.query(), compression=self.service.settings.compression)
        await self.send(
            await self.service.exporting.stream(owner, self.session_id(session_id), request)
        )


class UnknownRouteHandler(SessionExportHandler):
    """Anything else below our prefix: an error in our own form."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        raise web.HTTPError(404, "There is no such route.")

    post = put = patch = delete = get


def routes(service: SessionExportService) -> list[tuple[str, Any, dict[str, Any]]]:
    """Return the routes of the HTTP contract, relative to the server's base URL."""
    named = r"sessions/(?P<session_id>[^/]+)"
    session = rf"(?:session|{named})"
    table = [
        (r"session", SessionHandler),
        (named, NamedSessionHandler),
        (r"sessions", SessionsHandler),
        (session + r"/stats", StatsHandler),
        (session + r"/insights", InsightsHandler),
        (session + r"/queue", QueueHandler),
        (session + r"/recording", RecordingHandler),
        (session + r"/end", SessionEndHandler),
        (session + r"/download", SessionDownloadHandler),
        (session + r"/records", RecordsHandler),
        (session + r"/files", FilesHandler),
        (session + r"/files/download", FilesDownloadHandler),
        (session + r"/files/(?P<path>.+)", StoredFileHandler),
        (named + r"/status", StatusHandler),
        (named + r"/run", RunHandler),
        (named + r"/interrupt", InterruptHandler),
        (named + r"/restart", RestartHandler),
        (named + r"/pause", PauseHandler),
        (named + r"/resume", ResumeHandler),
        (named + r"/keep_alive", KeepAliveHandler),
        (named + r"/snapshots", SnapshotsHandler),
        (named + r"/restore", RestoreStateHandler),
        (r"session/activity", ActivityHandler),
        (r"session/cells", CellsHandler),
        (r"session/cells/runs", CellRunsHandler),
        (r"session/cells/deleted", DeletedCellsHandler),
        (r"session/cells/restore", RestoreHandler),
        (session + r"/executions/(?P<number>[0-9]+)/outputs", RunOutputsHandler),
        (r"clients", ClientsHandler),
        (r"clients/(?P<client_id>[^/]+)/epoch", ClientEpochHandler),
        (r"pulse", PulseHandler),
        (r"exports", ExportsHandler),
        (r"exports/(?P<export_id>[^/]+)", ExportHandler),
        (r"exports/(?P<export_id>[^/]+)/download", ExportDownloadHandler),
        (r"exports/(?P<export_id>[^/]+)/ledger", ExportLedgerHandler),
        (r".*", UnknownRouteHandler),
    ]
    return [
        (
            f"/session-export/api/{path}",
            handler,
            {"service": service, "route": _told(path, session, named)},
        )
        for path, handler in table
    ]


def _told(path: str, *sessions: str) -> str:
    """Return a route as logs call it, whichever session it names."""
    for session in sessions:
        path = path.replace(session, "session")
    return _NAMED.sub(r"{\1}", path)
