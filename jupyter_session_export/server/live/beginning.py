"""`sessions`: what sessions there are, and how code begins one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.utils import url_path_join
from tornado import web

from ...errors import InvalidRequest
from . import orders
from .attended import AttendedHandler
from .base import may

if TYPE_CHECKING:
    from ...sessions.backend import Wanted
    from ..owners import Owner


class SessionsHandler(AttendedHandler):
    """`GET sessions?offset=&limit=&live=`: the owner's, newest first. `POST`: begin one."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        self._track_activity = False
        owner = await self.owner()
        offset = self.number("offset", 0, 10**9)
        limit = self.number("limit", 100, 1000)
        live = self.argument("live", "false")
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
        status = await self.while_here(self._begin(owner, wish))
        self.set_header("Location", url_path_join(self.request.path, status["id"]))
        self.answer(status, 201)

    async def _begin(self, owner: Owner, wish: Wanted) -> dict[str, Any]:
        live = await self.service.live.create(owner, wish)
        try:
            return (await live.status()).to_json()
        except BaseException:
            # Nobody knows its id.
            await self.service.live.abandon(owner, live)
            raise
