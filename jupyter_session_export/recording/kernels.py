"""Watch a kernel manager: what starts, restarts, is interrupted, dies and is shut down."""

from __future__ import annotations

import asyncio
import inspect
import logging
import os
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextvars import ContextVar
from typing import Any, TypeVar

from ..errors import StoreError
from ..records.unrecorded import RECORD_VARIABLE
from .barrier import heard
from .channels import Channels
from .deaths import DeathWatch
from .facts import RunningKernel, describe, facts, pid_of
from .kernelstates import SHUT_DOWN
from .lifecycle import CULLED
from .lingering import is_gateways
from .recorder import Recorder
from .sink import Sink

DRAIN_SECONDS = 1.0
SESSION_SECONDS = 10.0
"""How long a data folder that hangs may hold up the start of a kernel."""

WRAPPED = (
    "start_kernel",
    "restart_kernel",
    "shutdown_kernel",
    "interrupt_kernel",
    "cull_kernel_if_idle",
)
_shutdown_cause: ContextVar[str] = ContextVar("shutdown_cause", default=SHUT_DOWN)

T = TypeVar("T")
Environment = dict[str, str]
"""Variables that a kernel gets besides those of the server."""


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
        session_for: Callable[[], Sink | Awaitable[Sink]],
        environment_for: Callable[[Sink], Environment | Awaitable[Environment]] = lambda sink: {},
        user: Callable[[], str | None] = lambda: None,
        log: logging.Logger | None = None,
    ) -> None:
        self._manager = kernel_manager
        self._recorder = recorder
        self._session_for = session_for
        self._environment_for = environment_for
        self._user = user
        self._log = log or logging.getLogger(__name__)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._watched: dict[str, str] = {}
        """The session that each kernel belongs to."""
        self._starting: Counter[str] = Counter()
        self._restarting: set[str] = set()
        self._stopping: set[str] = set()
        self._heard: set[str] = set()
        self._originals: dict[str, Any] = {}
        self._told_late = False
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
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def of_session(self, session_id: str) -> list[str]:
        """Return the kernels of a session that run; "" stands for one that is being started."""
        running = [kernel for kernel, session in self._watched.items() if session == session_id]
        return running + [""] * self._starting[session_id]

    def session_of(self, kernel_id: str) -> str | None:
        """Return the session that a kernel belongs to."""
        return self._watched.get(kernel_id)

    def running(self, session_id: str) -> list[RunningKernel]:
        """Return a session's kernels as they stand."""
        return [
            RunningKernel.of(
                kernel_id,
                manager,
                heard=kernel_id in self._heard,
                dead=self._deaths.is_dead(kernel_id),
            )
            for kernel_id in filter(None, self.of_session(session_id))
            if (manager := self._find(kernel_id)) is not None
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
            return await _resolved(self._originals["start_kernel"](*args, **kwargs))
        found = await self._find_session()
        if found is None:
            if not self._is_gateway:
                # What isn't to be recorded here is not the kernel's own to record.
                kwargs["env"] = {**_environment_in(kwargs), RECORD_VARIABLE: "0"}
            return await _resolved(self._originals["start_kernel"](*args, **kwargs))
        sink, environment = found
        try:
            if environment:
                kwargs["env"] = {**_environment_in(kwargs), **environment}
            kernel_id = await _resolved(self._originals["start_kernel"](*args, **kwargs))
            await self._watch(kernel_id, sink)
        finally:
            self._starting[sink.session.id] -= 1
        return kernel_id

    async def _restart_kernel(self, kernel_id: str, *args: Any, **kwargs: Any) -> Any:
        restart = self._originals["restart_kernel"]
        if kernel_id not in self._watched:
            return await _resolved(restart(kernel_id, *args, **kwargs))
        await self._drain(kernel_id)
        if not self._deaths.is_dead(kernel_id):
            self._recorder.kernels.restarting(kernel_id)
        self._heard.discard(kernel_id)
        self._restarting.add(kernel_id)
        before = pid_of(self._find(kernel_id))
        failed = True
        try:
            result = await _resolved(restart(kernel_id, *args, **kwargs))
            failed = False
        finally:
            self._restarting.discard(kernel_id)
            after = pid_of(self._find(kernel_id))
            # A new process that was only waited for in vain is a restart all the same.
            if failed and after in (None, before):
                died = after is None and before is not None
                self._recorder.kernels.restart_failed(kernel_id, died=died, user=self._user())
            else:
                self._tell_restarted(kernel_id)
            await self._hear(kernel_id)
        return result

    async def _shutdown_kernel(self, kernel_id: str, *args: Any, **kwargs: Any) -> Any:
        cause = _shutdown_cause.get()
        if kernel_id in self._watched:
            await self._drain(kernel_id)
            self._recorder.kernels.stopping(kernel_id, cause)
        self._stopping.add(kernel_id)
        try:
            result = await _resolved(self._originals["shutdown_kernel"](kernel_id, *args, **kwargs))
        finally:
            self._stopping.discard(kernel_id)
        self._forget(kernel_id, cause)
        return result

    async def _cull_kernel_if_idle(self, *args: Any, **kwargs: Any) -> Any:
        """Have a shutdown that comes of it say so."""
        before = _shutdown_cause.set(CULLED)
        try:
            return await _resolved(self._originals["cull_kernel_if_idle"](*args, **kwargs))
        finally:
            _shutdown_cause.reset(before)

    def _is_stopping(self, kernel_id: str) -> bool:
        return kernel_id in self._stopping or kernel_id in self._restarting

    def _interrupt_kernel(self, kernel_id: str, *args: Any, **kwargs: Any) -> Any:
        if kernel_id in self._watched:
            self._recorder.kernels.interrupted(kernel_id, self._user())
        return self._originals["interrupt_kernel"](kernel_id, *args, **kwargs)

    async def _drain(self, kernel_id: str) -> None:
        """Let what the kernel has published arrive before its process goes."""
        manager = self._find(kernel_id)
        if manager is None or Channels.of(manager) is None:
            return
        if await _resolved(manager.is_alive()):
            echo = asyncio.wrap_future(self._recorder.subscriber.ask(kernel_id, DRAIN_SECONDS))
            # Silence is an answer too: such a kernel is shut down as it is.
            await asyncio.gather(echo, return_exceptions=True)

    async def _find_session(self) -> tuple[Sink, Environment] | None:
        """Return the session of a kernel that starts, which counts as being started in it."""
        # Not cancelled when it is late: a session that is being opened must not be left half open.
        search = self._spawn(self._search())
        try:
            await asyncio.wait({search}, timeout=SESSION_SECONDS)
        except asyncio.CancelledError:
            search.add_done_callback(self._give_up)
            raise
        if search.done():
            self._told_late = False
            return search.result()
        if not self._told_late:
            self._told_late = True
            self._log.warning(
                "Kernels start that are not recorded: the session takes longer than %g s to open.",
                SESSION_SECONDS,
            )
        search.add_done_callback(self._give_up)
        return None

    def _give_up(self, search: asyncio.Task[tuple[Sink, Environment] | None]) -> None:
        if not search.cancelled() and (found := search.result()) is not None:
            self._starting[found[0].session.id] -= 1

    async def _search(self) -> tuple[Sink, Environment] | None:
        try:
            sink: Sink = await _resolved(self._session_for())
            # From now on the session has a kernel, so it isn't one to end for being idle.
            self._starting[sink.session.id] += 1
            try:
                return sink, await self._environment(sink)
            except BaseException:
                self._starting[sink.session.id] -= 1
                raise
        except Exception as error:  # noqa: BLE001  # a kernel starts with or without a record
            # Whoever opens the store has warned of it already.
            level = logging.INFO if isinstance(error, StoreError) else logging.WARNING
            self._log.log(level, "A kernel starts that is not recorded: %s", error)
            return None

    async def _environment(self, sink: Sink) -> Environment:
        # A gateway passes on few variables, and logs all that it is given.
        if self._is_gateway:
            return {}
        environment: Environment = await _resolved(self._environment_for(sink))
        return environment

    async def _watch(self, kernel_id: str, sink: Sink) -> None:
        user = self._user()
        manager = self._manager.get_kernel(kernel_id)
        self._watched[kernel_id] = sink.session.id
        # A gateway's manager never says that it is ready, though the kernel runs when it returns.
        ready = None if self._is_gateway else getattr(manager, "ready", None)
        if ready is not None and not ready.done():
            self._spawn(self._watch_when_ready(kernel_id, manager, sink, user))
        else:
            await self._listen(kernel_id, manager, sink, user)

    async def _watch_when_ready(
        self, kernel_id: str, manager: Any, sink: Sink, user: str | None
    ) -> None:
        try:
            await _resolved(manager.ready)
        except Exception as error:  # noqa: BLE001  # told to whoever started it, by the manager
            self._log.debug("Kernel %s never got ready: %s", kernel_id, error)
            self._watched.pop(kernel_id, None)
            return
        await self._listen(kernel_id, manager, sink, user)

    async def _listen(self, kernel_id: str, manager: Any, sink: Sink, user: str | None) -> None:
        if self._looking is None:
            self._looking = self._spawn(self._deaths.run())
        kernel = describe(kernel_id, manager)
        channels = Channels.of(manager)
        self._recorder.kernels.add(kernel, sink.session.id, channels, pid_of(manager))
        self._deaths.watch(kernel_id, manager)
        self._follow_restarts(kernel_id, manager)
        info = await self._hear(kernel_id)
        self._recorder.kernels.started(kernel_id, facts(kernel, info or {}, manager), user)

    async def _hear(self, kernel_id: str) -> dict[str, Any] | None:
        """Wait until the kernel is heard; learn its language."""
        channels = self._channels(kernel_id)
        if channels is None:
            return None
        manager = self._manager.get_kernel(kernel_id)
        self._heard.discard(kernel_id)

        async def is_alive() -> bool:
            return bool(await _resolved(manager.is_alive()))

        info = await heard(self._recorder.subscriber, kernel_id, is_alive)
        if info is not None:
            self._heard.add(kernel_id)
        language = (info or {}).get("language_info")
        if isinstance(language, dict):
            self._recorder.kernels.describe(
                kernel_id, str(language.get("name", "")), str(language.get("file_extension", ""))
            )
        return info

    @property
    def _is_gateway(self) -> bool:
        """Whether the kernels run elsewhere, and are reached by websockets alone."""
        return is_gateways(type(self._manager))

    def _find(self, kernel_id: str) -> Any:
        return self._manager.get_kernel(kernel_id) if kernel_id in self._manager else None

    def _channels(self, kernel_id: str) -> Channels | None:
        manager = self._find(kernel_id)
        return None if manager is None else Channels.of(manager)

    def _follow_restarts(self, kernel_id: str, manager: Any) -> None:
        """Hear the kernel after its restarter has started it, maybe on other ports."""
        original = manager.restart_kernel

        async def restarted(result: Any) -> Any:
            value = await result
            self._follow(kernel_id)
            return value

        def restart_kernel(*args: Any, **kwargs: Any) -> Any:
            result = original(*args, **kwargs)
            if inspect.isawaitable(result):
                return restarted(result)
            self._follow(kernel_id)
            return result

        manager.restart_kernel = restart_kernel

    def _follow(self, kernel_id: str) -> None:
        channels = self._channels(kernel_id)
        if channels is None or kernel_id not in self._watched or kernel_id in self._restarting:
            return
        self._recorder.subscriber.connect(kernel_id, channels)
        self._spawn(self._hear_again(kernel_id))

    async def _hear_again(self, kernel_id: str) -> None:
        """Hear a kernel that its restarter has started again."""
        await self._hear(kernel_id)
        self._tell_restarted(kernel_id)

    def _tell_restarted(self, kernel_id: str) -> None:
        channels, pid = self._channels(kernel_id), pid_of(self._find(kernel_id))
        self._recorder.kernels.restarted(kernel_id, channels, pid, self._user())

    def _forget(self, kernel_id: str, cause: str) -> None:
        self._heard.discard(kernel_id)
        self._deaths.forget(kernel_id)
        if self._watched.pop(kernel_id, None) is not None:
            self._recorder.kernels.stopped(kernel_id, cause, self._user())

    def _spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


async def _resolved(result: Any) -> Any:
    return await result if inspect.isawaitable(result) else result


def _environment_in(kwargs: Mapping[str, Any]) -> Mapping[str, str]:
    given: Mapping[str, str] | None = kwargs.get("env")
    return os.environ if given is None else given
