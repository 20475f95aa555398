"""Watch a kernel manager: what starts, restarts, is interrupted, dies and is shut down."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from typing import Any

from ..records.unrecorded import RECORD_VARIABLE
from .channels import Channels
from .deaths import DeathWatch
from .facts import RunningKernel, describe, facts, pid_of
from .hearing import Hearing
from .kernelstates import SHUT_DOWN
from .lifecycle import CULLED
from .lingering import is_gateways
from .recorder import Recorder
from .sink import Sink
from .starts import EnvironmentFor, SessionFor, Starts
from .tasks import Tasks, resolved

WRAPPED = (
    "start_kernel",
    "restart_kernel",
    "shutdown_kernel",
    "interrupt_kernel",
    "cull_kernel_if_idle",
)
_shutdown_cause: ContextVar[str] = ContextVar("shutdown_cause", default=SHUT_DOWN)


class KernelWatch:
    """Wraps the methods of one kernel manager; all of it runs in the server's event loop.

    `session_for` says whose session a kernel that starts now belongs to;
    `environment_for` what its environment needs besides, `user` who asks now. Whatever fails in the
    recording, the kernel starts.
    """

    def __init__(
        self,
        kernel_manager: Any,
        recorder: Recorder,
        *,
        session_for: SessionFor,
        environment_for: EnvironmentFor = lambda sink: {},
        user: Callable[[], str | None] = lambda: None,
        log: logging.Logger | None = None,
    ) -> None:
        self._manager = kernel_manager
        self._recorder = recorder
        self._user = user
        self._log = log or logging.getLogger(__name__)
        # Kernels that run elsewhere are reached by websockets alone.
        self._is_gateway = is_gateways(type(kernel_manager))
        self._tasks = Tasks()
        # A gateway passes on few variables, and logs all that it is given.
        needed = (lambda sink: {}) if self._is_gateway else environment_for
        self._starts = Starts(session_for, needed, self._tasks, self._log)
        self._hearing = Hearing(kernel_manager, recorder, self._tasks, user)
        self._watched: dict[str, str] = {}
        """The session that each kernel belongs to."""
        self._restarting: set[str] = set()
        self._stopping: set[str] = set()
        self._originals: dict[str, Any] = {}
        self._looking: asyncio.Task[None] | None = None
        self._deaths = DeathWatch(recorder.kernels.died, self._is_stopping, self._log)

    def start(self) -> None:
        """Wrap the manager's methods on the instance."""
        for name in WRAPPED:
            # Not every manager culls.
            if hasattr(self._manager, name):
                self._originals[name] = getattr(self._manager, name)
                setattr(self._manager, name, getattr(self, f"_{name}"))

    async def stop(self) -> None:
        """Unwrap, and end what still waits for a kernel."""
        for name in self._originals:
            vars(self._manager).pop(name, None)
        await self._tasks.cancel()

    def of_session(self, session_id: str) -> list[str]:
        """Return the kernels of a session that run; "" stands for one that is being started."""
        running = [kernel for kernel, session in self._watched.items() if session == session_id]
        return running + [""] * self._starts.of_session(session_id)

    def session_of(self, kernel_id: str) -> str | None:
        """Return the session that a kernel belongs to."""
        return self._watched.get(kernel_id)

    def running(self, session_id: str) -> list[RunningKernel]:
        """Return a session's kernels as they stand."""
        return [
            RunningKernel.of(
                kernel_id,
                manager,
                heard=self._hearing.has_heard(kernel_id),
                dead=self._deaths.is_dead(kernel_id),
            )
            for kernel_id in filter(None, self.of_session(session_id))
            if (manager := self._hearing.find(kernel_id)) is not None
        ]

    async def shut_down(self, session_id: str) -> None:
        """Shut down the kernels of a session."""
        for kernel_id in filter(None, self.of_session(session_id)):
            if kernel_id in self._manager:
                await self._shutdown_kernel(kernel_id, now=False)
            self._forget(kernel_id, SHUT_DOWN)

    async def _start_kernel(self, *args: Any, **kwargs: Any) -> Any:
        given = kwargs.get("kernel_id")
        if given is not None and given in self._manager:
            return await resolved(self._originals["start_kernel"](*args, **kwargs))
        found = await self._starts.begin()
        if found is None:
            if not self._is_gateway:
                # What isn't to be recorded here is not the kernel's own to record.
                kwargs["env"] = {**_environment_in(kwargs), RECORD_VARIABLE: "0"}
            return await resolved(self._originals["start_kernel"](*args, **kwargs))
        sink, environment = found
        try:
            if environment:
                kwargs["env"] = {**_environment_in(kwargs), **environment}
            kernel_id = await resolved(self._originals["start_kernel"](*args, **kwargs))
            await self._spared(kernel_id, self._watch(kernel_id, sink))
        finally:
            self._starts.end(sink)
        return kernel_id

    async def _spared(self, kernel_id: str, step: Awaitable[object]) -> None:
        """Do a step of the recording, whose failure is no matter of the kernel's."""
        try:
            await step
        except Exception:  # noqa: BLE001  # a kernel starts and ends with or without a record
            self._log.warning("Kernel %s can't be recorded well", kernel_id, exc_info=True)

    async def _restart_kernel(self, kernel_id: str, *args: Any, **kwargs: Any) -> Any:
        restart = self._originals["restart_kernel"]
        if kernel_id not in self._watched:
            return await resolved(restart(kernel_id, *args, **kwargs))
        await self._spared(kernel_id, self._hearing.drain(kernel_id))
        if not self._deaths.is_dead(kernel_id):
            self._recorder.kernels.restarting(kernel_id)
        self._hearing.forget(kernel_id)
        self._restarting.add(kernel_id)
        before, failed = self._hearing.pid(kernel_id), True
        try:
            result = await resolved(restart(kernel_id, *args, **kwargs))
            failed = False
        finally:
            self._restarting.discard(kernel_id)
            self._tell_restart(kernel_id, before, failed=failed)
            await self._spared(kernel_id, self._hearing.hear(kernel_id))
        return result

    def _tell_restart(self, kernel_id: str, before: int | None, *, failed: bool) -> None:
        after = self._hearing.pid(kernel_id)
        # A new process that was only waited for in vain is a restart all the same.
        if failed and after in (None, before):
            died = after is None and before is not None
            self._recorder.kernels.restart_failed(kernel_id, died=died, user=self._user())
        else:
            self._hearing.tell_restarted(kernel_id)

    async def _shutdown_kernel(self, kernel_id: str, *args: Any, **kwargs: Any) -> Any:
        cause = _shutdown_cause.get()
        if kernel_id in self._watched:
            await self._spared(kernel_id, self._hearing.drain(kernel_id))
            self._recorder.kernels.stopping(kernel_id, cause)
        self._stopping.add(kernel_id)
        try:
            result = await resolved(self._originals["shutdown_kernel"](kernel_id, *args, **kwargs))
        finally:
            self._stopping.discard(kernel_id)
        self._forget(kernel_id, cause)
        return result

    async def _cull_kernel_if_idle(self, *args: Any, **kwargs: Any) -> Any:
        """Have a shutdown that comes of it say so."""
        before = _shutdown_cause.set(CULLED)
        try:
            return await resolved(self._originals["cull_kernel_if_idle"](*args, **kwargs))
        finally:
            _shutdown_cause.reset(before)

    def _interrupt_kernel(self, kernel_id: str, *args: Any, **kwargs: Any) -> Any:
        if kernel_id in self._watched:
            self._recorder.kernels.interrupted(kernel_id, self._user())
        return self._originals["interrupt_kernel"](kernel_id, *args, **kwargs)

    def _is_stopping(self, kernel_id: str) -> bool:
        return kernel_id in self._stopping or kernel_id in self._restarting

    def _is_followed(self, kernel_id: str) -> bool:
        return kernel_id in self._watched and kernel_id not in self._restarting

    async def _watch(self, kernel_id: str, sink: Sink) -> None:
        user = self._user()
        manager = self._manager.get_kernel(kernel_id)
        self._watched[kernel_id] = sink.session.id
        # A gateway's manager never says that it is ready, though the kernel runs when it returns.
        ready = None if self._is_gateway else getattr(manager, "ready", None)
        if ready is not None and not ready.done():
            self._tasks.spawn(self._watch_when_ready(kernel_id, manager, sink, user))
        else:
            await self._listen(kernel_id, manager, sink, user)

    async def _watch_when_ready(
        self, kernel_id: str, manager: Any, sink: Sink, user: str | None
    ) -> None:
        try:
            await resolved(manager.ready)
        except Exception as error:  # noqa: BLE001  # told to whoever started it, by the manager
            self._log.debug("Kernel %s never got ready: %s", kernel_id, error)
            self._watched.pop(kernel_id, None)
            return
        await self._listen(kernel_id, manager, sink, user)

    async def _listen(self, kernel_id: str, manager: Any, sink: Sink, user: str | None) -> None:
        if self._looking is None:
            self._looking = self._tasks.spawn(self._deaths.run())
        kernel = describe(kernel_id, manager)
        channels = Channels.of(manager)
        self._recorder.kernels.add(kernel, sink.session.id, channels, pid_of(manager))
        self._deaths.watch(kernel_id, manager)
        self._hearing.follow_restarts(kernel_id, manager, self._is_followed)
        info = await self._hearing.hear(kernel_id)
        self._recorder.kernels.started(kernel_id, facts(kernel, info or {}, manager), user)

    def _forget(self, kernel_id: str, cause: str) -> None:
        self._hearing.forget(kernel_id)
        self._deaths.forget(kernel_id)
        if self._watched.pop(kernel_id, None) is not None:
            self._recorder.kernels.stopped(kernel_id, cause, self._user())


def _environment_in(kwargs: Mapping[str, Any]) -> Mapping[str, str]:
    given: Mapping[str, str] | None = kwargs.get("env")
    return os.environ if given is None else given
