"""The base of the routes of live sessions: who may use them, and what is theirs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar, cast

from jupyter_server.auth.decorator import authorized
from tornado import web

from ...errors import ClientDisconnected
from ..base import SessionExportHandler

if TYPE_CHECKING:
    from ...sessions.live import LiveSession

T = TypeVar("T")
Method = TypeVar("Method", bound=Callable[..., Any])


def may(action: str) -> Callable[[Method], Method]:
    """Let in only who may do this to kernels by Jupyter's own routes, too."""
    return cast("Callable[[Method], Method]", authorized(action=action, resource="kernels"))


class LiveHandler(SessionExportHandler):
    """Acts on a session that code has begun; kernels, with their keys, may do none of it."""

    _work: asyncio.Task[Any] | None = None

    async def live(self, session_id: str) -> LiveSession:
        """Return a session of who asks. Raises SessionNotFound, SessionClosed."""
        owner, named = await self.owner(), self.session_id(session_id)
        if self.grant is not None:
            raise web.HTTPError(403, "The key of a kernel neither begins sessions nor runs code.")
        return await self.service.live.get(owner, named or session_id)

    async def free(self, session_id: str) -> LiveSession:
        """Return one that may be given something to run. Raises TooManyRuns besides."""
        live = await self.live(session_id)
        self.service.live.admit(live)
        return live

    async def while_here(self, work: Coroutine[Any, Any, T]) -> T:
        """Do work for as long as the client waits for it. Raises ClientDisconnected."""
        self._work = task = asyncio.ensure_future(work)
        try:
            return await task
        except asyncio.CancelledError:
            if not task.cancelled():
                # This request itself is cancelled: its work must not go on without it.
                task.cancel()
                raise
            raise ClientDisconnected("The client went away.") from None

    def on_connection_close(self) -> None:
        """Stop at once what nobody waits for any more."""
        if self._work is not None:
            self._work.cancel()
        super().on_connection_close()

    async def answer_status(self, live: LiveSession, status: int = 200) -> None:
        """Finish with how a session stands."""
        self.answer((await live.status()).to_json(), status)
