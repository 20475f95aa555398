"""The sessions that live by way of one backend: made, found, and ended in their time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress

from ..errors import TooManySessions
from ..records.timing import CONNECTING
from ..stopwatch import Stopwatch
from .backend import Backend, Known, Wanted
from .events import Event
from .live import CLOSED_BY_USER, LiveSession
from .order import Order
from .result import RunResult

LOOK_SECONDS = 1.0
OVER = "The session has ended: it wasn't used for its lifetime, or its kernel was shut down."


class Engine:
    """All of it runs on one event loop."""

    def __init__(
        self,
        backend: Backend,
        *,
        most: int,
        log: logging.Logger,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self.backend = backend
        self._most = most
        self._log = log
        self._look_seconds = look_seconds
        self._live: dict[str, LiveSession] = {}
        self._beginning = 0
        self._looking: asyncio.Task[None] | None = None

    async def create(self, wanted: Wanted) -> LiveSession:
        """Begin a session. Raises TooManySessions, KernelNotInstalled, KernelStartFailed."""
        if len(self._live) + self._beginning >= self._most:
            raise TooManySessions(
                f"{self._most} sessions live already, which is as many as are allowed.",
                "Close one, or raise SessionExport.max_live_sessions.",
            )
        self._beginning += 1
        try:
            session = self._take(LiveSession(await self.backend.begin(wanted), wanted))
        finally:
            self._beginning -= 1
        try:
            await session.prepare()
        except BaseException:
            await self.close(session)
            raise
        return session

    async def get(self, session_id: str) -> LiveSession:
        """Return a session that lives. Raises SessionNotFound."""
        live = self._live.get(session_id)
        if live is not None:
            return live
        place = await self.backend.find(session_id)
        # Two may have looked for it at once.
        return self._live.get(session_id) or self._take(
            LiveSession(place, Wanted(language=place.known.language, lifetime=0))
        )

    async def list(self) -> Sequence[Known]:
        """Return the sessions that live, the oldest first."""
        return sorted(await self.backend.list(), key=lambda known: known.created_at)

    async def close(self, session: LiveSession, why: str = CLOSED_BY_USER) -> None:
        """End a session."""
        self._live.pop(session.id, None)
        await session.close(why)

    async def run_once(
        self, wanted: Wanted, order: Order, emit: Callable[[Event], None], *, keep: bool
    ) -> RunResult:
        """Run code in a session of its own, which ends with it unless it is to be kept."""
        watch = Stopwatch(CONNECTING)
        session = await self.create(wanted)
        try:
            result = await session.run(order, emit, watch)
        except BaseException:
            await self.close(session)
            raise
        if not keep:
            await self.close(session)
        return result

    async def run_in(
        self, session_id: str, order: Order, emit: Callable[[Event], None]
    ) -> RunResult:
        """Run code in a session that lives. Raises SessionNotFound."""
        return await (await self.get(session_id)).run(order, emit)

    async def shut_down(self) -> None:
        """End all that lives here, and let go of the backend."""
        if self._looking is not None:
            self._looking.cancel()
            with suppress(asyncio.CancelledError):
                await self._looking
        self._live.clear()
        await self.backend.close()

    def _take(self, session: LiveSession) -> LiveSession:
        self._live[session.id] = session
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())
        return session

    async def _look(self) -> None:
        """Renew sessions and end those whose time is over, again and again."""
        while True:
            await asyncio.sleep(self._look_seconds)
            for session in list(self._live.values()):
                if session.look():
                    self._log.info("Session %s ends: its time is over, or its kernel.", session.id)
                    try:
                        await self.close(session, OVER)
                    except Exception:  # noqa: BLE001  # one session's failure must not keep the others
                        self._log.warning("A session can't be closed", exc_info=True)
