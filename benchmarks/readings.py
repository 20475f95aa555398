"""Readings of sensors: what logging them costs a cell, and what packing many of them takes."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

from .bench import Bench
from .exporting import one_shot
from .kernel import FrontEnd, Kernel, front_end, notebook_kernel
from .reader import save
from .samples import in_turn, interval, median
from .server import JupyterServer
from .table import Result, at_least, at_most
from .watch import watched_memory

NAME = "readings"
LEAST_RATE = 10_000
MOST_SLOWDOWN = 1.10
LOGGED = 200_000
MANY = 2_000_000
WORK = 100e-6
"""Seconds of work for each reading: 10,000 readings a second."""
WORKED = 20_000
PAIRS = 7
MOST_MEMORY_MIB = 150
PREPARE = f"""
import time
from jupyter_session_export import log_reading
def work(steps):
    total = 0
    for step in range(steps):
        total += step
    return total
def took(steps):
    began = time.perf_counter()
    for _ in range(2000):
        work(steps)
    return (time.perf_counter() - began) / 2000
steps = max(10, round(1000 * {WORK} / min(took(1000) for _ in range(5))))
log_reading("warm", 1)
"""
FLOOD = f"for n in range({LOGGED}):\n    log_reading('flood', n, unit='K', device='bench')"
PLAIN = f"for n in range({WORKED}):\n    work(steps)"
LOGGING = f"{PLAIN}\n    log_reading('paced', n, unit='K', device='bench')"


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds of one cell: by the clock, and of its kernel's processor."""

    wall: float
    cpu: float


def run(bench: Bench) -> Iterator[Result]:
    """Log in a real kernel; then export a collector's file beside what was logged."""
    root = bench.folder("readings-root")
    try:
        with bench.server(root, "readings") as server:
            with notebook_kernel(server, "a.ipynb") as kernel, front_end(kernel) as page:
                page.run(PREPARE)
                yield from _rates(kernel, page, bench)
            yield from _packing(bench, server, root)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _rates(kernel: Kernel, page: FrontEnd, bench: Bench) -> Iterator[Result]:
    floods = [page.run(FLOOD) for _ in range(bench.rounds)]
    rate = LOGGED / median(floods)
    note = f"{1e6 / rate:.2f} µs each, in a cell that does nothing else"
    yield Result(NAME, "log_reading", rate, "readings/s", at_least(LEAST_RATE), note)

    def run(code: str) -> Run:
        before = kernel.process.cpu_times()
        seconds = page.run(code)
        after = kernel.process.cpu_times()
        return Run(seconds, after.user + after.system - before.user - before.system)

    cells = {"plain": lambda: run(PLAIN), "logging": lambda: run(LOGGING)}
    runs = in_turn(cells, max(PAIRS, bench.rounds))
    pairs = list(zip(runs["logging"], runs["plain"], strict=True))
    rate = WORKED / median([run.wall for run in runs["logging"]])
    walls = [logging.wall / plain.wall for logging, plain in pairs]
    low, high = interval(walls)
    note = f"at {rate:,.0f} readings/s; 95 % interval {low:.3f} to {high:.3f}"
    yield Result(NAME, "a cell's time, of that without logging", median(walls), "", note=note)
    processors = [logging.cpu / plain.cpu for logging, plain in pairs]
    low, high = interval(processors)
    note = f"95 % interval {low:.3f} to {high:.3f}; what else runs on the machine is no part of it"
    name = "its kernel's processor time, of that without logging"
    yield Result(NAME, name, median(processors), "", at_most(MOST_SLOWDOWN), note)


def _packing(bench: Bench, server: JupyterServer, root: Path) -> Iterator[Result]:
    count = bench.scaled(MANY, 1000)
    (root / "data").mkdir()
    with (root / "data" / "zigbee-sensors.csv").open("w") as file:
        file.write("time,device,sensor,value,unit\n")
        for number in range(count):
            file.write(
                f"{1_700_000_000 + number * 7919 % count},0x{number % 50:x},t,{number / 7},K\n"
            )
    target = root / "export.zip"
    began = time.monotonic()
    with watched_memory(server) as memory:
        save(server, one_shot(include="data"), target)
    seconds = time.monotonic() - began
    with ZipFile(target) as archive:
        packed = archive.read("data/zigbee-sensors.csv").count(b"\n") - 1
    if packed < count:
        raise RuntimeError(f"{count} readings were left, and {packed} are in the ZIP")
    note = (
        f"{count:,} readings of a file, {packed - count:,} logged; {packed / seconds:,.0f} a second"
    )
    yield Result(NAME, "packing all of them", seconds, "s", note=note)
    bar = at_most(MOST_MEMORY_MIB)
    yield Result(NAME, "memory added meanwhile", memory.growth_mib, "MiB", bar)
