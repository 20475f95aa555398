"""The kernel of a local session: a process of this machine that this process has started."""

from __future__ import annotations

import asyncio
import os
import signal
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from ...errors import KernelDied, KernelStartFailed, NotSupported
from ...recording.channels import Channels
from ...recording.facts import describe, pid_of
from ...recording.requests import Reply as RecordedReply
from ...recording.requests import Request
from ...records.execution import Kernel
from ...records.times import now
from ..link import Hear, Reply, ignore, replaced, told_by
from ..pending import request_content
from .conversation import Conversation
from .machine import Machine

START_SECONDS = 60.0
LIFE_SECONDS = 0.25
"""How often a process is looked at while something is waited for."""


class LocalLink:
    """A `KernelLink` to a kernel of a machine, whose recorder is told what is asked and answered.

    `user` is who the executions are recorded for; `said` tells what its process said last;
    `remains` are what goes with the kernel should this process end before it does.
    """

    def __init__(
        self,
        machine: Machine,
        kernel_id: str,
        *,
        user: str,
        said: Callable[[], str],
        remains: Sequence[str] = (),
    ) -> None:
        self._said, self._remains = said, remains
        self._manager, self._id = machine.kernels, kernel_id
        self._context, self._guardian = machine.context, machine.guardian
        self._recorder, self._user = machine.recorder, user
        self._turn, self._exchange = asyncio.Lock(), asyncio.Lock()
        self._closed = False
        self._kernel = describe(kernel_id, self._own)
        self._met: int | None = None
        self._group: int | None = None
        self._missing: KernelDied | None = None
        self._conversation = self._meet()

    async def ready(self) -> None:
        """Wait until the kernel answers. Raises KernelStartFailed."""
        try:
            info = await self._while_alive(self._conversation.greet(), START_SECONDS)
        except KernelDied as error:
            raise KernelStartFailed(
                "The kernel ended as it started.", self._said() or error.message
            ) from error
        except asyncio.TimeoutError as error:
            raise KernelStartFailed(
                "The kernel does not answer.", self._said() or f"It was given {START_SECONDS:g} s."
            ) from error
        self._kernel = told_by(self._kernel, info)

    @property
    def kernel(self) -> Kernel:
        return self._kernel

    @property
    def pid(self) -> int | None:
        return None if self.gone else pid_of(self._own)

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
        if self._group is None:
            raise NotSupported(
                "This system has no process groups to send signals to.",
                "Pause it by 'suspend' instead.",
            )
        try:
            os.killpg(self._group, number)
        except ProcessLookupError as error:
            raise self._died() from error

    async def restart(self) -> None:
        self._conversation.pending.break_off(KernelDied("The kernel was restarted."))
        async with self._turn, self._exchange:
            self._require_open()
            self._wake()
            self._conversation.close()
            # Until it answers, and for good if it never does.
            self._missing = KernelDied("The kernel has died (it could not be started anew).")
            try:
                await self._manager.restart_kernel(self._id, now=True)
            except Exception as error:
                # A provisioner may raise anything.
                raise KernelStartFailed("The kernel can't be restarted.", str(error)) from error
            finally:
                self._end_group()
            self._conversation = self._meet()
            try:
                await self.ready()
            except BaseException:
                self._end_group()
                raise
            self._missing = None

    @property
    def ended(self) -> KernelDied | None:
        if self._missing is None and self._was_replaced():
            self._missing = self._died()
            self._take_charge()
        elif self._missing is None and self._has_ended():
            # Now: once the group is empty its number may be another's.
            self._end_group()
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
                    self._wake()
                    await self._manager.shutdown_kernel(self._id, now=False)
            finally:
                # Where somebody else has shut it down, what it has started may still be there.
                self._conversation.close()
                self._end_group()

    @property
    def _own(self) -> Any:
        return self._manager.get_kernel(self._id)

    def _meet(self) -> Conversation:
        """Take charge of the process that there is now, and of its channels."""
        self._take_charge()
        channels = Channels.of(self._own)
        if channels is None:
            raise KernelStartFailed("The kernel has no channels.", "Its provisioner gave none.")
        return Conversation(self._context, channels)

    def _take_charge(self) -> None:
        self._end_group()
        self._met = pid_of(self._own)
        self._group = _group_of(self._met)
        if self._group is not None:
            self._guardian.watch(self._group, [self.connection_file, *self._remains])

    def _wake(self) -> None:
        """Let go on what is stopped, or it would not hear that it is to end."""
        if self._group is not None and hasattr(signal, "SIGCONT"):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._group, signal.SIGCONT)

    def _end_group(self) -> None:
        """Kill what the kernel has started and left behind."""
        if self._group is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._group, signal.SIGKILL)
            self._guardian.forget(self._group)
            self._group = None

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
                    self._end_group()
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
        return not self.gone and pid_of(self._own) not in (None, self._met)

    def _has_ended(self) -> bool:
        if self._closed or self.gone or self._was_replaced():
            return True
        process = getattr(getattr(self._own, "provisioner", None), "process", None)
        return process is not None and process.poll() is not None

    def _died(self) -> KernelDied:
        if self._closed or self.gone:
            return _closed()
        if self._was_replaced():
            return replaced()
        process = getattr(getattr(self._own, "provisioner", None), "process", None)
        code = getattr(process, "returncode", None)
        return KernelDied(f"The kernel has died ({how_it_ended(code)}).", "Its variables are gone.")

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


def how_it_ended(code: int | None) -> str:
    """Tell a process's return code in words."""
    if code is None:
        return "nobody knows how"
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"signal {signal.Signals(-code).name}"
    except ValueError:
        return f"signal {-code}"


def _closed() -> KernelDied:
    return KernelDied("The session was closed.")


async def _resolved(result: Any) -> Any:
    return await result if asyncio.iscoroutine(result) or asyncio.isfuture(result) else result


def _group_of(pid: int | None) -> int | None:
    if pid is None or not hasattr(os, "getpgid"):
        return None
    try:
        group = os.getpgid(pid)
    except ProcessLookupError:
        return None
    # A kernel that shares our group must not be signalled: we would be, too.
    return None if group == os.getpgrp() else group
