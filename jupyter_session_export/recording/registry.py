"""What the server says of its kernels, brought into the recorder's thread in order."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import partial

from ..records.execution import Kernel
from ..records.times import now
from .channels import Channels
from .encoding import to_text
from .kernelstate import KernelState
from .queue import ByteQueue, Loss, Packet
from .requests import Reply, Request
from .session import SessionRecording
from .subscriber import IopubSubscriber
from .wire import ForgedMessage, MalformedMessage, Message, Wire, from_document

REPORT_EVERY = 10.0
"""Seconds between two activity lines about messages that were refused."""

SHUT_DOWN = "kernel was shut down"

Handler = Callable[[KernelState, SessionRecording], None]


class KernelRegistry:
    """The kernels of all sessions. Public methods may be called from any thread and never block."""

    def __init__(
        self,
        queue: ByteQueue,
        subscriber: IopubSubscriber,
        sessions: dict[str, SessionRecording],
    ) -> None:
        self._queue = queue
        self._subscriber = subscriber
        self._sessions = sessions
        self._states: dict[str, KernelState] = {}
        self._reported_at = 0.0

    def add(self, kernel: Kernel, session_id: str, channels: Channels | None) -> None:
        """Record a kernel from now on; without channels its websockets are the source."""
        wire = Wire(channels.key, channels.scheme) if channels else None
        self._queue.call(lambda: self._add(KernelState(kernel, session_id, wire)))
        if channels:
            self._subscriber.connect(kernel.id, channels)

    def describe(self, kernel_id: str, language: str, file_extension: str) -> None:
        """Say what the kernel itself says of its language."""
        self._call(kernel_id, lambda state, _: state.describe(language, file_extension))

    def interrupted(self, kernel_id: str) -> None:
        """Say that an interrupt is about to be sent."""
        at = now()

        def handle(state: KernelState, session: SessionRecording) -> None:
            session.attempt(lambda: session.track.interrupt(state, at))
            session.note("kernel.interrupt", kernel_id)

        self._call(kernel_id, handle)

    def restarting(self, kernel_id: str) -> None:
        """Say that a restart begins; what the dying process still sends belongs to it."""
        at = now()

        def handle(state: KernelState, session: SessionRecording) -> None:
            state.begin_restart(at)
            session.attempt(lambda: session.track.interrupt(state, at, "restarted"))

        self._mark(kernel_id, handle)

    def restarted(self, kernel_id: str, channels: Channels | None) -> None:
        """Say that a restart is done."""

        def handle(state: KernelState, session: SessionRecording) -> None:
            if state.is_restarting:
                self._next(state, session, "restarted")
            session.note("kernel.restart", kernel_id)

        self._mark(kernel_id, handle)
        if channels:
            self._subscriber.connect(kernel_id, channels)

    def died(self, kernel_id: str, cause: str) -> None:
        """Say that the process is dead; another may follow under the same id."""

        def handle(state: KernelState, session: SessionRecording) -> None:
            self._next(state, session, cause)
            session.note("kernel.died", kernel_id, cause=cause)

        self._mark(kernel_id, handle)

    def stopping(self, kernel_id: str) -> None:
        """Say that a shutdown begins."""
        at = now()
        self._mark(
            kernel_id,
            lambda state, session: session.attempt(
                lambda: session.track.interrupt(state, at, SHUT_DOWN)
            ),
        )

    def stopped(self, kernel_id: str, cause: str = SHUT_DOWN) -> None:
        """Say that the kernel is gone for good."""

        def handle(state: KernelState, session: SessionRecording) -> None:
            state.alive = False
            self._next(state, session, cause)
            session.attempt(session.archivist.seal_ended)
            session.note("kernel.shutdown", kernel_id)

        self._mark(kernel_id, handle)
        self._subscriber.disconnect(kernel_id)

    def connected(self, kernel_id: str, client: str, user: str | None) -> None:
        """Say that a websocket of this client and user is open."""
        self._call(kernel_id, lambda state, _: state.connect(client, user))

    def requested(self, request: Request) -> None:
        """Say that a websocket passes on an execute_request."""
        self._call(request.kernel_id, lambda state, _: state.expect(request))

    def submitted(self, request: Request) -> None:
        """Say that a client of the server's own is to run a cell, under a msg_id of its choice."""
        self._call(request.kernel_id, lambda state, _: state.submit(request))

    def replied(self, reply: Reply) -> None:
        """Say that a websocket passes on an execute_reply."""
        self._call(
            reply.kernel_id,
            lambda state, session: session.attempt(lambda: session.track.reply(state, reply)),
        )

    def overheard(self, kernel_id: str, document: bytes) -> None:
        """Pass on an iopub message of a kernel that has no channels of its own."""
        self._queue.put([Packet(kernel_id, [document], time.time(), len(document))])

    def opened_notebook(self, kernel_id: str, row: str, path: str) -> None:
        """Say that a notebook uses this kernel; `row` is the id of its Jupyter session."""

        def handle(state: KernelState, session: SessionRecording) -> None:
            state.open_notebook(row, path)
            session.attempt(lambda: session.sink.note_notebook(path, kernel_id))
            session.note("notebook.open", path, kernel_id=kernel_id)

        self._call(kernel_id, handle)

    def renamed_notebook(self, kernel_id: str, row: str, old: str, new: str) -> None:
        """Say that a notebook has another path now."""

        def handle(state: KernelState, session: SessionRecording) -> None:
            state.open_notebook(row, new)
            session.attempt(lambda: session.sink.rename_notebook(old, new))
            session.note("notebook.rename", new, old=old)

        self._call(kernel_id, handle)

    def closed_notebook(self, kernel_id: str, row: str, path: str) -> None:
        """Say that a notebook doesn't use this kernel any more."""

        def handle(state: KernelState, session: SessionRecording) -> None:
            state.close_notebook(row)
            session.note("notebook.close", path, kernel_id=kernel_id)

        self._call(kernel_id, handle)

    def started(self, kernel_id: str, facts: dict[str, object]) -> None:
        """Write down a start, with what is known of the kernel."""

        def handle(_: KernelState, session: SessionRecording) -> None:
            session.attempt(lambda: session.sink.set_value(f"kernel/{kernel_id}", facts))
            session.note("kernel.start", kernel_id, name=facts.get("name"))

        self._call(kernel_id, handle)

    def of_session(self, session_id: str) -> list[KernelState]:
        """Return a session's live kernels. The recorder's thread."""
        return [s for s in self._states.values() if s.session_id == session_id and s.alive]

    def take(self, packet: Packet) -> None:
        """Read a packet and pass it on. The recorder's thread."""
        state = self._states.get(packet.kernel_id)
        session = self._sessions.get(state.session_id) if state else None
        if state is None or session is None:
            return
        message = self._read(state, packet)
        if message is None:
            return
        if state.is_of_new_process(message.session):
            self._next(state, session, "restarted")
        state.sequence.hear(message)
        if message.of_execution:
            if message.type == "status":
                self._look_for_gap(state, session, message)
            session.take(state, message, packet.received_at)

    def tick(self) -> None:
        """Write down losses and refusals; forget kernels that are gone. The recorder's thread."""
        for state in [s for s in self._states.values() if self._is_over(s)]:
            del self._states[state.id]
        for kernel_id, loss in self._queue.take_losses().items():
            self._handle(kernel_id, partial(_note_loss, loss))
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

    def _look_for_gap(
        self, state: KernelState, session: SessionRecording, message: Message
    ) -> None:
        """Note what the kernel could not get rid of, once an execution begins or ends."""
        if state.wire is None:
            # Nobody may have listened: a gateway's kernel is heard while a page is open.
            return
        missing = state.sequence.missing(self._queue.lost(state.id))
        if missing:
            session.note_gap(
                state, missing, begins=message.content.get("execution_state") == "busy"
            )

    def lose(self, session: SessionRecording, cause: str) -> None:
        """End what runs in a session whose recording ends. The recorder's thread."""
        for state in self.of_session(session.id):
            self._next(state, session, cause)

    def _is_over(self, state: KernelState) -> bool:
        """Tell whether nothing more can come of a kernel: all that it ran is sealed."""
        session = self._sessions.get(state.session_id)
        return session is None or (not state.alive and not session.archivist.has(state.id))

    def _add(self, state: KernelState) -> None:
        self._states[state.id] = state

    def _call(self, kernel_id: str, handler: Handler) -> None:
        self._queue.call(lambda: self._handle(kernel_id, handler))

    def _mark(self, kernel_id: str, handler: Handler) -> None:
        """Have it handled behind all that the kernel has sent so far."""
        self._subscriber.mark(kernel_id, lambda: self._handle(kernel_id, handler))

    def _handle(self, kernel_id: str, handler: Handler) -> None:
        state = self._states.get(kernel_id)
        session = self._sessions.get(state.session_id) if state else None
        if state is not None and session is not None:
            handler(state, session)

    def _next(self, state: KernelState, session: SessionRecording, cause: str) -> None:
        """Go on to the next incarnation; what ran in this one is lost."""
        at = now()
        requests = state.next_incarnation()
        session.attempt(lambda: session.track.lose(state, requests, cause, at))

    def _read(self, state: KernelState, packet: Packet) -> Message | None:
        try:
            if state.wire is not None:
                return state.wire.read(packet.frames)
            message = _read_document(packet.frames[0])
        except ForgedMessage:
            state.forged += 1
            return None
        except MalformedMessage:
            state.malformed += 1
            return None
        return message if state.is_new(message.msg_id) else None


def _note_loss(loss: Loss, state: KernelState, session: SessionRecording) -> None:
    state.sequence.excuse(loss.messages)
    session.note_loss(state, loss)


def _read_document(data: bytes) -> Message:
    try:
        document = json.loads(to_text(data))
    except (ValueError, RecursionError) as error:
        raise MalformedMessage("a message is no JSON") from error
    if not isinstance(document, dict):
        raise MalformedMessage("a message is no JSON object")
    return from_document(document)
