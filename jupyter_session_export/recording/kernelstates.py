"""The kernels of all sessions, and what becomes of their messages. The recorder's thread."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from concurrent.futures import Future
from functools import partial

from ..records.activity import Deed
from ..records.purge import PurgeScope
from ..records.times import now
from .debugging import Debuggers
from .kernelstate import KernelState
from .queue import ByteQueue, Loss, Packet
from .requests import Request
from .sampling import Sampler
from .session import SessionRecording
from .wire import Message

REPORT_EVERY = 10.0
"""Seconds between two activity lines about messages that were refused."""
SHUT_DOWN = "kernel was shut down"

Handler = Callable[[KernelState, SessionRecording], None]


class KernelStates:
    """Knows each kernel from when it is added until nothing more can come of it."""

    def __init__(
        self,
        queue: ByteQueue,
        sampler: Sampler,
        sessions: dict[str, SessionRecording],
        debuggers: Debuggers,
    ) -> None:
        self.debuggers = debuggers
        self._queue = queue
        self._sampler = sampler
        self._sessions = sessions
        self._states: dict[str, KernelState] = {}
        self._reported_at = 0.0

    def add(self, state: KernelState, pid: int | None) -> None:
        """Know a kernel; `pid` is its process on this machine."""
        before = self._states.get(state.id)
        if before is not None:
            # It has been shut down, which may still have to come.
            if before.alive:
                self.handle(state.id, partial(self.end, SHUT_DOWN, None))
            state.incarnation = before.incarnation
        self._states[state.id] = state
        self.sample(state.id, pid)

    def handle(self, kernel_id: str, handler: Handler) -> None:
        """Have something done with a kernel that is known, and its session."""
        state = self._states.get(kernel_id)
        session = self._sessions.get(state.session_id) if state else None
        if state is not None and session is not None:
            handler(state, session)

    def of_session(self, session_id: str) -> list[KernelState]:
        """Return a session's live kernels."""
        return [s for s in self._states.values() if s.session_id == session_id and s.alive]

    def of(self, session: SessionRecording) -> list[KernelState]:
        """Return all kernels of a session that are known."""
        return [state for state in self._states.values() if state.session_id == session.id]

    def waiting(self, session_id: str, kernel_id: str) -> list[Request]:
        """Return what a session's kernel was asked to run and hasn't begun, the first one first.

        What came while nothing was recorded is left out.
        """
        requests = [
            request
            for state in self.of_session(session_id)
            if state.id == kernel_id
            for request in state.requests.values()
        ]
        return [each for each in requests if not (each.hidden or each.silent)]

    def take(self, packet: Packet) -> None:
        """Read a packet and pass it on."""
        state = self._states.get(packet.kernel_id)
        session = self._sessions.get(state.session_id) if state else None
        if state is None or session is None:
            return
        malformed = state.malformed
        message = state.read(packet.frames)
        if state.malformed > malformed:
            # It came from the kernel: something of what runs there is missing.
            session.attempt(partial(session.track.truncate, state))
        if message is None:
            return
        try:
            self._pass_on(state, session, message, packet.received_at)
        except Exception:
            state.malformed += 1
            session.attempt(partial(session.track.truncate, state))
            raise

    def _pass_on(
        self, state: KernelState, session: SessionRecording, message: Message, at: float
    ) -> None:
        if state.is_of_new_process(message.session):
            self.go_on(state, session, "restarted")
        state.sequence.hear(message)
        if message.of_comm:
            session.take_comm(state, message, at)
            session.take_captures(state, state.captures.take(message))
        if message.type == "debug_event":
            self.debuggers.take(state, session, message, at)
        elif message.of_execution:
            if message.type == "execute_input":
                self.debuggers.note_source(state, message)
            if message.type == "status":
                self._look_for_gap(state, session, message)
            session.take(state, message, at)

    def tick(self) -> None:
        """Write down losses and refusals; forget kernels that are gone."""
        for state in [s for s in self._states.values() if self._is_over(s)]:
            del self._states[state.id]
            self.debuggers.forget(state.id)
            self._release(state)
        for kernel_id, loss in self._queue.take_losses().items():
            self.handle(kernel_id, partial(_note_loss, loss))
        if time.monotonic() - self._reported_at < REPORT_EVERY:
            return
        for state in self._states.values():
            session = self._sessions.get(state.session_id)
            if session and (state.forged or state.malformed):
                self._reported_at = time.monotonic()
                session.note(
                    "recording.refused", state.id, forged=state.forged, malformed=state.malformed
                )
                state.forged = state.malformed = 0

    def relocate(self, old: str, new: str, told: str | None) -> None:
        """Know a file or folder by where it lies now, in all sessions; `told` is one that does."""
        for session in list(self._sessions.values()):
            self.follow(session, old, new, told=session.id == told)
        for state in self._states.values():
            state.follow(old, new)
            if state.session_id in self._sessions:
                self._sessions[state.session_id].meet_notebooks(state)

    def follow(self, session: SessionRecording, old: str, new: str, *, told: bool) -> None:
        """Know it in one session, whose log is told unless it was already."""
        session.follow(old, new, told=told)
        kernel_ids = [state.id for state in self.of(session)]
        session.attempt(lambda: self.debuggers.follow(kernel_ids, old, new))

    def inquire(self, session: SessionRecording) -> list[Future[None]]:
        """Ask the session's debuggers that are in use."""
        return self.debuggers.inquire(self.of(session), session)

    def purge(
        self, session: SessionRecording, scope: PurgeScope, executions: Collection[int]
    ) -> None:
        """Have what goes on forget what a purge takes."""
        self.debuggers.purge([state.id for state in self.of(session)], scope, executions)

    def go_on(self, state: KernelState, session: SessionRecording, cause: str) -> None:
        """Go on to the next incarnation; what ran in this one is lost."""
        at = now()
        self.debuggers.end(state, session, cause)
        unheard = state.next_incarnation()
        requests = [] if not session.records(state) else [r for r in unheard if not r.hidden]
        session.attempt(lambda: session.track.lose(state, requests, cause, at))

    def end(
        self, cause: str, user: str | None, state: KernelState, session: SessionRecording
    ) -> None:
        """Take a kernel that is gone for good."""
        state.alive = False
        self.go_on(state, session, cause)
        self.sample(state.id, None)
        session.attempt(session.archivist.seal_ended)
        session.tell(Deed("kernel.shutdown", state.id, user, {"cause": cause}))

    def lose(self, session: SessionRecording, cause: str) -> None:
        """End what runs in a session whose recording ends."""
        for state in self.of_session(session.id):
            self.go_on(state, session, cause)

    def sample(self, kernel_id: str, pid: int | None) -> None:
        """Look from now on at what a process uses; at none where there is none."""
        if pid is None:
            self._sampler.remove(kernel_id)
        else:
            self._sampler.add(kernel_id, pid)

    def _look_for_gap(
        self, state: KernelState, session: SessionRecording, message: Message
    ) -> None:
        """Note what the kernel could not get rid of, once an execution begins or ends."""
        if not state.subscribed:
            # Nobody may have listened: a gateway's kernel is heard while a page is open.
            return
        missing = state.sequence.missing(self._queue.lost(state.id))
        if missing:
            session.note_gap(
                state, missing, begins=message.content.get("execution_state") == "busy"
            )

    def _is_over(self, state: KernelState) -> bool:
        """Tell whether nothing more can come of a kernel: all that it ran is sealed."""
        session = self._sessions.get(state.session_id)
        return session is None or (not state.alive and not session.archivist.has(state.id))

    def _release(self, state: KernelState) -> None:
        session = self._sessions.get(state.session_id)
        if session is not None:
            session.attempt(partial(session.archivist.comms.release, state.id))


def _note_loss(loss: Loss, state: KernelState, session: SessionRecording) -> None:
    state.sequence.excuse(loss.messages)
    session.note_loss(state, loss)
