"""What owners decide of their sessions' recording, and what is said of it. Any thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from ..errors import SessionNotFound
from ..records.activity import Deed, LogLine
from .promise import reject, resolve
from .queue import ByteQueue
from .session import SessionRecording

T = TypeVar("T")


class SessionControls:
    """Of all sessions, by their ids; done in the recorder's thread, which takes the queue."""

    def __init__(self, queue: ByteQueue) -> None:
        self._queue = queue
        self._sessions: dict[str, SessionRecording] = {}

    def state(self, session_id: str) -> str:
        """Return 'on', 'paused' or 'stopped'. Raises SessionNotFound."""
        return self._session(session_id).state

    def reason(self, session_id: str) -> str | None:
        """Return why a session's recording is stopped. Raises SessionNotFound."""
        return self._session(session_id).reason

    def purges(self, session_id: str) -> int:
        """Return how often something of a session was purged here. Raises SessionNotFound."""
        return self._session(session_id).archivist.purges.count

    def pause(self, session_id: str) -> None:
        """Record nothing until `resume`; the stretch is noted. Raises SessionNotFound."""
        self._queue.call(self._session(session_id).pause)

    def resume(self, session_id: str) -> None:
        """Go on recording. Raises SessionNotFound."""
        self._queue.call(self._session(session_id).resume)

    async def pause_notebook(self, session_id: str, path: str, *, off: bool) -> None:
        """Record nothing of a notebook, or go on with it; the stretch is noted.

        Raises SessionNotFound, InvalidRequest.
        """
        session = self._session(session_id)
        await self._in_thread(lambda: session.pause_notebook(path, off=off))

    def notebooks_off(self, session_id: str) -> list[str]:
        """Return the notebooks that aren't recorded by their owner's word.

        Raises SessionNotFound.
        """
        return sorted(self._session(session_id).notebooks_off.paths)

    def notebooks_off_by_settings(self, session_id: str) -> list[str]:
        """Return those that were used and that the settings have off. Raises SessionNotFound."""
        return sorted(self._session(session_id).notebooks_off.by_settings)

    def log(self, session_id: str, line: LogLine) -> None:
        """Write a line into a session's log. Raises SessionNotFound."""
        session = self._session(session_id)
        self._queue.call(lambda: session.log(line))

    def note(self, session_id: str, deed: Deed) -> None:
        """Write down what somebody did, unless the session isn't recorded now."""
        session = self._sessions.get(session_id)
        if session is not None:
            self._queue.call(lambda: session.note_deed(deed))

    def _session(self, session_id: str) -> SessionRecording:
        try:
            return self._sessions[session_id]
        except KeyError:
            raise SessionNotFound(f"Session {session_id} is not recorded here.") from None

    async def _in_thread(self, action: Callable[[], T]) -> T:
        done: Future[T] = Future()

        def run() -> None:
            try:
                resolve(done, action())
            except Exception as error:  # noqa: BLE001  # handed on to who asked
                reject(done, error)

        self._queue.call(run)
        return await asyncio.wrap_future(done)
