"""The base of the routes of live sessions: who may use them, and what is theirs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from jupyter_server.auth.decorator import authorized
from tornado import web

from . import orders
from .attended import AttendedHandler

if TYPE_CHECKING:
    from ...sessions.live import LiveSession

Method = TypeVar("Method", bound=Callable[..., Any])


def may(action: str) -> Callable[[Method], Method]:
    """Let in only who may do this to kernels by Jupyter's own routes, too."""
    return cast("Callable[[Method], Method]", authorized(action=action, resource="kernels"))


class LiveHandler(AttendedHandler):
    """About a session that code has begun; kernels, with their keys, may do none of it."""

    async def live(self, session_id: str) -> LiveSession:
        """Return a session of who asks. Raises SessionNotFound, SessionClosed."""
        owner, named = await self.owner(), self.session_id(session_id)
        if self.grant is not None:
            raise web.HTTPError(403, "The key of a kernel neither begins sessions nor runs code.")
        return await self.service.live.get(owner, named or session_id)


class ActHandler(LiveHandler, ABC):
    """`POST`: reads what is asked, does it, and tells what came of it."""

    def read(self, body: Mapping[str, Any]) -> Any:
        """Return what is asked. Raises InvalidRequest."""
        return orders.nothing(body)

    @abstractmethod
    async def act(self, live: LiveSession, asked: Any) -> dict[str, Any]:
        """Do it, and return the answer."""

    async def carry_out(self, session_id: str, status: int = 200) -> None:
        asked = self.read(self.body())
        live = await self.live(session_id)
        self.answer(await self.act(live, asked), status)


class ExecutingHandler(ActHandler):
    """For who may have kernels execute something."""

    @web.authenticated
    @authorized
    @may("execute")
    async def post(self, session_id: str) -> None:
        await self.carry_out(session_id)


class WritingHandler(ActHandler):
    """For who may interrupt and restart kernels."""

    @web.authenticated
    @authorized
    @may("write")
    async def post(self, session_id: str) -> None:
        await self.carry_out(session_id)
