"""The debuggers of all kernels of a recorder."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection
from concurrent.futures import Future
from typing import TYPE_CHECKING

import zmq

from ...records.purge import PurgeScope
from ..channels import Channels
from ..kernelstate import KernelState
from ..queue import Command
from ..session import SessionRecording
from ..wire import Message
from .traffic import DebugReply, DebugRequest

if TYPE_CHECKING:
    from .interrogator import Interrogator
    from .kernel import DebuggedKernel
    from .turns import Turns

MOST_INTERROGATORS = 8
"""Each is a thread; kernels beyond that are recorded without what their stops hold."""


class Debuggers:
    """Knows each by its kernel. The recorder's thread, but for what says otherwise."""

    def __init__(self, call: Callable[[Command], None], log: logging.Logger) -> None:
        self._call = call
        self._log = log
        self._kernels: dict[str, DebuggedKernel] = {}
        self._engaged: list[Interrogator] = []
        self._context: zmq.Context[zmq.Socket[bytes]] | None = None

    def add(self, kernel_id: str, channels: Channels | None) -> None:
        """Know a kernel, or where its channels are now; any thread."""
        # No server needs it to start, and none before its first kernel does.
        from .kernel import DebuggedKernel  # noqa: PLC0415

        if kernel_id not in self._kernels:
            self._kernels[kernel_id] = DebuggedKernel(self._call, self._engage)
        self._kernels[kernel_id].channels = channels

    def turns(self, kernel_id: str) -> Turns | None:
        """Return whom the websocket tells what passes, at once; any thread."""
        kernel = self._kernels.get(kernel_id)
        return None if kernel is None else kernel.turns

    def forget(self, kernel_id: str) -> None:
        self._kernels.pop(kernel_id, None)

    def describe(self, kernel_id: str, *, has_debugger: bool | None) -> None:
        """Take what a kernel says of its debugger; any thread."""
        if kernel_id in self._kernels:
            self._kernels[kernel_id].has_debugger = has_debugger

    def note_source(self, state: KernelState, message: Message) -> None:
        """Take an execute_input."""
        if state.id in self._kernels:
            self._kernels[state.id].note_source(message)

    def take(
        self, state: KernelState, session: SessionRecording, message: Message, at: float
    ) -> None:
        """Take a debug_event."""
        if state.id in self._kernels:
            kernel = self._kernels[state.id]
            session.attempt(lambda: kernel.take(state, session, message, at))

    def requested(
        self, state: KernelState, session: SessionRecording, request: DebugRequest
    ) -> None:
        """Take a person's request."""
        if state.id in self._kernels:
            kernel = self._kernels[state.id]
            session.attempt(lambda: kernel.requested(state, session, request))

    def replied(self, state: KernelState, session: SessionRecording, reply: DebugReply) -> None:
        """Take the answer to a person's request."""
        if state.id in self._kernels:
            kernel = self._kernels[state.id]
            session.attempt(lambda: kernel.replied(state, session, reply))

    def end(self, state: KernelState, session: SessionRecording, cause: str) -> None:
        """End the debug session of a kernel whose process is gone."""
        if state.id in self._kernels:
            kernel = self._kernels[state.id]
            kernel.turns.reset()
            kernel.end(session, cause)

    def purge(
        self, kernel_ids: Collection[str], scope: PurgeScope, executions: Collection[int]
    ) -> None:
        """Have debug sessions that go on forget what a purge takes. Raises StoreError."""
        for kernel_id in kernel_ids:
            kernel = self._kernels.get(kernel_id)
            if kernel is not None and kernel.ongoing is not None:
                kernel.ongoing.purge(scope, executions)

    def follow(self, kernel_ids: Collection[str], old: str, new: str) -> None:
        """Have debug sessions that go on know where their notebooks lie. Raises StoreError."""
        for kernel_id in kernel_ids:
            kernel = self._kernels.get(kernel_id)
            if kernel is not None and kernel.ongoing is not None:
                kernel.ongoing.follow(old, new)

    def inquire(
        self, states: Collection[KernelState], session: SessionRecording
    ) -> list[Future[None]]:
        """Ask the debuggers in use what they say of themselves."""
        known = [(self._kernels[one.id], one) for one in states if one.id in self._kernels]
        asked = (kernel.inquire(state, session) for kernel, state in known)
        return [done for done in asked if done is not None]

    def close(self, timeout: float) -> None:
        """Join the threads that ask; any thread."""
        deadline = time.monotonic() + timeout
        for interrogator in self._engaged:
            interrogator.close()
        for interrogator in self._engaged:
            interrogator.join(max(0.0, deadline - time.monotonic()))
        if self._context and not any(one.is_alive for one in self._engaged):
            self._context.term()

    def _engage(self, channels: Channels, turns: Turns) -> Interrogator | None:
        from .interrogator import Interrogator  # noqa: PLC0415  # few kernels are debugged

        self._engaged = [one for one in self._engaged if one.is_alive]
        if len(self._engaged) >= MOST_INTERROGATORS:
            return None
        self._context = self._context or zmq.Context()
        self._engaged.append(Interrogator(channels, self._context, turns, self._log))
        return self._engaged[-1]
