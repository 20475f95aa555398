"""The figures of sessions, for pages that ask again and again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from ..exports.stats import Statistics
from ..records.session import Session

if TYPE_CHECKING:
    from ..recording.recorder import Recorder
    from .sessions import OpenSessions


class Figures:
    """Called on the event loop. Those who ask for the same session share one counting."""

    def __init__(self, sessions: OpenSessions, recorder: Recorder, statistics: Statistics) -> None:
        self._sessions = sessions
        self._recorder = recorder
        self._statistics = statistics
        self._under_way: dict[str, asyncio.Task[dict[str, Any]]] = {}

    async def of(self, session: Session) -> dict[str, Any]:
        """Return counts, bytes and times. Raises StoreError."""
        task = self._under_way.get(session.id)
        if task is None:
            task = asyncio.create_task(self._count(session.id))
            self._under_way[session.id] = task
            task.add_done_callback(lambda done: self._end(session.id, done))
        # One who goes away doesn't take the answer from the others.
        return await asyncio.shield(task)

    def _end(self, session_id: str, counting: asyncio.Task[dict[str, Any]]) -> None:
        self._under_way.pop(session_id, None)
        if not counting.cancelled():
            counting.exception()  # heard here, where everybody who asked has gone

    async def _count(self, session_id: str) -> dict[str, Any]:
        unsealed = 0
        if self._sessions.record_of(session_id) is not None:
            unsealed = await self._recorder.commit(session_id)
        return await asyncio.to_thread(self._statistics.of, session_id, unsealed_bytes=unsealed)
