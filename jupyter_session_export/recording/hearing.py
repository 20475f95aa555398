"""Listening to the kernels of one manager, over all their restarts."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

from .barrier import heard
from .channels import Channels
from .facts import pid_of
from .recorder import Recorder
from .tasks import Tasks, resolved

DRAIN_SECONDS = 1.0


class Hearing:
    """Waits until kernels are heard; all of it runs in the server's event loop."""

    def __init__(
        self, manager: Any, recorder: Recorder, tasks: Tasks, user: Callable[[], str | None]
    ) -> None:
        self._manager = manager
        self._recorder = recorder
        self._tasks = tasks
        self._user = user
        self._heard: set[str] = set()

    def has_heard(self, kernel_id: str) -> bool:
        """Tell whether a kernel's process, as it is now, has said something."""
        return kernel_id in self._heard

    def find(self, kernel_id: str) -> Any:
        """Return the manager of one kernel; None where there is none any more."""
        return self._manager.get_kernel(kernel_id) if kernel_id in self._manager else None

    def pid(self, kernel_id: str) -> int | None:
        """Return the kernel's process on this machine; None where it has none."""
        return pid_of(self.find(kernel_id))

    def forget(self, kernel_id: str) -> None:
        """Know that nothing is heard of a kernel now."""
        self._heard.discard(kernel_id)

    async def hear(self, kernel_id: str) -> dict[str, Any] | None:
        """Wait until the kernel is heard; learn its language."""
        if self._channels(kernel_id) is None:
            return None
        manager = self._manager.get_kernel(kernel_id)
        self._heard.discard(kernel_id)

        async def is_alive() -> bool:
            return bool(await resolved(manager.is_alive()))

        info = await heard(self._recorder.subscriber, kernel_id, is_alive)
        if info is not None:
            self._heard.add(kernel_id)
        language = (info or {}).get("language_info")
        if isinstance(language, dict):
            self._recorder.kernels.describe(
                kernel_id, str(language.get("name", "")), str(language.get("file_extension", ""))
            )
        return info

    async def drain(self, kernel_id: str) -> None:
        """Let what the kernel has published arrive before its process goes."""
        manager = self.find(kernel_id)
        if manager is None or Channels.of(manager) is None:
            return
        if await resolved(manager.is_alive()):
            echo = asyncio.wrap_future(self._recorder.subscriber.ask(kernel_id, DRAIN_SECONDS))
            # Silence is an answer too: such a kernel is shut down as it is.
            await asyncio.gather(echo, return_exceptions=True)

    def follow_restarts(
        self, kernel_id: str, manager: Any, is_wanted: Callable[[str], bool]
    ) -> None:
        """Hear the kernel after its restarter has started it, maybe on other ports."""
        original = manager.restart_kernel

        async def restarted(result: Any) -> Any:
            value = await result
            self._follow(kernel_id, is_wanted)
            return value

        def restart_kernel(*args: Any, **kwargs: Any) -> Any:
            result = original(*args, **kwargs)
            if inspect.isawaitable(result):
                return restarted(result)
            self._follow(kernel_id, is_wanted)
            return result

        manager.restart_kernel = restart_kernel

    def tell_restarted(self, kernel_id: str) -> None:
        """Say that another process runs, and where its channels are."""
        channels, pid = self._channels(kernel_id), self.pid(kernel_id)
        self._recorder.kernels.restarted(kernel_id, channels, pid, self._user())

    def _follow(self, kernel_id: str, is_wanted: Callable[[str], bool]) -> None:
        channels = self._channels(kernel_id)
        if channels is None or not is_wanted(kernel_id):
            return
        self._recorder.subscriber.connect(kernel_id, channels)
        self._tasks.spawn(self._hear_again(kernel_id))

    async def _hear_again(self, kernel_id: str) -> None:
        """Hear a kernel that its restarter has started again."""
        await self.hear(kernel_id)
        self.tell_restarted(kernel_id)

    def _channels(self, kernel_id: str) -> Channels | None:
        manager = self.find(kernel_id)
        return None if manager is None else Channels.of(manager)
