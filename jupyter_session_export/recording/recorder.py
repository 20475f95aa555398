"""The recorder: one thread that turns kernels' messages into executions of sessions."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future, wait
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from ..errors import StoreError
from ..records.execution import Status
from ..records.purge import Purged, PurgeScope
from .archivist import Archivist
from .controls import SessionControls
from .debugging import Debuggers
from .handed import NoEars
from .idle_waits import IdleWaits
from .kernelstates import KernelStates
from .notebooks_off import NotebooksOff
from .queue import DEFAULT_LIMIT, ByteQueue, Packet
from .registry import KernelRegistry
from .requests import Request
from .sampling import Sampler
from .sealing import Sealer
from .session import SessionRecording
from .sink import Sink
from .spill import SPILL_LIMIT
from .subscriber import Ears, IopubSubscriber
from .track import Track

if TYPE_CHECKING:
    from .standing import Glimpse, Standing

TICK = 0.5
"""Seconds between two flushes and commits."""
ECHO_SECONDS = 1.0
IDLE_SECONDS = 2.0
INQUIRY_SECONDS = 3.0
"""A debugger is asked for a second; the capture of a stop that it is in takes two at most."""
RETRY_AFTER = 10.0
LAST_SECONDS = 0.5
"""For the sinks to be closed, when all else has taken its time."""
CLOSE_SECONDS = 10.0
"""How long the end of a recording may take; then what isn't sealed waits in its spool."""
SERVER_STOPPED = "server stopped"

T = TypeVar("T")


class Recorder(SessionControls):
    """Records sessions. Every public method may be called from any thread.

    The async ones must be awaited in a running event loop; the others don't
    block, but for `close`.
    """

    def __init__(
        self,
        log: logging.Logger | None = None,
        *,
        queue_bytes: int = DEFAULT_LIMIT,
        spill_bytes: int = SPILL_LIMIT,
        retry_after: float = RETRY_AFTER,
        output_bytes: int = 0,
        listens: bool = True,
        unrecorded_notebooks: Sequence[str] = (),
    ) -> None:
        """`listens` is False where the only kernel is this process, which hands over all itself."""
        super().__init__(ByteQueue(queue_bytes, spill_bytes))
        self._log = log or logging.getLogger(__name__)
        self._retry_after = retry_after
        self._output_bytes = output_bytes
        self._unrecorded = tuple(unrecorded_notebooks)
        self._sealer = Sealer(self._log)
        self._sampler = Sampler(self._log)
        self._waits = IdleWaits()
        self._closing = False
        self._at_work = threading.Lock()
        self.subscriber: Ears = (
            IopubSubscriber(self._queue, self._log) if listens else NoEars(self._queue)
        )
        self._debuggers = Debuggers(self._queue.call, self._log)
        self._states = KernelStates(self._queue, self._sampler, self._sessions, self._debuggers)
        self.kernels = KernelRegistry(self._states, self._queue, self.subscriber)
        self._thread = threading.Thread(
            target=self._run, name="session-export-recorder", daemon=True
        )

    def start(self) -> None:
        """Start the threads."""
        self._sealer.start()
        self._sampler.start()
        self.subscriber.start()
        self._thread.start()

    def attach_session(self, sink: Sink, *, paused: bool = False) -> None:
        """Record a session; first what a crashed writer left behind is recovered."""
        if sink.session.id in self._sessions:
            return
        archivist = Archivist(sink, self._sealer, self._queue.call, self._log, self._output_bytes)
        track = Track(sink, archivist, self._sampler)
        session = SessionRecording(
            sink,
            track,
            archivist,
            self._log,
            self._retry_after,
            notebooks_off=NotebooksOff(self._unrecorded),
        )
        session.paused = paused
        archivist.purges.on_purged = partial(self._states.purge, session)
        self._sessions[session.id] = session
        self._queue.call(lambda: session.attempt(session.recover))

    async def detach_session(
        self,
        session_id: str,
        cause: str = "session ended",
        timeout: float = CLOSE_SECONDS,
        *,
        end: bool = False,
    ) -> None:
        """End a session's recording: seal everything, close its sink; or `end` it for good.

        `cause` is told of what still runs. Takes `timeout` seconds at most for
        each of the two, and ends incomplete then. Raises SessionNotFound.
        """
        session = self._session(session_id)
        incomplete = await _failure(asyncio.wrap_future(self._finish(session, cause)), timeout)
        # A recording that has stopped has told why.
        if incomplete and session.reason is None:
            self._log.warning("Session %s ends incomplete: %s", session_id, incomplete)
        closing = self._in_thread(lambda: self._close_session(session, end=end))
        unclosed = await _failure(closing, timeout)
        if unclosed:
            self._log.warning("Session %s could not be closed: %s", session_id, unclosed)

    def lose(self, kernel_id: str, at: float, size: int, messages: int) -> None:
        """Count a kernel's messages that could not be handed over."""
        self._queue.lose(kernel_id, at, size, messages)

    @property
    def threads(self) -> list[threading.Thread]:
        """The threads that handle messages and seal."""
        return [self._thread, self._sealer.thread]

    @property
    def at_work(self) -> threading.Lock:
        """Held while messages are handled: whoever has it knows that SQLite is at rest."""
        return self._at_work

    async def settle(self, session_id: str, kernel_id: str | None = None) -> None:
        """Wait until what the session's kernels have published is recorded: 1 s + 2 s at most.

        With a kernel it is about that one only.
        """
        states = await self._in_thread(
            lambda: [
                state.id
                for state in self._states.of_session(session_id)
                if state.wire is not None and kernel_id in (None, state.id)
            ]
        )
        echoes = [asyncio.wrap_future(self.subscriber.ask(i, ECHO_SECONDS)) for i in states]
        await asyncio.gather(*echoes, return_exceptions=True)
        done: Future[None] = Future()
        self._queue.call(lambda: self._waits.add(session_id, IDLE_SECONDS, done))
        await asyncio.wrap_future(done)

    async def freeze(self, sink: Sink, without: str | None = None) -> int:
        """Settle, seal everything that runs or ran, and return the record's position.

        `without` is the msg_id of an execution to leave as it is. Raises
        StoreError, SessionNotFound.
        """
        session = self._session(sink.session.id)
        await self.settle(session.id)
        await self._inquire(session)
        done: Future[int] = Future()
        self._queue.call(lambda: session.freeze(without, done))
        return await asyncio.wrap_future(done)

    async def commit(self, session_id: str) -> int:
        """Have readers see all that has come, without sealing what runs.

        Returns how many bytes of text aren't sealed yet. Raises SessionNotFound.
        """
        return await self._in_thread(self._session(session_id).commit)

    async def standing(self, session_id: str) -> Standing:
        """Have readers see all that has come, and return what they can't see.

        Raises SessionNotFound, StoreError.
        """
        from .standing import standing  # noqa: PLC0415  # no server needs it to start

        session = self._session(session_id)
        return await self._in_thread(lambda: standing(session, self._states.of_session(session_id)))

    async def look(self, session_id: str, number: int) -> Glimpse | None:
        """Return what there is so far of an execution that isn't sealed; None where it is.

        What its kernel has published before is in it. Raises SessionNotFound, StoreError.
        """
        from .standing import glimpse  # noqa: PLC0415  # no server needs it to start

        session = self._session(session_id)
        live = await self._in_thread(lambda: glimpse(session, number))
        if live is None or live.execution.status is not Status.RUNNING:
            return live
        await self.settle(session_id, live.execution.kernel.id)
        return await self._in_thread(lambda: glimpse(session, number))

    async def waiting(self, session_id: str, kernel_id: str) -> list[Request]:
        """Return the requests that wait for a kernel of the session, the first one first."""
        return await self._in_thread(lambda: self._states.waiting(session_id, kernel_id))

    async def purge(self, session_id: str, scope: PurgeScope) -> Purged:
        """Settle, and remove what was recorded; what runs goes on, marked, from here.

        What is being sealed is waited for. Its content goes with `scrub`. Raises
        SessionNotFound, StoreError.
        """
        session = self._session(session_id)
        await self.settle(session_id)
        done: Future[Purged] = Future()
        self._queue.call(lambda: session.purge(scope, done))
        return await asyncio.wrap_future(done)

    async def scrub(self, session_id: str, *, anyway: bool = False) -> bool:
        """Delete content that nothing refers to, without a trace; False while it is held.

        Then nothing is done, or `anyway` what can be. Raises SessionNotFound, StoreError.
        """
        sink = self._session(session_id).sink
        return await self._in_thread(lambda: sink.scrub(anyway=anyway))

    async def aclose(self, timeout: float = CLOSE_SECONDS) -> None:  # bounds a thread
        """Do `close` without blocking the event loop."""
        await asyncio.to_thread(self.close, timeout)

    def close(
        self, timeout: float = CLOSE_SECONDS, cause: str = SERVER_STOPPED, *, end: bool = False
    ) -> None:
        """Record what has come, seal everything, close the sinks and join the threads.

        Blocks for `timeout` seconds in all, and a moment more for the sinks. `cause` is told of
        what still runs; with `end` the sessions are over for good.
        """
        until = time.monotonic() + timeout

        def left() -> float:
            return max(0.0, until - time.monotonic())

        self.subscriber.close(timeout)
        if not self._thread.is_alive():
            return
        sessions = list(self._sessions.values())
        wait([self._finish(session, cause) for session in sessions], left())
        self._sealer.close(left())
        self._sampler.close(left())
        self._debuggers.close(left())
        self._queue.call(lambda: self._close(end=end))
        self._thread.join(max(LAST_SECONDS, left()))
        self._queue.close()

    async def _inquire(self, session: SessionRecording) -> None:
        """Have debuggers that are in use asked, after what they are asked for now."""
        asked = await self._in_thread(lambda: self._states.inquire(session))
        if asked:
            answers = [asyncio.wrap_future(done) for done in asked]
            await asyncio.wait(answers, timeout=INQUIRY_SECONDS)

    def _finish(self, session: SessionRecording, cause: str) -> Future[int]:
        """End what runs and seal everything."""
        done: Future[int] = Future()

        def finish() -> None:
            try:
                self._states.lose(session, cause)
            finally:
                session.freeze(None, done)

        self._queue.call(finish)
        return done

    def _run(self) -> None:
        due = time.monotonic() + TICK
        while not self._closing:
            items = self._taken(max(0.0, due - time.monotonic()))
            with self._at_work:
                for item in items:
                    self._handle(item)
                self._handle(partial(self._waits.advance, self._sessions, self._states))
                if time.monotonic() >= due:
                    self._tick()
                    due = time.monotonic() + TICK

    def _taken(self, timeout: float) -> list[Packet | Callable[[], None]]:
        try:
            return self._queue.take(timeout)
        except Exception:  # noqa: BLE001  # as one that is larger than the memory
            self._log.exception("The session recorder could not take a message")
            return []

    def _handle(self, item: Packet | Callable[[], None]) -> None:
        try:
            if isinstance(item, Packet):
                self._states.take(item)
            else:
                item()
        except Exception:  # noqa: BLE001  # one message's failure must not end the recording
            self._log.exception("The session recorder could not handle a message")

    def _tick(self) -> None:
        self._handle(self._states.tick)
        for session in list(self._sessions.values()):
            self._handle(session.tick)

    def _close_session(self, session: SessionRecording, *, end: bool = False) -> None:
        try:
            if end:
                session.end()
            session.close()
        finally:
            self._sessions.pop(session.id, None)

    def _close(self, *, end: bool) -> None:
        self._closing = True
        for session in list(self._sessions.values()):
            self._handle(partial(self._close_session, session, end=end))


async def _failure(work: Awaitable[T], timeout: float) -> str | None:
    """Return why something was not done in time; None where it was."""
    try:
        await asyncio.wait_for(work, timeout)
    except asyncio.TimeoutError:
        return f"It takes longer than {timeout:g} s."
    except Exception as error:  # noqa: BLE001  # the end goes on, and tells it
        return error.message if isinstance(error, StoreError) else repr(error)
    return None
