"""How what is said of a kernel gets into the recorder's thread, in order."""

from __future__ import annotations

import itertools

from .kernelstate import KernelState
from .kernelstates import Handler, KernelStates
from .queue import ByteQueue
from .session import SessionRecording
from .subscriber import Ears


class Announcer:
    """Public methods of what it is the base of may be called from any thread and never block."""

    def __init__(self, states: KernelStates, queue: ByteQueue, subscriber: Ears) -> None:
        self._states = states
        self._debuggers = states.debuggers
        self._queue = queue
        self._subscriber = subscriber
        self._serials = itertools.count()

    def _bring(self, state: KernelState, pid: int | None = None) -> None:
        state.serial = next(self._serials)
        self._queue.call(lambda: self._states.add(state, pid))

    def _call(self, kernel_id: str, handler: Handler) -> None:
        self._queue.call(lambda: self._states.handle(kernel_id, handler))

    def _mark(self, kernel_id: str, handler: Handler) -> None:
        """Have it handled behind all that the kernel has sent so far.

        By then another may have its id, of which it isn't meant.
        """
        serial = next(self._serials)

        def handle(state: KernelState, session: SessionRecording) -> None:
            if state.serial < serial:
                handler(state, session)

        self._subscriber.mark(kernel_id, lambda: self._states.handle(kernel_id, handle))
