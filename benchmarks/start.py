"""What it costs to have the package: its import, and the start of servers and kernels.

Each pair is measured one after the other, with the package and without it, and the
medians of the two are compared, so that what the machine does besides falls on both.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import psutil
from jupyter_client.manager import KernelManager

from .bench import Bench
from .table import Result, at_most

IMPORT_MS, SERVER_MS, KERNEL_MS = 50, 100, 100
IMPORTS = 4
"""An import is short, so it is measured more often than a start."""
PACKAGE = "jupyter_session_export"
KERNEL_STARTS_WITHIN = 120.0


Cost = tuple[float, float]
"""Seconds by the clock, and by the processor's."""


def run(bench: Bench) -> Iterator[Result]:
    yield from _compared(
        "import, above bare Python",
        IMPORT_MS,
        bench.rounds * IMPORTS,
        lambda: _python(f"import {PACKAGE}"),
        lambda: _python("pass"),
    )
    yield from _compared(
        "server's start, until it answers",
        SERVER_MS,
        bench.rounds,
        lambda: _server(bench, extension=True),
        lambda: _server(bench, extension=False),
    )
    absent = _absent(bench)
    yield from _compared(
        "kernel's start, until it answers",
        KERNEL_MS,
        bench.rounds,
        lambda: _kernel({}),
        lambda: _kernel({"PYTHONPATH": absent}),
    )


def _compared(
    name: str, bar: float, rounds: int, with_it: Callable[[], Cost], without: Callable[[], Cost]
) -> Iterator[Result]:
    """Measure both in turns, after one of each that fills the caches."""
    with_it(), without()
    pairs = [(with_it(), without()) for _ in range(rounds)]
    for clock, place, most in (("", 0, at_most(bar)), (", processor time", 1, None)):
        having, lacking = (
            median(cost[place] for cost in costs) * 1000 for costs in zip(*pairs, strict=True)
        )
        note = f"{having:.0f} ms with it, {lacking:.0f} ms without, {having / lacking:.2f} ×"
        yield Result("start", name + clock, having - lacking, "ms", most, note)


def _python(code: str) -> Cost:
    before, began = _children(), time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - began, _children() - before


def _children() -> float:
    times = os.times()
    return times.children_user + times.children_system


def _server(bench: Bench, *, extension: bool) -> Cost:
    root = bench.folder("start")
    began = time.perf_counter()
    with bench.server(root, "start", extension=extension) as server:
        return time.perf_counter() - began, server.cpu_seconds()


def _kernel(environment: dict[str, str]) -> Cost:
    manager = KernelManager(transport_encryption="disabled")
    began = time.perf_counter()
    manager.start_kernel(env={**os.environ, **environment})
    client = manager.blocking_client()
    client.start_channels()
    client.wait_for_ready(timeout=KERNEL_STARTS_WITHIN)
    took = time.perf_counter() - began
    cpu = psutil.Process(manager.provisioner.pid).cpu_times()
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    return took, cpu.user + cpu.system


def _absent(bench: Bench) -> str:
    """Return a folder that hides the package: its startup file then loads nothing."""
    hidden: Path = bench.folder("absent") / PACKAGE
    hidden.mkdir()
    (hidden / "__init__.py").write_text("raise ImportError\n")
    return str(hidden.parent)
