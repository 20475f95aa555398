"""What a kernel's process and its child processes use at one moment, by psutil."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import psutil

MOST_CHILDREN = 200
SCAN_SHARE = 20
"""Looking for children goes through all processes of the machine: it gets 1/20 of the time."""


@dataclass(frozen=True, slots=True)
class Sample:
    """`cpu_ms` is of the process and the children it has waited for, `children_cpu_ms` of those
    that live; `born` has of each when it was created (seconds since 1970) and its share. The rest
    is of them all; `read_bytes` and `write_bytes` are None where the system doesn't tell.
    """

    cpu_ms: float
    children_cpu_ms: float
    rss_bytes: int
    read_bytes: int | None
    write_bytes: int | None
    born: tuple[tuple[float, float], ...] = ()


class ProcessFamily:
    """A process and what it started, all the way down. One thread at a time."""

    def __init__(self, pid: int) -> None:
        self._children: list[psutil.Process] = []
        self._scan_at = 0.0
        self._clock_offset = _clock_offset()
        try:
            self._process: psutil.Process | None = psutil.Process(pid)
        except psutil.Error:
            self._process = None

    def sample(self) -> Sample | None:
        """Return what is used now, by the children known so far; None where it has ended."""
        if self._process is None:
            return None
        try:
            with self._process.oneshot():
                times = self._process.cpu_times()
                rss = self._process.memory_info().rss
                io = _io(self._process)
        except psutil.Error:
            return None
        born = []
        for child in self._children:
            try:
                with child.oneshot():
                    its, rss_of_child = child.cpu_times(), child.memory_info().rss
                    io = _sum(io, _io(child))
            except psutil.Error:
                continue
            cpu = its.user + its.system + _of_waited(its)
            born.append((child.create_time() + self._clock_offset, cpu * 1000))
            rss += rss_of_child
        cpu = times.user + times.system + _of_waited(times)
        read, written = io if io is not None else (None, None)
        return Sample(cpu * 1000, sum(ms for _, ms in born), rss, read, written, tuple(born))

    def find_children(self) -> None:
        """Look which children there are, no more often than that is cheap."""
        began = time.monotonic()
        if self._process is None or began < self._scan_at:
            return
        try:
            self._children = self._process.children(recursive=True)[:MOST_CHILDREN]
        except psutil.Error:
            self._children = []
        took = time.monotonic() - began
        self._scan_at = began + took * SCAN_SHARE


def _clock_offset() -> float:
    """Return by how many seconds psutil's times of creation are early.

    Linux tells them since boot, and the time of boot in whole seconds.
    """
    clock: int | None = getattr(time, "CLOCK_BOOTTIME", None)
    if clock is None:
        return 0.0
    booted: float = psutil.boot_time()
    return time.time() - time.clock_gettime(clock) - booted


def _of_waited(times: Any) -> float:
    """Return the CPU seconds of children that a process has waited for, where the system tells."""
    user: float = getattr(times, "children_user", 0.0)
    return user + float(getattr(times, "children_system", 0.0))


def _io(process: psutil.Process) -> tuple[int, int] | None:
    look = getattr(process, "io_counters", None)
    if look is None:
        return None
    try:
        counters = look()
    except (psutil.Error, OSError):
        # Some systems tell nobody, others only the same user.
        return None
    return counters.read_bytes, counters.write_bytes


def _sum(one: tuple[int, int] | None, other: tuple[int, int] | None) -> tuple[int, int] | None:
    if one is None or other is None:
        return one
    return one[0] + other[0], one[1] + other[1]
