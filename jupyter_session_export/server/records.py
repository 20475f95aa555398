"""`DELETE session/records`: an owner takes back what was recorded."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from ..errors import InvalidRequest
from ..records.purge import PurgeScope
from .base import SessionExportHandler


class RecordsHandler(SessionExportHandler):
    """The scope comes as JSON, or in the query, since not every client sends a body along."""

    @web.authenticated
    @authorized
    async def delete(self, session_id: str | None = None) -> None:
        owner = await self.owner()
        scope = self._scope()
        named = self.session_id(session_id)
        self.answer(await self.service.purging.purge(owner, named, scope))

    def _scope(self) -> PurgeScope:
        try:
            return PurgeScope.parse(self.body() or self.query())
        except ValueError as error:
            raise InvalidRequest(str(error)) from error
