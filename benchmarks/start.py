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

from jupyter_client.manager import start_new_kernel

from .bench import Bench
from .table import Result, at_most

IMPORT_MS, SERVER_MS, KERNEL_MS = 50, 100, 100
IMPORTS = 4
"""An import is short, so it is measured more often than a start."""
PACKAGE = "jupyter_session_export"
KERNEL_STARTS_WITHIN = 120.0


def run(bench: Bench) -> Iterator[Result]:
    yield _compared(
        "import, above bare Python",
        IMPORT_MS,
        bench.rounds * IMPORTS,
        lambda: _python(f"import {PACKAGE}"),
        lambda: _python("pass"),
    )
    yield _compared(
        "server's start, until it answers",
        SERVER_MS,
        bench.rounds,
        lambda: _server(bench, extension=True),
        lambda: _server(bench, extension=False),
    )
    absent = _absent(bench)
    yield _compared(
        "kernel's start, until it answers",
        KERNEL_MS,
        bench.rounds,
        lambda: _kernel({}),
        lambda: _kernel({"PYTHONPATH": absent}),
    )


def _compared(
    name: str, bar: float, rounds: int, with_it: Callable[[], float], without: Callable[[], float]
) -> Result:
    """Measure both in turns, after one of each that fills the caches."""
    with_it(), without()
    pairs = [(with_it(), without()) for _ in range(rounds)]
    having, lacking = (median(times) * 1000 for times in zip(*pairs, strict=True))
    note = f"{having:.0f} ms with it, {lacking:.0f} ms without, {having / lacking:.2f} ×"
    return Result("start", name, max(0.0, having - lacking), "ms", at_most(bar), note)


def _python(code: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - began


def _server(bench: Bench, *, extension: bool) -> float:
    root = bench.folder("start")
    began = time.perf_counter()
    with bench.server(root, "start", extension=extension):
        return time.perf_counter() - began


def _kernel(environment: dict[str, str]) -> float:
    began = time.perf_counter()
    manager, client = start_new_kernel(
        startup_timeout=KERNEL_STARTS_WITHIN, env={**os.environ, **environment}
    )
    took = time.perf_counter() - began
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    return took


def _absent(bench: Bench) -> str:
    """Return a folder that hides the package: its startup file then loads nothing."""
    hidden: Path = bench.folder("absent") / PACKAGE
    hidden.mkdir()
    (hidden / "__init__.py").write_text("raise ImportError\n")
    return str(hidden.parent)
