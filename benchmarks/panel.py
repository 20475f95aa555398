"""The live panel: what it takes of its kernel's processor while a cell runs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from jupyter_session_export.kernel.history import History
from jupyter_session_export.kernel.panel.layout import Layout
from jupyter_session_export.kernel.panel.sight import Sight
from jupyter_session_export.kernel.panel.standing import Standing
from jupyter_session_export.records.timing import CellTiming
from jupyter_session_export.records.usage import Told

from .bench import Bench
from .kernel import ShellClient, notebook_kernel, shell_client
from .samples import median
from .table import Result, at_most

NAME = "panel"
MANY = 10_000
DRAWN_TIMES = 50
MOST_BEAT_MS = 20.0
CELLS = 300
"""What ran before, which the panel draws."""
SECONDS = 15.0
MOST_PERCENT = 1.0
MEASURED = """
import time
began, cpu = time.perf_counter(), time.process_time()
time.sleep({seconds})
used = (time.process_time() - cpu) / (time.perf_counter() - began)
with open({path!r}, "w") as file:
    file.write(str(100 * used))
"""


def run(bench: Bench) -> Iterator[Result]:
    """Measure a cell that sleeps, with and without an open panel, in the same kernel."""
    with (
        bench.server(bench.folder("root"), NAME) as server,
        notebook_kernel(server, "panel.ipynb") as kernel,
        shell_client(kernel) as client,
    ):
        path = bench.folder(NAME) / "percent"
        client.run_all([f"number = {number}" for number in range(bench.scaled(CELLS, least=20))])
        without = [_percent(client, path) for _ in range(bench.slow_rounds)]
        client.run("%session_panel")
        # Its first answers from the record come meanwhile.
        _percent(client, path)
        with_it = [_percent(client, path) for _ in range(bench.slow_rounds)]
    note = f"{CELLS} cells before; without a panel {median(without):.2f} %"
    bar = at_most(MOST_PERCENT)
    figure = max(0.0, median(with_it) - median(without))
    yield Result(NAME, "of the kernel's processor while a cell runs", figure, "%", bar, note)
    spent, size = _quick_cells(bench.scaled(MANY, least=500))
    note = f"{MANY:,} cells of 8 ms before; {size / 1000:.0f} kB of bars"
    bar = at_most(MOST_BEAT_MS)
    yield Result(NAME, "of the processor for a picture after a cell", spent, "ms", bar, note)


def _quick_cells(many: int) -> tuple[float, int]:
    """Return what it takes to draw after each of many cells, and how much HTML that is."""
    history = History()
    parts = Layout()
    sight = Sight(parts, history, "bench", "")
    clock = time.perf_counter() - many / 100
    for number in range(many):
        _run(history, number, clock + number / 100)
    sight.refresh(Standing(), time.perf_counter())
    spent = []
    for number in range(many, many + DRAWN_TIMES):
        _run(history, number, time.perf_counter())
        before = time.thread_time()
        sight.refresh(Standing(), time.perf_counter())
        spent.append(1000 * (time.thread_time() - before))
    return median(spent), len(parts.timeline.value)


def _run(history: History, number: int, clock: float) -> None:
    request = {"header": {}, "content": {"code": f"compute({number})"}, "metadata": {}}
    history.begin(str(number), request, clock)
    history.end(str(number), clock + 0.008, Told(cpu_ms=8.0), CellTiming(executing_ms=8.0))


def _percent(client: ShellClient, path: Path) -> float:
    """Return what a cell that does nothing took of one processor."""
    client.run(MEASURED.format(seconds=SECONDS, path=str(path)))
    return float(path.read_text())
