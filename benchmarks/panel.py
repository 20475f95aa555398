"""The live panel: what it takes of its kernel's processor while a cell runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from .bench import Bench
from .kernel import ShellClient, notebook_kernel, shell_client
from .samples import median
from .table import Result, at_most

NAME = "panel"
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


def _percent(client: ShellClient, path: Path) -> float:
    """Return what a cell that does nothing took of one processor."""
    client.run(MEASURED.format(seconds=SECONDS, path=str(path)))
    return float(path.read_text())
