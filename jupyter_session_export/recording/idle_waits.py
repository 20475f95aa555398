"""Those who wait for executions that were replied to, but aren't idle yet."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..records.times import now
from .kernelstates import KernelStates
from .promise import resolve
from .session import SessionRecording


@dataclass(frozen=True, slots=True)
class IdleWait:
    session_id: str
    since: datetime
    deadline: float
    done: Future[None]


class IdleWaits:
    """The recorder's thread; whoever waits for a future does so in any other."""

    def __init__(self) -> None:
        self._waits: list[IdleWait] = []

    def add(self, session_id: str, seconds: float, done: Future[None]) -> None:
        """Have `done` resolved once nothing of the last seconds is under way, or so much later."""
        since = now() - timedelta(seconds=seconds)
        self._waits.append(IdleWait(session_id, since, time.monotonic() + seconds, done))

    def advance(self, sessions: Mapping[str, SessionRecording], states: KernelStates) -> None:
        """Resolve those whose wait is over."""
        for waiting in list(self._waits):
            session = sessions.get(waiting.session_id)
            kernels = states.of_session(waiting.session_id)
            late = time.monotonic() > waiting.deadline
            if (
                late
                or session is None
                or not session.track.index.awaits_idle(kernels, waiting.since)
            ):
                self._waits.remove(waiting)
                resolve(waiting.done, None)
