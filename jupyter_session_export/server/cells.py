"""The runs of a notebook's cells, for pages that restore outputs."""

from __future__ import annotations

from typing import Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.utils import ensure_async
from tornado import web

from ..errors import InvalidRequest
from .base import SessionExportHandler
from .documents import Documents

MOST_CHARACTERS = 4096
MOST_CELLS = 100_000
MOST_RUNS = 500
LARGEST = 2**62


class NotebookHandler(SessionExportHandler):
    """What is asked of one notebook, by its path below the served folder."""

    _track_activity = False

    def path(self, value: Any) -> str:
        """Check a notebook's path. Raises InvalidRequest."""
        if not (isinstance(value, str) and 0 < len(value) <= MOST_CHARACTERS) or "\0" in value:
            raise InvalidRequest(f"path must be a path of at most {MOST_CHARACTERS} characters.")
        return value


class CellsHandler(NotebookHandler):
    """`GET session/cells?path=`: the newest run of each cell."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        owner = await self.owner()
        path = self.path(self.argument("path"))
        self.answer_json(await self.service.restoring.cells(owner, self.session_id(None), path))


class CellRunsHandler(NotebookHandler):
    """`GET session/cells/runs?path=&cell_id=&before=&limit=`: all runs of one cell."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        owner = await self.owner()
        path = self.path(self.argument("path"))
        cell_id = self.argument("cell_id")
        from ..restoring.cells import Page  # noqa: PLC0415  # no server needs it to start

        page = Page(self.argument("before") or None, max(1, self.number("limit", 50, MOST_RUNS)))
        named = self.session_id(None)
        self.answer(await self.service.restoring.runs(owner, named, path, cell_id, page))


class DeletedCellsHandler(NotebookHandler):
    """`POST session/cells/deleted {"path", "present"}`: cells that are gone; it changes nothing."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        owner = await self.owner()
        body = self.body()
        path, present = self.path(body.get("path")), body.get("present", [])
        if not isinstance(present, list) or len(present) > MOST_CELLS:
            raise InvalidRequest("present must be a list of the cells' ids.")
        ids = frozenset(map(str, present))
        named = self.session_id(None)
        self.answer(await self.service.restoring.deleted(owner, named, path, ids))


class RestoreHandler(NotebookHandler):
    """`POST session/cells/restore {"path", "kernel", "force", "dry_run", "undo"}`: by no page."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        owner = await self.owner()
        await self._may_write()
        body = self.body()
        path, documents = self.path(body.get("path")), Documents(self.serverapp)
        named = self._only()
        flags = {name: self._flag(body, name) for name in ("force", "dry_run", "undo")}
        restoring, dry_run = self.service.restoring, flags["dry_run"]
        if flags["undo"]:
            self.answer(await restoring.undo(owner, named, documents, path, dry_run=dry_run))
            return
        kernel = body.get("kernel")
        if kernel is not None and not (isinstance(kernel, str) and kernel):
            raise InvalidRequest("kernel must be the id of one, or its beginning.")
        from ..restoring.decisions import Wish  # noqa: PLC0415  # as above

        wish = Wish(kernel, flags["force"], dry_run)
        self.answer(await restoring.restore(owner, named, documents, wish, path))

    def _only(self) -> str | None:
        """Return the session whose outputs may be restored; None where all of the owner's may."""
        if self.grant is not None and self.grant.restores_all:
            return None
        return self.session_id(None)

    async def _may_write(self) -> None:
        """Who restores writes a notebook: that must be allowed as well."""
        allowed = self.authorizer.is_authorized(self, self.current_user, "write", "contents")
        if not await ensure_async(allowed):
            raise web.HTTPError(403, "You may not write notebooks on this server.")

    def _flag(self, body: dict[str, Any], name: str) -> bool:
        value = body.get(name, False)
        if not isinstance(value, bool):
            raise InvalidRequest(f"{name} must be true or false.")
        return value


class RunOutputsHandler(SessionExportHandler):
    """`GET sessions/{id}/executions/{number}/outputs`: as a notebook has them."""

    _track_activity = False

    @web.authenticated
    @authorized
    async def get(self, number: str, session_id: str | None = None) -> None:
        owner = await self.owner()
        named, at = self.session_id(session_id), min(int(number[:20]), LARGEST)
        self.answer_json(await self.service.restoring.outputs(owner, named, at))
