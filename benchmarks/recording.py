"""What recording costs while cells print very much, and whether all of it is kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

from . import corpus
from .bench import Bench
from .exporting import one_shot, wait_until_recorded
from .kernel import front_end, notebook_kernel
from .reader import save
from .samples import interval, median
from .server import JupyterServer
from .table import Result, at_most
from .watch import Latencies, watched_latency

NAME = "recording"
PAIRS = 10
"""At least so many: the wall times of kernels are noisy."""
PROBED_RUNS = 2
CPU_SHARE = 0.20
STALL_MS = 25


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell that prints the numbers below `lines`."""

    name: str
    lines: int
    flush: bool

    @property
    def code(self) -> str:
        return f"# {self.name}\nfor n in range({self.lines}):\n    print(n, flush={self.flush})"

    @property
    def printed(self) -> bytes:
        return b"".join(b"%d\n" % number for number in range(self.lines))


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds of one run: by the clock, and of the two processes' processors."""

    wall: float
    server_cpu: float
    kernel_cpu: float


@dataclass(frozen=True, slots=True)
class Pair:
    """The same cell on a server that records and on one without the extension."""

    recorded: Run
    plain: Run

    @property
    def wall_ratio(self) -> float:
        return self.recorded.wall / self.plain.wall

    @property
    def cpu_share(self) -> float:
        """The processor time added to the server, as a share of the kernel's."""
        return (self.recorded.server_cpu - self.plain.server_cpu) / self.plain.kernel_cpu

    @property
    def kernel_ratio(self) -> float:
        return self.recorded.kernel_cpu / self.plain.kernel_cpu


def run(bench: Bench) -> Iterator[Result]:
    """Run both cells in pairs on two servers, then look for every line in the ZIP."""
    cells = (
        Cell("prints", bench.scaled(1_000_000, least=20_000), flush=False),
        Cell("flushed prints", bench.scaled(50_000, least=2_000), flush=True),
    )
    pairs = max(PAIRS, bench.rounds) if bench.scale >= 1 else bench.rounds
    root = bench.folder("root")
    corpus.write_notebook(root / corpus.NOTEBOOK)
    with ExitStack() as servers:
        recording = servers.enter_context(bench.server(root, "recording"))
        plain = servers.enter_context(bench.server(root, "plain", extension=False))
        for cell in cells:
            yield from _costs(cell, [_pair(recording, plain, cell, n) for n in range(pairs)])
            yield from _latencies(recording, plain, cell)
            runs = pairs + PROBED_RUNS
            lost = _lost(recording, cell, runs, bench.folder("lost") / "export.zip")
            note = f"of {runs * cell.lines:,} in {runs} runs"
            yield Result(NAME, f"{cell.name}: lines lost", lost, "", at_most(0), note)


def _pair(recording: JupyterServer, plain: JupyterServer, cell: Cell, number: int) -> Pair:
    if number % 2:
        without = _measure(plain, cell)
        return Pair(_measure(recording, cell), without)
    return Pair(_measure(recording, cell), _measure(plain, cell))


def _measure(server: JupyterServer, cell: Cell) -> Run:
    """Run the cell in a new kernel; what the server does of it later counts too."""
    with notebook_kernel(server, corpus.NOTEBOOK) as kernel, front_end(kernel) as page:
        page.run("pass")
        process = kernel.process
        server_cpu, kernel_cpu = server.cpu_seconds(), _cpu(process.cpu_times())
        wall = page.run(cell.code)
        kernel_cpu = _cpu(process.cpu_times()) - kernel_cpu
        wait_until_recorded(server)
        return Run(wall, server.cpu_seconds() - server_cpu, kernel_cpu)


def _cpu(times: object) -> float:
    return float(times.user + times.system)  # type: ignore[attr-defined]  # psutil's is untyped


def _costs(cell: Cell, pairs: Sequence[Pair]) -> Iterator[Result]:
    shares = [pair.cpu_share for pair in pairs]
    kernel = median([pair.plain.kernel_cpu for pair in pairs])
    note = f"{_between(shares)}; the kernel's own: {kernel:.2f} s"
    name = f"{cell.name}: processor time added to the server, of the kernel's"
    yield Result(NAME, name, median(shares), "", at_most(CPU_SHARE), note)
    ratios = [pair.wall_ratio for pair in pairs]
    wall = median([pair.plain.wall for pair in pairs])
    note = f"{_between(ratios)}, {len(pairs)} pairs, {wall:.2f} s without; aim ≤ 1.05"
    yield Result(
        NAME, f"{cell.name}: wall time, of that without recording", median(ratios), "", note=note
    )
    ratios = [pair.kernel_ratio for pair in pairs]
    name = f"{cell.name}: the kernel's processor time, of that without recording"
    yield Result(NAME, name, median(ratios), "", note=_between(ratios))


def _between(values: Sequence[float]) -> str:
    low, high = interval(values)
    return f"95 % from {low:.3f} to {high:.3f}"


def _latencies(recording: JupyterServer, plain: JupyterServer, cell: Cell) -> Iterator[Result]:
    found = {server: Latencies() for server in (recording, plain)}
    for _ in range(PROBED_RUNS):
        for server, latencies in found.items():
            latencies.values += _probed(server, cell).values
    ours, theirs = found[recording], found[plain]
    note = (
        f"p50 {ours.p50:.1f} ms, max {ours.highest:.0f} ms; "
        f"without: p99 {theirs.p99:.1f} ms, max {theirs.highest:.0f} ms"
    )
    yield Result(NAME, f"{cell.name}: /api/status p99", ours.p99, "ms", at_most(STALL_MS), note)


def _probed(server: JupyterServer, cell: Cell) -> Latencies:
    with notebook_kernel(server, corpus.NOTEBOOK) as kernel, front_end(kernel) as page:
        page.run("pass")
        with watched_latency(server) as latencies:
            page.run(cell.code)
        wait_until_recorded(server)
    return latencies


def _lost(server: JupyterServer, cell: Cell, runs: int, target: Path) -> int:
    """Count the lines that should be in the ZIP and aren't; at least one for each other fault."""
    save(server, one_shot(include="executions"), target)
    expected = cell.printed
    with ZipFile(target) as archive:
        found = [_difference(printed, expected) for printed in _printed_by(archive, cell)]
    target.unlink()
    return (runs - len(found)) * cell.lines + sum(found)


def _printed_by(archive: ZipFile, cell: Cell) -> Iterator[bytes]:
    names = set(archive.namelist())
    for name in names:
        folder, _, file = name.rpartition("/")
        if file == "source.py" and archive.read(name).startswith(cell.code.encode()):
            printed = f"{folder}/stdout.txt"
            yield archive.read(printed) if printed in names else b""


def _difference(printed: bytes, expected: bytes) -> int:
    if printed == expected:
        return 0
    return max(1, expected.count(b"\n") - printed.count(b"\n"))
