"""The runs of a notebook's cells, for pages that restore outputs."""

from __future__ import annotations

from typing import Any

from jupyter_server.auth.decorator import authorized
from tornado import web

from ..errors import InvalidRequest
from ..restoring.cells import Page
from .base import SessionExportHandler

MOST_CHARACTERS = 4096
MOST_CELLS = 100_000
MOST_RUNS = 500
LARGEST = 2**62


class NotebookHandler(SessionExportHandler):
    """What is asked of one notebook, by its path below the served folder."""

    _track_activity = False

    def path(self, value: Any) -> str:
        """Check a notebook's path. Raises InvalidRequest."""
        if not (isinstance(value, str) and 0 < len(value) <= MOST_CHARACTERS):
            raise InvalidRequest(f"path must be a path of at most {MOST_CHARACTERS} characters.")
        return value


class CellsHandler(NotebookHandler):
    """`GET session/cells?path=`: the newest run of each cell."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        owner = await self.owner()
        path = self.path(self.get_query_argument("path", ""))
        self.answer(await self.service.restoring.cells(owner, self.session_id(None), path))


class CellRunsHandler(NotebookHandler):
    """`GET session/cells/runs?path=&cell_id=&before=&limit=`: all runs of one cell."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        owner = await self.owner()
        path = self.path(self.get_query_argument("path", ""))
        cell_id = self.get_query_argument("cell_id", "")
        page = Page(
            self.get_query_argument("before", None), max(1, self.number("limit", 50, MOST_RUNS))
        )
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


class RunOutputsHandler(SessionExportHandler):
    """`GET sessions/{id}/executions/{number}/outputs`: as a notebook has them."""

    _track_activity = False

    @web.authenticated
    @authorized
    async def get(self, number: str, session_id: str | None = None) -> None:
        owner = await self.owner()
        named, at = self.session_id(session_id), min(int(number[:20]), LARGEST)
        self.answer_json(await self.service.restoring.outputs(owner, named, at))
