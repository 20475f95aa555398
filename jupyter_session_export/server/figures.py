"""The figures of sessions, for pages that ask again and again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any

from ..exports.stats import Statistics
from ..records.session import Session
from ..records.times import to_iso
from ..store.catalog import Catalog

if TYPE_CHECKING:
    from ..recording.recorder import Recorder
    from .sessions import OpenSessions


MOST_WAITING = 20
HEAD_CHARACTERS = 200
Answer = dict[str, Any]
Count = Callable[[], Coroutine[Any, Any, Answer]]
Asked = tuple[str, str | None, str | None]
"""Which figures, of which session, and for which kernel."""


class Figures:
    """Called on the event loop. Those who ask for the same session share one counting."""

    def __init__(
        self,
        catalog: Catalog,
        sessions: OpenSessions,
        recorder: Recorder,
        statistics: Statistics,
    ) -> None:
        self._catalog = catalog
        self._sessions = sessions
        self._recorder = recorder
        self._statistics = statistics
        self._under_way: dict[Asked, asyncio.Task[Answer]] = {}

    async def of(self, session: Session) -> Answer:
        """Return counts, bytes and times. Raises StoreError."""
        return await self._shared(("stats", session.id, None), partial(self._count, session.id))

    async def outlook(self, session: Session, kernel_id: str | None) -> Answer:
        """Return insights, and what other kernels than this one ran. Raises StoreError."""
        look = partial(self._look, session.id, kernel_id)
        return await self._shared(("insights", session.id, kernel_id), look)

    async def queue(self, session: Session, kernel_id: str) -> Answer:
        """Return what waits for a kernel of the session: how much, and what comes first.

        `purges` is how often something was purged: another figure, and pages ask anew.
        """
        waiting, purges = [], 0
        if self._sessions.record_of(session.id) is not None:
            purges = self._recorder.purges(session.id)
            waiting = await self._recorder.waiting(session.id, kernel_id)
        first = [
            {"source_head": each.code[:HEAD_CHARACTERS], "submitted_at": to_iso(each.received_at)}
            for each in waiting[:MOST_WAITING]
        ]
        return {"queued": len(waiting), "queue": first, "purges": purges}

    async def _shared(
        self, asked: Asked, count: Callable[[], Coroutine[Any, Any, Answer]]
    ) -> Answer:
        task = self._under_way.get(asked)
        if task is None:
            task = asyncio.create_task(count())
            self._under_way[asked] = task
            task.add_done_callback(lambda done: self._end(asked, done))
        # One who goes away doesn't take the answer from the others.
        return await asyncio.shield(task)

    def _end(self, asked: Asked, counting: asyncio.Task[Answer]) -> None:
        self._under_way.pop(asked, None)
        if not counting.cancelled():
            counting.exception()  # heard here, where everybody who asked has gone

    async def _count(self, session_id: str) -> Answer:
        unsealed = await self._commit(session_id)
        return await asyncio.to_thread(self._statistics.of, session_id, unsealed_bytes=unsealed)

    async def _look(self, session_id: str, kernel_id: str | None) -> Answer:
        # No server needs it to start.
        from ..exports.outlook import outlook  # noqa: PLC0415

        await self._commit(session_id)
        return await asyncio.to_thread(outlook, self._catalog, session_id, kernel_id)

    async def _commit(self, session_id: str) -> int:
        """Have readers see all that has come; return how many bytes of it aren't sealed."""
        if self._sessions.record_of(session_id) is None:
            return 0
        return await self._recorder.commit(session_id)
