"""Kernels that start, restart, end and are recorded meanwhile."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from ..records.activity import Deed
from ..records.execution import Kernel
from ..records.times import now
from .announcer import Announcer
from .channels import Channels
from .kernelstate import KernelState
from .kernelstates import SHUT_DOWN
from .session import SessionRecording
from .wire import Wire

CULLED = "culled"
RESTART_FAILED = "restart failed"


class Lifecycle(Announcer):
    """What whoever starts kernels says of them."""

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
        self._debuggers.add(kernel.id, channels)
        self._bring(KernelState(kernel, session_id, wire), pid)
        if channels:
            self._subscriber.connect(kernel.id, channels)

    def add_own(self, kernel: Kernel, session_id: str) -> None:
        """Record the kernel of this very process, which hands over its messages by `heard`."""
        # They come from the one who signs: there is nothing to check.
        self._bring(KernelState(kernel, session_id, Wire(b""), subscribed=False))

    def describe(self, kernel_id: str, language: str, file_extension: str) -> None:
        """Say what the kernel itself says of its language."""
        self._call(kernel_id, lambda state, _: state.describe(language, file_extension))

    def started(self, kernel_id: str, facts: dict[str, object], user: str | None = None) -> None:
        """Write down a start, with what is known of the kernel."""

        has_debugger = facts.get("debugger")
        self._debuggers.describe(
            kernel_id, has_debugger=has_debugger if isinstance(has_debugger, bool) else None
        )

        def handle(_: KernelState, session: SessionRecording) -> None:
            session.attempt(lambda: session.sink.set_value(f"kernel/{kernel_id}", facts))
            session.tell(Deed("kernel.start", kernel_id, user, {"name": facts.get("name")}))

        self._call(kernel_id, handle)

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

        self._interrupt(kernel_id, at, "restarted")
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
                self._states.go_on(state, session, "restarted")
            self._states.sample(kernel_id, pid)
            session.tell(Deed("kernel.restart", kernel_id, user))

        self._mark(kernel_id, handle)
        if channels:
            self._debuggers.add(kernel_id, channels)
            self._subscriber.connect(kernel_id, channels)

    def restart_failed(self, kernel_id: str, *, died: bool, user: str | None = None) -> None:
        """Say that no new process has come of a restart, and whether the old one is gone."""

        def handle(state: KernelState, session: SessionRecording) -> None:
            state.give_up_restart()
            session.tell(Deed("kernel.restart_failed", kernel_id, user))

        self._mark(kernel_id, handle)
        if died:
            self.died(kernel_id, RESTART_FAILED)

    def died(self, kernel_id: str, cause: str) -> None:
        """Say that the process is dead; another may follow under the same id."""

        def handle(state: KernelState, session: SessionRecording) -> None:
            self._states.go_on(state, session, cause)
            self._states.sample(kernel_id, None)
            session.tell(Deed("kernel.died", kernel_id, detail={"cause": cause}))

        self._mark(kernel_id, handle)

    def stopping(self, kernel_id: str, cause: str = SHUT_DOWN) -> None:
        """Say that a shutdown begins."""
        at = now()
        self._interrupt(kernel_id, at, cause)
        self._mark(
            kernel_id,
            lambda state, session: session.attempt(
                lambda: session.track.interrupt(state, at, cause)
            ),
        )

    def _interrupt(self, kernel_id: str, at: datetime, cause: str) -> None:
        """Note it of what is known to run, before the kernel can answer: a mark may be slower."""

        def handle(state: KernelState, session: SessionRecording) -> None:
            session.attempt(lambda: session.track.interrupt(state, at, cause))

        self._call(kernel_id, handle)

    def stopped(self, kernel_id: str, cause: str = SHUT_DOWN, user: str | None = None) -> None:
        """Say that the kernel is gone for good, and whether somebody has ended it."""
        self._mark(kernel_id, partial(self._states.end, cause, user))
        self._subscriber.disconnect(kernel_id)
