"""The sessions that live by way of one backend: made, found, and ended in their time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress

from ..errors import TooManySessions
from ..records.timing import CONNECTING
from ..stopwatch import Stopwatch
from .backend import Backend, Known, Place, Wanted
from .events import Event
from .live import CLOSED_BY_USER, LiveSession
from .order import Order
from .result import RunResult
from .whole import whole

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
        most_waiting: int | None = None,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self.backend = backend
        self._most, self._most_waiting = most, most_waiting
        self._log = log
        self._look_seconds = look_seconds
        self._live: dict[str, LiveSession] = {}
        self._beginning: set[asyncio.Task[Place]] = set()
        self._looking: asyncio.Task[None] | None = None

    @property
    def count(self) -> int:
        """How many sessions live, or are being begun."""
        return len(self._live) + len(self._beginning)

    async def create(self, wanted: Wanted) -> LiveSession:
        """Begin a session; to be cancelled leaves nothing of it.

        Raises TooManySessions, KernelNotInstalled, KernelStartFailed.
        """
        if self.count >= self._most:
            raise TooManySessions(
                f"{self._most} sessions live already, which is as many as are allowed.",
                "Close one, or raise SessionExport.max_live_sessions.",
            )
        session = self._take(await self._begin(wanted), wanted)
        try:
            await session.prepare()
        except BaseException:
            await self.abandon(session)
            raise
        return session

    def peek(self, session_id: str) -> LiveSession | None:
        """Return a session that was begun here."""
        return self._live.get(session_id)

    async def get(self, session_id: str) -> LiveSession:
        """Return a session that lives. Raises SessionNotFound."""
        live = self._live.get(session_id)
        if live is not None:
            return live
        place = await self.backend.find(session_id)
        # Two may have looked for it at once.
        return self._live.get(session_id) or self._take(
            place, Wanted(language=place.known.language, lifetime=0)
        )

    async def list(self) -> Sequence[Known]:
        """Return the sessions that live, the oldest first."""
        return sorted(await self.backend.list(), key=lambda known: known.created_at)

    async def close(self, session: LiveSession, why: str = CLOSED_BY_USER) -> None:
        """End a session."""
        self._live.pop(session.id, None)
        await session.close(why)

    async def abandon(self, session: LiveSession) -> None:
        """End a session that nobody knows of, and leave nothing of it."""
        self._live.pop(session.id, None)
        await session.abandon()

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
        if self._beginning:
            # Of what is half begun nobody could say what is to be ended.
            await asyncio.wait(self._beginning)
        self._live.clear()
        await self.backend.close()

    async def _begin(self, wanted: Wanted) -> Place:
        beginning = asyncio.ensure_future(self.backend.begin(wanted))
        self._beginning.add(beginning)
        beginning.add_done_callback(self._beginning.discard)
        return await whole(beginning, lambda place: place.abandon())

    def _take(self, place: Place, wanted: Wanted) -> LiveSession:
        session = LiveSession(place, wanted, most_waiting=self._most_waiting)
        self._live[session.id] = session
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())
        return session

    async def _look(self) -> None:
        """Renew sessions and end those whose time is over, as long as there are any."""
        while self._live:
            await asyncio.sleep(self._look_seconds)
            for session in list(self._live.values()):
                try:
                    await self._look_at(session)
                except Exception:  # noqa: BLE001  # one session's failure must not keep the others
                    self._log.warning("A session can't be closed", exc_info=True)
        self._looking = None

    async def _look_at(self, session: LiveSession) -> None:
        if session.look():
            self._log.info("Session %s ends: its time is over, or its kernel.", session.id)
            await self.close(session, OVER)
