"""The process that a kernel has now, and whatever that has started."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from ...errors import NotSupported
from ...recording.facts import pid_of
from .guarding import Guardian


class KernelProcess:
    """Of one kernel, whose manager `own` returns; another process may take its place.

    `remains` are files and folders that go with it should we end before it does.
    """

    def __init__(
        self, own: Callable[[], Any], guardian: Guardian, remains: Callable[[], Sequence[str]]
    ) -> None:
        self._own, self._guardian, self._remains = own, guardian, remains
        self._met: int | None = None
        self._group: int | None = None

    @property
    def pid(self) -> int | None:
        return pid_of(self._own())

    @property
    def was_replaced(self) -> bool:
        """Whether another process has its place than the one that we took charge of."""
        return self.pid not in (None, self._met)

    @property
    def has_ended(self) -> bool:
        process = self._process
        return process is not None and process.poll() is not None

    def take_charge(self) -> None:
        """Have the process that there is now end with us, and what is left of another at once."""
        self.end_group()
        self._met = self.pid
        self._group = _group_of(self._met)
        if self._group is not None:
            self._guardian.watch(self._group, self._remains())

    def signal(self, number: int) -> None:
        """Send a signal to all of it. Raises NotSupported, ProcessLookupError."""
        if self._group is None:
            raise NotSupported(
                "This system has no process groups to send signals to.",
                "Pause it by 'suspend' instead.",
            )
        os.killpg(self._group, number)

    def wake(self) -> None:
        """Let go on what is stopped, or it would not hear that it is to end."""
        if self._group is not None and hasattr(signal, "SIGCONT"):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._group, signal.SIGCONT)

    def end_group(self) -> None:
        """Kill what the kernel has started and left behind."""
        if self._group is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._group, signal.SIGKILL)
            self._guardian.forget(self._group)
            self._group = None

    def how_it_ended(self) -> str:
        """Tell its return code in words."""
        code = getattr(self._process, "returncode", None)
        if code is None:
            return "nobody knows how"
        if code >= 0:
            return f"exit code {code}"
        try:
            return f"signal {signal.Signals(-code).name}"
        except ValueError:
            return f"signal {-code}"

    @property
    def _process(self) -> Any:
        return getattr(getattr(self._own(), "provisioner", None), "process", None)


def _group_of(pid: int | None) -> int | None:
    if pid is None or not hasattr(os, "getpgid"):
        return None
    try:
        group = os.getpgid(pid)
    except ProcessLookupError:
        return None
    # A kernel that shares our group must not be signalled: we would be, too.
    return None if group == os.getpgrp() else group
