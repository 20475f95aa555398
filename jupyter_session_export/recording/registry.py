"""What the server says of its kernels, brought into the recorder's thread in order."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future
from functools import partial

from ..records.activity import Deed
from ..records.execution import Kernel
from ..records.purge import PurgeScope
from ..records.times import now
from .channels import Channels
from .debugging import Debuggers, DebugReply, DebugRequest
from .encoding import to_text
from .kernelstate import KernelState
from .queue import ByteQueue, Loss, Packet
from .requests import Answer, Prompt, Reply, Request
from .sampling import Sampler
from .session import SessionRecording
from .subscriber import Ears
from .wire import ForgedMessage, MalformedMessage, Message, Wire, from_document

REPORT_EVERY = 10.0
"""Seconds between two activity lines about messages that were refused."""

SHUT_DOWN = "kernel was shut down"
CULLED = "culled"

Handler = Callable[[KernelState, SessionRecording], None]


class KernelRegistry:
    """The kernels of all sessions. Public methods may be called from any thread and never block."""

    def __init__(
        self,
        queue: ByteQueue,
        subscriber: Ears,
        sampler: Sampler,
        sessions: dict[str, SessionRecording],
        log: logging.Logger,
    ) -> None:
        self.debuggers = Debuggers(queue.call, log)
        self._queue = queue
        self._subscriber = subscriber
        self._sampler = sampler
        self._sessions = sessions
        self._states: dict[str, KernelState] = {}
        self._reported_at = 0.0

    def add(
        self,
        kernel: Kernel,
        session_id: str,
        channels: Channels | None,
        pid: int | None = None,
    ) -> None:
        """Record a kernel from now on; without channels its websockets are the source.

        `pid` is its process on this machine, if it is one.
        """
        wire = Wire(channels.key, channels.scheme) if channels else None
        self.debuggers.add(kernel.id, channels)
        self._queue.call(lambda: self._add(KernelState(kernel, session_id, wire), pid))
        if channels:
            self._subscriber.connect(kernel.id, channels)

    def add_own(self, kernel: Kernel, session_id: str) -> None:
        """Record the kernel of this very process, which hands over its messages by `heard`."""
        # They come from the one who signs: there is nothing to check.
        state = KernelState(kernel, session_id, Wire(b""), subscribed=False)
        self._queue.call(lambda: self._add(state, None))

    def describe(self, kernel_id: str, language: str, file_extension: str) -> None:
        """Say what the kernel itself says of its language."""
        self._call(kernel_id, lambda state, _: state.describe(language, file_extension))

    def interrupted(self, kernel_id: str, user: str | None = None) -> None:
        """Say that an interrupt is about to be sent, and by whom."""
        at = now()

        def handle(state: KernelState, session: SessionRecording) -> None:
            session.attempt(lambda: session.track.interrupt(state, at))
            session.tell(Deed("kernel.interrupt", kernel_id, user))

        self._call(kernel_id, handle)

    def restarting(self, kernel_id: str) -> None:
        """Say that a restart begins; what the dying process still sends belongs to it."""
        at = now()

        def handle(state: KernelState, session: SessionRecording) -> None:
            state.begin_restart(at)
            session.attempt(lambda: session.track.interrupt(state, at, "restarted"))

        self._mark(kernel_id, handle)

    def restarted(
        self,
        kernel_id: str,
        channels: Channels | None,
        pid: int | None = None,
        user: str | None = None,
    ) -> None:
        """Say that a restart is done, and who asked for it."""

        def handle(state: KernelState, session: SessionRecording) -> None:
            if state.is_restarting:
                self._next(state, session, "restarted")
            self._sample(kernel_id, pid)
            session.tell(Deed("kernel.restart", kernel_id, user))

        self._mark(kernel_id, handle)
        if channels:
            self.debuggers.add(kernel_id, channels)
            self._subscriber.connect(kernel_id, channels)

    def died(self, kernel_id: str, cause: str) -> None:
        """Say that the process is dead; another may follow under the same id."""

        def handle(state: KernelState, session: SessionRecording) -> None:
            self._next(state, session, cause)
            self._sample(kernel_id, None)
            session.tell(Deed("kernel.died", kernel_id, detail={"cause": cause}))

        self._mark(kernel_id, handle)

    def stopping(self, kernel_id: str, cause: str = SHUT_DOWN) -> None:
        """Say that a shutdown begins."""
        at = now()
        self._mark(
            kernel_id,
            lambda state, session: session.attempt(
                lambda: session.track.interrupt(state, at, cause)
            ),
        )

    def stopped(self, kernel_id: str, cause: str = SHUT_DOWN, user: str | None = None) -> None:
        """Say that the kernel is gone for good, and whether somebody has ended it."""

        def handle(state: KernelState, session: SessionRecording) -> None:
            state.alive = False
            self._next(state, session, cause)
            self._sample(kernel_id, None)
            session.attempt(session.archivist.seal_ended)
            session.tell(Deed("kernel.shutdown", kernel_id, user, {"cause": cause}))

        self._mark(kernel_id, handle)
        self._subscriber.disconnect(kernel_id)

    def connected(self, kernel_id: str, client: str, user: str | None) -> None:
        """Say that a websocket of this client and user is open."""

        def handle(state: KernelState, session: SessionRecording) -> None:
            state.connect(client, user)
            session.note_deed(Deed("client.connect", client, user, {"kernel_id": kernel_id}))

        self._call(kernel_id, handle)

    def disconnected(self, kernel_id: str, client: str, user: str | None) -> None:
        """Say that a websocket has closed."""
        deed = Deed("client.disconnect", client, user, {"kernel_id": kernel_id})
        self._call(kernel_id, lambda _, session: session.note_deed(deed))

    def requested(self, request: Request) -> None:
        """Say that a websocket passes on an execute_request."""

        def handle(state: KernelState, session: SessionRecording) -> None:
            state.expect(request if session.records(state) else request.without_code())

        self._call(request.kernel_id, handle)

    def submitted(self, request: Request) -> None:
        """Say that a client of the server's own is to run a cell, under a msg_id of its choice."""
        self._call(request.kernel_id, lambda state, _: state.submit(request))

    def replied(self, reply: Reply) -> None:
        """Say that a websocket passes on an execute_reply."""
        self._call(
            reply.kernel_id,
            lambda state, session: session.reply(state, reply),
        )

    def debug_requested(self, request: DebugRequest) -> None:
        """Say that a websocket is about to pass on a debug_request."""
        if turns := self.debuggers.turns(request.kernel_id):
            turns.entered(request.msg_id, request.command, request.arguments)
            self._call(request.kernel_id, partial(self._debug_requested, request))

    def debug_replied(self, reply: DebugReply) -> None:
        """Say that a websocket is about to pass on a debug_reply."""
        if turns := self.debuggers.turns(reply.kernel_id):
            turns.left(reply.msg_id, reply.content)
            self._call(reply.kernel_id, partial(self._debug_replied, reply))

    def debug_stop_shown(self, kernel_id: str, stop_id: str) -> None:
        """Say that a websocket is about to pass on that a debugger has stopped."""
        if turns := self.debuggers.turns(kernel_id):
            turns.shown(stop_id)

    def moved(self, kernel_id: str, message: Message) -> None:
        """Pass on what a front end tells a widget."""
        at = time.time()
        self._call(kernel_id, lambda state, session: session.take_comm(state, message, at))

    def asked(self, prompt: Prompt) -> None:
        """Say that a websocket passes on what a kernel asks a person."""

        def handle(state: KernelState, session: SessionRecording) -> None:
            # It has a number among the kernel's messages, and never comes on iopub.
            state.sequence.excuse(1)
            session.hear(state, prompt)

        self._call(prompt.kernel_id, handle)

    def answered(self, answer: Answer) -> None:
        """Say that a websocket passes on what a person answers."""
        self._call(answer.kernel_id, lambda state, session: session.hear(state, answer))

    def overheard(self, kernel_id: str, document: bytes) -> None:
        """Pass on an iopub message of a kernel that has no channels of its own."""
        self._queue.put([Packet(kernel_id, [document], time.time(), len(document))])

    def heard(self, packets: Sequence[Packet]) -> None:
        """Take messages, as frames, of a kernel that was added as this process's own."""
        self._queue.put(packets)

    def opened_notebook(self, kernel_id: str, row: str, path: str, user: str | None = None) -> None:
        """Say that a notebook uses this kernel; `row` is the id of its Jupyter session."""

        def handle(state: KernelState, session: SessionRecording) -> None:
            state.open_notebook(row, path)
            session.attempt(lambda: session.sink.note_notebook(path, kernel_id))
            session.note_deed(Deed("notebook.attach", path, user, {"kernel_id": kernel_id}))

        self._call(kernel_id, handle)

    def renamed_notebook(
        self, kernel_id: str, row: str, old: str, new: str, user: str | None = None
    ) -> None:
        """Say that a notebook has another path now."""

        def handle(state: KernelState, session: SessionRecording) -> None:
            state.open_notebook(row, new)
            session.follow(old, new, told=True)
            session.note_deed(Deed("notebook.rename", new, user, {"old": old}))

        self._call(kernel_id, handle)

    def relocated(self, old: str, new: str, told: str | None = None) -> None:
        """Say that a file or folder lies elsewhere; the session `told` knows of it already."""

        def move() -> None:
            for session in list(self._sessions.values()):
                session.follow(old, new, told=session.id == told)
            for state in self._states.values():
                state.follow(old, new)

        self._queue.call(move)

    def closed_notebook(self, kernel_id: str, row: str, path: str, user: str | None = None) -> None:
        """Say that a notebook doesn't use this kernel any more."""

        def handle(state: KernelState, session: SessionRecording) -> None:
            state.close_notebook(row)
            session.note_deed(Deed("notebook.detach", path, user, {"kernel_id": kernel_id}))

        self._call(kernel_id, handle)

    def started(self, kernel_id: str, facts: dict[str, object], user: str | None = None) -> None:
        """Write down a start, with what is known of the kernel."""

        has_debugger = facts.get("debugger")
        self.debuggers.describe(
            kernel_id, has_debugger=has_debugger if isinstance(has_debugger, bool) else None
        )

        def handle(_: KernelState, session: SessionRecording) -> None:
            session.attempt(lambda: session.sink.set_value(f"kernel/{kernel_id}", facts))
            session.tell(Deed("kernel.start", kernel_id, user, {"name": facts.get("name")}))

        self._call(kernel_id, handle)

    def of_session(self, session_id: str) -> list[KernelState]:
        """Return a session's live kernels. The recorder's thread."""
        return [s for s in self._states.values() if s.session_id == session_id and s.alive]

    def waiting(self, session_id: str, kernel_id: str) -> list[Request]:
        """Return what a session's kernel was asked to run and hasn't begun. The recorder's thread.

        What came while nothing was recorded is left out.
        """
        state = self._states.get(kernel_id)
        if state is None or state.session_id != session_id:
            return []
        return [each for each in state.requests.values() if not (each.hidden or each.silent)]

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
        if message.of_comm:
            session.take_comm(state, message, packet.received_at)
        if message.type == "debug_event":
            self.debuggers.take(state, session, message, packet.received_at)
        elif message.of_execution:
            if message.type == "execute_input":
                self.debuggers.note_source(state, message)
            if message.type == "status":
                self._look_for_gap(state, session, message)
            session.take(state, message, packet.received_at)

    def tick(self) -> None:
        """Write down losses and refusals; forget kernels that are gone. The recorder's thread."""
        for state in [s for s in self._states.values() if self._is_over(s)]:
            del self._states[state.id]
            self.debuggers.forget(state.id)
            self._release(state)
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

    def inquire(self, session: SessionRecording) -> list[Future[None]]:
        """Ask the session's debuggers that are in use. The recorder's thread."""
        return self.debuggers.inquire(self._of(session), session)

    def purge(
        self, session: SessionRecording, scope: PurgeScope, executions: Collection[int]
    ) -> None:
        """Have what goes on forget what a purge takes. The recorder's thread."""
        self.debuggers.purge([state.id for state in self._of(session)], scope, executions)

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

    def lose(self, session: SessionRecording, cause: str) -> None:
        """End what runs in a session whose recording ends. The recorder's thread."""
        for state in self.of_session(session.id):
            self._next(state, session, cause)

    def _debug_requested(
        self, request: DebugRequest, state: KernelState, session: SessionRecording
    ) -> None:
        self.debuggers.requested(state, session, request)

    def _debug_replied(
        self, reply: DebugReply, state: KernelState, session: SessionRecording
    ) -> None:
        self.debuggers.replied(state, session, reply)

    def _of(self, session: SessionRecording) -> list[KernelState]:
        return [state for state in self._states.values() if state.session_id == session.id]

    def _is_over(self, state: KernelState) -> bool:
        """Tell whether nothing more can come of a kernel: all that it ran is sealed."""
        session = self._sessions.get(state.session_id)
        return session is None or (not state.alive and not session.archivist.has(state.id))

    def _release(self, state: KernelState) -> None:
        session = self._sessions.get(state.session_id)
        if session is not None:
            session.attempt(partial(session.archivist.comms.release, state.id))

    def _add(self, state: KernelState, pid: int | None) -> None:
        self._states[state.id] = state
        self._sample(state.id, pid)

    def _sample(self, kernel_id: str, pid: int | None) -> None:
        if pid is None:
            self._sampler.remove(kernel_id)
        else:
            self._sampler.add(kernel_id, pid)

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
        self.debuggers.end(state, session, cause)
        unheard = state.next_incarnation()
        requests = [] if not session.records(state) else [r for r in unheard if not r.hidden]
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
