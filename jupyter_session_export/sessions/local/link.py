"""The kernel of a local session: a process of this machine that this process has started."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...errors import KernelDied, KernelStartFailed
from ...recording.channels import Channels
from ...recording.facts import describe
from ...recording.requests import Reply as RecordedReply
from ...recording.requests import Request
from ...records.execution import Kernel
from ...records.times import now
from ..link import Hear, Reply, ignore, replaced, told_by
from ..pending import request_content
from .conversation import Conversation
from .machine import Machine
from .process import KernelProcess
from .starts import at_most_twice, forget_ports
from .words import LastWords

START_SECONDS = 60.0
LIFE_SECONDS = 0.25
"""How often a process is looked at while something is waited for."""


class LocalLink:
    """A `KernelLink` to a kernel of a machine, whose recorder is told what is asked and answered.

    `user` is who the executions are recorded for; `words` are what its process said;
    `remains` are what goes with the kernel should this process end before it does.
    """

    def __init__(
        self,
        machine: Machine,
        kernel_id: str,
        *,
        user: str,
        words: LastWords,
        remains: Sequence[str] = (),
    ) -> None:
        self._manager, self._id, self._words = machine.kernels, kernel_id, words
        self._context, self._log = machine.context, machine.log
        self._recorder, self._user = machine.recorder, user
        self._turn, self._exchange = asyncio.Lock(), asyncio.Lock()
        self._closed = False
        self._kernel = describe(kernel_id, self._own)
        self._process = KernelProcess(
            lambda: self._own, machine.guardian, lambda: [self.connection_file, *remains]
        )
        self._missing: KernelDied | None = None
        self._conversation = self._meet()

    async def ready(self) -> None:
        """Wait until the kernel answers.

        Raises KernelDied where it has ended by itself, else KernelStartFailed.
        """
        try:
            info = await self._while_alive(self._conversation.greet(), START_SECONDS)
        except KernelDied as error:
            if self._closed or self.gone or self._process.was_replaced:
                # Somebody wanted that.
                raise KernelStartFailed("The kernel was ended at once.", error.message) from error
            raise
        except asyncio.TimeoutError as error:
            raise KernelStartFailed(
                "The kernel does not answer.",
                self._words.tail() or f"It was given {START_SECONDS:g} s.",
            ) from error
        self._kernel = told_by(self._kernel, info)

    @property
    def kernel(self) -> Kernel:
        return self._kernel

    @property
    def pid(self) -> int | None:
        return None if self.gone else self._process.pid

    @property
    def gone(self) -> bool:
        """Whether the manager knows the kernel no more: it was shut down."""
        return self._id not in self._manager

    @property
    def busy(self) -> bool:
        return bool(self._conversation.running)

    @property
    def connection_file(self) -> str:
        """The file by which any Jupyter client reaches the kernel."""
        return str(self._own.connection_file)

    async def execute(
        self,
        code: str,
        *,
        hear: Hear = ignore,
        silent: bool = False,
        store_history: bool = True,
        expressions: Mapping[str, str] | None = None,
    ) -> Reply:
        async with self._turn:
            self._require_open()
            msg_id = uuid.uuid4().hex
            content = request_content(
                code, silent=silent, store_history=store_history, expressions=expressions
            )
            self._tell_request(msg_id, content)
            asked = self._conversation.ask(msg_id, content, hear)
            try:
                reply: Reply = await self._while_alive(asked.done)
            finally:
                self._conversation.pending.forget(msg_id)
            # Its idle may have been lost.
            self._conversation.running.discard(msg_id)
            self._recorder.kernels.replied(
                RecordedReply(self._id, msg_id, now(), dict(reply.content))
            )
            return reply

    async def interrupt(self) -> None:
        if not self.gone:
            # On the manager: the recorder gets to know of it there.
            interrupt: Callable[[str], Any] = self._manager.interrupt_kernel
            await _resolved(interrupt(self._id))

    async def signal(self, number: int) -> None:
        try:
            self._process.signal(number)
        except ProcessLookupError as error:
            raise self._died() from error

    async def restart(self) -> None:
        self._conversation.pending.break_off(KernelDied("The kernel was restarted."))
        async with self._turn, self._exchange:
            self._require_open()
            self._process.wake()
            # Until it answers, and for good if it never does.
            self._missing = KernelDied("The kernel has died (it could not be started anew).")
            await at_most_twice(self._start_anew, self._start_elsewhere, self._words, self._log)
            self._missing = None

    @property
    def ended(self) -> KernelDied | None:
        if self._was_replaced() and not self._exchange.locked():
            self._missing = self._died()
            self._process.take_charge()
        elif self._missing is None and self._has_ended():
            # Now: once the group is empty its number may be another's.
            self._process.end_group()
            return self._died()
        return self._missing

    async def is_alive(self) -> bool:
        return not self.gone and bool(await self._own.is_alive())

    async def close(self) -> None:
        self._closed = True
        # What runs is over, so that whoever waits for it gets to know.
        self._conversation.pending.break_off(_closed())
        # A restart would leave behind the process that it starts.
        async with self._exchange:
            try:
                if not self.gone:
                    self._process.wake()
                    await self._manager.shutdown_kernel(self._id, now=False)
            finally:
                # Where somebody else has shut it down, what it has started may still be there.
                self._conversation.close()
                self._process.end_group()

    @property
    def _own(self) -> Any:
        return self._manager.get_kernel(self._id)

    async def _start_anew(self) -> None:
        """Put a new process in the old one's place. Raises KernelDied, KernelStartFailed."""
        self._conversation.close()
        try:
            await self._manager.restart_kernel(self._id, now=True)
        except Exception as error:
            # A provisioner may raise anything.
            raise KernelStartFailed("The kernel can't be restarted.", str(error)) from error
        finally:
            self._process.end_group()
        try:
            self._conversation = self._meet()
            await self.ready()
        except BaseException:
            self._process.end_group()
            raise

    async def _start_elsewhere(self) -> None:
        """Do so on other ports."""
        forget_ports(self._own)
        await self._start_anew()

    def _meet(self) -> Conversation:
        """Take charge of the process that there is now, and of its channels."""
        self._process.take_charge()
        channels = Channels.of(self._own)
        if channels is None:
            raise KernelStartFailed("The kernel has no channels.", "Its provisioner gave none.")
        return Conversation(self._context, channels)

    async def _while_alive(self, work: Any, seconds: float | None = None) -> Any:
        """Wait for something as long as the process lives. Raises KernelDied, TimeoutError."""
        task = asyncio.ensure_future(work)
        loop = asyncio.get_running_loop()
        until = None if seconds is None else loop.time() + seconds
        try:
            while True:
                done, _ = await asyncio.wait({task}, timeout=LIFE_SECONDS)
                if done:
                    return task.result()
                if self._has_ended():
                    # What it said last may still be on its way.
                    await asyncio.wait({task}, timeout=LIFE_SECONDS)
                    if task.done():
                        return task.result()
                    # Now: once the group is empty its number may be another's.
                    self._process.end_group()
                    raise self._died()
                if until is not None and loop.time() > until:
                    raise asyncio.TimeoutError
        finally:
            task.cancel()

    def _require_open(self) -> None:
        if self._closed:
            raise _closed()

    def _was_replaced(self) -> bool:
        """Tell whether somebody else has restarted the kernel: another process has its place."""
        return not self.gone and self._process.was_replaced

    def _has_ended(self) -> bool:
        return self._closed or self.gone or self._process.was_replaced or self._process.has_ended

    def _died(self) -> KernelDied:
        if self._closed or self.gone:
            return _closed()
        if self._was_replaced():
            return replaced()
        how = self._process.how_it_ended()
        return KernelDied(f"The kernel has died ({how}).", "Its variables are gone.")

    def _tell_request(self, msg_id: str, content: Mapping[str, Any]) -> None:
        self._recorder.kernels.requested(
            Request(
                kernel_id=self._id,
                msg_id=msg_id,
                code=str(content["code"]),
                received_at=now(),
                store_history=bool(content["store_history"]),
                silent=bool(content["silent"]),
                user=self._user,
                client=self._conversation.client,
            )
        )


def _closed() -> KernelDied:
    return KernelDied("The session was closed.")


async def _resolved(result: Any) -> Any:
    return await result if asyncio.iscoroutine(result) or asyncio.isfuture(result) else result
