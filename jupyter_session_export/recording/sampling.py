"""A thread that samples local kernels while they execute, and only then."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..records.execution import ExecutionKey
from ..records.usage import Limits, Told, Usage
from .cgroups import ControlGroups
from .metering import Metered

if TYPE_CHECKING:
    from .processes import ProcessFamily

SAMPLE_SECONDS = 0.25


@dataclass(slots=True)
class SampledKernel:
    """A kernel's processes, what they are limited to, and what runs in it."""

    pid: int
    family: ProcessFamily
    limits: Limits
    running: dict[ExecutionKey, Metered] = field(default_factory=dict)
    tells: bool = False
    """Whether it says by itself what its executions use: then short ones need no samples."""


class Sampler:
    """`add` to `end` are the recorder's thread's; they take a sample at most."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._kernels: dict[str, SampledKernel] = {}
        self._lock = threading.Lock()
        self._wanted = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(
            target=self._run, name="session-export-sampler", daemon=True
        )

    def start(self) -> None:
        self._thread.start()

    def close(self, timeout: float) -> None:
        self._closing.set()
        self._wanted.set()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def add(self, kernel_id: str, pid: int) -> None:
        """Sample a kernel's process from now on, which may be a new one."""
        # It loads psutil, and no server needs that to start.
        from .processes import ProcessFamily  # noqa: PLC0415

        known = self._kernels.get(kernel_id)
        if known is not None and known.pid == pid:
            return
        kernel = SampledKernel(pid, ProcessFamily(pid), ControlGroups.of(pid).limits())
        with self._lock:
            self._kernels[kernel_id] = kernel

    def remove(self, kernel_id: str) -> None:
        with self._lock:
            self._kernels.pop(kernel_id, None)

    def begin(self, key: ExecutionKey) -> None:
        """Sample from now on what an execution uses."""
        with self._lock:
            kernel = self._kernels.get(key.kernel_id)
            if kernel is None:
                return
            metered = kernel.running[key] = Metered(time.time())
            if not kernel.tells:
                metered.take(kernel.family.sample())
        self._wanted.set()

    def end(self, key: ExecutionKey, told: Told | None = None) -> Usage | None:
        """Return what an execution used; None where nothing is known."""
        with self._lock:
            kernel = self._kernels.get(key.kernel_id)
            metered = kernel.running.pop(key, None) if kernel else None
            if kernel is None or metered is None:
                return None if told is None else Metered().usage(Limits(), told)
            kernel.tells = kernel.tells or told is not None
            if metered.first is not None:
                metered.take(kernel.family.sample())
            usage = metered.usage(kernel.limits, told)
        return usage if metered.first is not None or told is not None else None

    def _run(self) -> None:
        while self._wanted.wait():
            # First a pause: most executions are over by then.
            self._closing.wait(SAMPLE_SECONDS)
            self._wanted.clear()
            if self._closing.is_set():
                return
            try:
                if self._look():
                    self._wanted.set()
            except Exception:  # noqa: BLE001  # one failure must not end all sampling
                self._log.warning("The session recorder can't sample kernels", exc_info=True)

    def _look(self) -> bool:
        """Sample each kernel that executes; tell whether there is one."""
        with self._lock:
            busy = [kernel for kernel in self._kernels.values() if kernel.running]
        for kernel in busy:
            # Looking for children takes milliseconds, so nobody is to wait for it.
            kernel.family.find_children()
            with self._lock:
                sample = kernel.family.sample()
                for metered in kernel.running.values():
                    metered.take(sample)
        return bool(busy)
