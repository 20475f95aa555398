"""`sessions`: what sessions there are, and how code begins one."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from jupyter_server.utils import url_path_join
from tornado import web

from ...errors import ClientDisconnected, InvalidRequest
from ..base import SessionExportHandler
from . import orders
from .base import may


class SessionsHandler(SessionExportHandler):
    """`GET sessions?offset=&limit=&live=`: the owner's, newest first. `POST`: begin one."""

    _gone = False

    @web.authenticated
    @authorized
    async def get(self) -> None:
        self._track_activity = False
        owner = await self.owner()
        offset = self.number("offset", 0, 10**9)
        limit = self.number("limit", 100, 1000)
        live = self.get_query_argument("live", "false")
        if live not in ("true", "false"):
            raise InvalidRequest("live must be true or false.")
        named = self.session_id(None)
        self.answer(await self.service.list(owner, named, offset, limit, live=live == "true"))

    @web.authenticated
    @authorized
    @may("write")
    @may("execute")
    async def post(self) -> None:
        if self.grant is not None:
            raise web.HTTPError(403, "The key of a kernel begins no sessions.")
        from ...sessions.wishes import wanted  # noqa: PLC0415 - nothing that a start needs

        owner = await self.owner()
        wish = wanted(self.service.settings, orders.beginning(self.body()))
        live = await self.service.live.create(owner, wish)
        if self._gone:
            # Nobody knows its id.
            await self.service.live.close(live.id)
            raise ClientDisconnected("The client went away while its session began.")
        self.set_header("Location", url_path_join(self.request.path, live.id))
        self.answer((await live.status()).to_json(), 201)

    def on_connection_close(self) -> None:
        self._gone = True
        super().on_connection_close()
