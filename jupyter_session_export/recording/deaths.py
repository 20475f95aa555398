"""How kernels' processes end: noticed within a second, with the cause that the system tells."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .cgroups import ControlGroups

LOOK_SECONDS = 1.0
KILL_SECONDS = 10.0
"""How long a process may take to end after it was killed for memory; large ones take seconds."""
SHELL_SIGNALS = 128
"""A shell that started a kernel ends with this much more than the signal that ended the kernel."""


@dataclass(slots=True)
class MemoryKills:
    """Tells whether memory ran out lately in the groups of a process."""

    groups: ControlGroups
    clock: Callable[[], float] = time.monotonic
    _before: int | None = field(init=False)
    _since: int | None = field(init=False)
    _moved_at: float = field(init=False)

    def __post_init__(self) -> None:
        self._before = self._since = self.groups.memory_kills()
        self._moved_at = self.clock()

    def look(self) -> None:
        """Move on, so that what happened to others long ago is not taken for this process's."""
        if self.clock() - self._moved_at >= KILL_SECONDS:
            self._before, self._since = self._since, self.groups.memory_kills()
            self._moved_at = self.clock()

    def happened(self) -> bool:
        """Tell whether a process was killed for memory in the last 10 to 20 seconds."""
        count = self.groups.memory_kills()
        return count is not None and self._before is not None and count > self._before


@dataclass(slots=True)
class Watched:
    """A kernel, its manager and the process that it has now."""

    manager: Any
    process: Any = None
    told: bool = False
    kills: MemoryKills | None = None

    @property
    def current(self) -> Any:
        """The manager's process as it is now; None for a kernel that is no process of ours."""
        return getattr(getattr(self.manager, "provisioner", None), "process", None)

    def update(self) -> Any:
        """Return the process; one that is new is one that has not ended yet."""
        process = self.current
        if process is not None and process is not self.process:
            self.process, self.told = process, False
            self.kills = MemoryKills(ControlGroups.of(process.pid))
        return process

    def cause(self) -> str:
        """Say how the process ended, as far as the operating system tells."""
        code = getattr(self.process, "returncode", None)
        if not isinstance(code, int):
            return "kernel died"
        number = -code if code < 0 else code - SHELL_SIGNALS
        killed = number == getattr(signal, "SIGKILL", None)
        how = f"signal {_signal_name(-code)}" if code < 0 else f"exit code {code}"
        if killed and self.kills is not None and self.kills.happened():
            return f"kernel died ({how}, out of memory{_limit(self.kills.groups)})"
        return f"kernel died ({how})"


@dataclass(slots=True)
class DeathWatch:
    """Tells of each process that ends unasked, once; on the event loop only.

    A kernel's restarter, where it has one, looks every three seconds and may be first.
    `died` gets the kernel's id and the cause; `is_expected` says whose end was asked for.
    """

    died: Callable[[str, str], None]
    is_expected: Callable[[str], bool]
    log: logging.Logger
    _watched: dict[str, Watched] = field(default_factory=dict, init=False)

    def watch(self, kernel_id: str, manager: Any) -> None:
        watched = self._watched[kernel_id] = Watched(manager)
        watched.update()
        add = getattr(manager, "add_restart_callback", None)
        if add is not None and getattr(manager, "_restarter", None) is not None:
            # Both are called while the dead process can still be asked how it ended.
            add(lambda: self.tell(kernel_id), "restart")
            add(lambda: self.tell(kernel_id), "dead")

    def forget(self, kernel_id: str) -> None:
        self._watched.pop(kernel_id, None)

    def is_dead(self, kernel_id: str) -> bool:
        """Tell whether a kernel's process has ended, and no other has taken its place."""
        watched = self._watched.get(kernel_id)
        return watched is not None and watched.told and watched.current is watched.process

    def tell(self, kernel_id: str) -> None:
        """Tell of a death, unless that has been done."""
        watched = self._watched.get(kernel_id)
        if watched is None:
            return
        process = watched.update()
        if not watched.told:
            # Of one that is no process of ours only its restarter knows, which says it once.
            watched.told = process is not None
            self.died(kernel_id, watched.cause())

    async def run(self) -> None:
        """Look at all kernels, again and again."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            for kernel_id in list(self._watched):
                try:
                    self.look(kernel_id)
                except Exception:  # one kernel's failure must not hide the others'
                    self.log.warning("Can't look at kernel %s", kernel_id, exc_info=True)

    def look(self, kernel_id: str) -> None:
        """Look whether a kernel's process has ended unasked."""
        watched = self._watched[kernel_id]
        process = watched.update()
        if process is None or watched.told:
            return
        if process.poll() is None:
            if watched.kills is not None:
                watched.kills.look()
        elif not (self.is_expected(kernel_id) or getattr(watched.manager, "shutting_down", False)):
            self.tell(kernel_id)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)


def _limit(groups: ControlGroups) -> str:
    limit = groups.limits().memory_bytes
    return "" if limit is None else f": limit of {limit / 2**20:,.0f} MiB"
