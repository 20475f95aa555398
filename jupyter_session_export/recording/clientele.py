"""What clients ask of kernels, and how they are answered."""

from __future__ import annotations

import time
from collections.abc import Sequence

from ..records.activity import Deed
from .announcer import Announcer
from .debugging import DebugReply, DebugRequest
from .kernelstate import KernelState
from .queue import Packet
from .requests import Answer, Prompt, Reply, Request
from .session import SessionRecording
from .wire import Message


class Clientele(Announcer):
    """What websockets, and whoever else passes messages on, say of them."""

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
        if turns := self._debuggers.turns(request.kernel_id):
            turns.entered(request.msg_id, request.command, request.arguments)
            self._call(
                request.kernel_id,
                lambda state, session: self._debuggers.requested(state, session, request),
            )

    def debug_replied(self, reply: DebugReply) -> None:
        """Say that a websocket is about to pass on a debug_reply."""
        if turns := self._debuggers.turns(reply.kernel_id):
            turns.left(reply.msg_id, reply.content)
            self._call(
                reply.kernel_id,
                lambda state, session: self._debuggers.replied(state, session, reply),
            )

    def debug_stop_shown(self, kernel_id: str, stop_id: str) -> None:
        """Say that a websocket is about to pass on that a debugger has stopped."""
        if turns := self._debuggers.turns(kernel_id):
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
