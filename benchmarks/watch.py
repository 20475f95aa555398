"""What a server's memory and its answers to others do while something else goes on."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from .samples import percentile
from .server import JupyterServer

SAMPLE_SECONDS = 0.005
PROBE_SECONDS = 0.005


@dataclass(slots=True)
class Latencies:
    """Of `/api/status`, in ms; filled when the watching ends."""

    values: list[float] = field(default_factory=list)

    @property
    def p50(self) -> float:
        return percentile(self.values, 50)

    @property
    def p99(self) -> float:
        return percentile(self.values, 99)

    @property
    def highest(self) -> float:
        return max(self.values)


@contextmanager
def watched_latency(server: JupyterServer, between: float = PROBE_SECONDS) -> Iterator[Latencies]:
    """Measure latencies while the block runs."""
    latencies = Latencies()
    command = [sys.executable, "-m", "benchmarks.probe", str(server.port), server.token]
    probe = subprocess.Popen(
        [*command, str(between)],
        cwd=Path(__file__).parents[1],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        yield latencies
    finally:
        output, _ = probe.communicate(timeout=90)
        latencies.values = json.loads(output) if output else []


@dataclass(slots=True)
class Memory:
    """Resident memory in bytes: before the block, and the most of it meanwhile."""

    base: int
    peak: int

    @property
    def growth_mib(self) -> float:
        return max(0, self.peak - self.base) / 2**20


@contextmanager
def watched_memory(server: JupyterServer, base: int | None = None) -> Iterator[Memory]:
    """Measure the server's memory while the block runs, over `base` or what it is at first."""
    now = resident(server.process)
    memory = Memory(now if base is None else base, now)
    stop = threading.Event()

    def sample() -> None:
        while not stop.wait(SAMPLE_SECONDS):
            memory.peak = max(memory.peak, resident(server.process))

    exact = _reset_peak(server.process.pid)
    sampler = threading.Thread(target=sample)
    sampler.start()
    try:
        yield memory
    finally:
        stop.set()
        sampler.join()
        if exact:
            memory.peak = max(memory.peak, _peak(server.process.pid))


def resident(process: psutil.Process) -> int:
    return int(process.memory_info().rss)


def _reset_peak(pid: int) -> bool:
    """Linux counts the peak itself, so that nothing falls between two samples (proc(5))."""
    try:
        Path(f"/proc/{pid}/clear_refs").write_text("5")
    except OSError:
        return False
    return True


def _peak(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0
