"""Exports of very many small members: what one costs, and how soon the first byte comes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from zipfile import ZipFile

from . import corpus
from .bench import Bench
from .exporting import one_shot, prepare, wait_until_recorded
from .first import FIRST_BYTE_MS, first_of_all
from .kernel import notebook_kernel, shell_client
from .peers import archiver, jupyter_archive
from .reader import Download, download, save
from .samples import in_turn, median
from .server import JupyterServer
from .stalls import latency_while
from .table import Result, at_most
from .unseen import workspace
from .watch import watched_memory

NAME = "small"
MEMBER_MICROSECONDS = 40
STALL_MS = 25
DISPLAYS = 16
MEMBERS_PER_CELL = DISPLAYS + 4
"""Its displays, and source.py, stdout.txt, outputs.json and metadata.json."""
CELL = f"""
print("cell")
for number in range({DISPLAYS}):
    display({{"text/plain": "reading %d of a cell, " % number * 40}}, raw=True)
"""
CELLS_AT_ONCE = 50


def run(bench: Bench) -> Iterator[Result]:
    """Measure small files that were never seen, then small members that were recorded."""
    yield from _unseen(bench)
    yield from _recorded(bench)


def _unseen(bench: Bench) -> Iterator[Result]:
    folder = corpus.small(bench.scaled(corpus.SMALL_FILES, least=200))
    with bench.server(folder, NAME) as server, notebook_kernel(server, corpus.NOTEBOOK) as kernel:
        with shell_client(kernel) as client:
            client.run("print('begin')")
        yield first_of_all(NAME, "files, maximum", server, workspace("maximum"))
        contenders: dict[str, Callable[[], Download]] = {
            "maximum": lambda: download(server, workspace("maximum")),
            "fast": lambda: download(server, workspace("fast")),
            "archiver": lambda: archiver.pack(folder),
            "jupyter-archive": lambda: jupyter_archive.pack(server),
        }
        fewer = {"archiver": min(2, bench.slow_rounds), "jupyter-archive": min(2, bench.rounds)}
        runs = in_turn(contenders, bench.rounds, fewer)
        members = sum(1 for path in folder.rglob("*") if path.is_file())
        yield from _costs("files", members, runs, ("maximum", "fast"))
        for ours in ("maximum", "fast"):
            yield from _load(server, f"files, {ours}", workspace(ours), 96)


def _recorded(bench: Bench) -> Iterator[Result]:
    root = bench.folder("root")
    corpus.write_notebook(root / corpus.NOTEBOOK)
    cells = bench.scaled(corpus.SMALL_FILES // MEMBERS_PER_CELL, least=10)
    with bench.server(root, NAME) as server:
        with notebook_kernel(server, corpus.NOTEBOOK) as kernel, shell_client(kernel) as client:
            for at in range(0, cells, CELLS_AT_ONCE):
                client.run_all([CELL] * min(CELLS_AT_ONCE, cells - at))
            wait_until_recorded(server)
        yield first_of_all(NAME, "recorded, one-shot", server, one_shot())
        members = _members(bench, server)
        route, seconds = prepare(server)
        contenders: dict[str, Callable[[], Download]] = {
            "prepared": lambda: download(server, route),
            "one-shot": lambda: download(server, one_shot()),
        }
        runs = in_turn(contenders, bench.rounds)
        each = seconds / members * 1e6
        note = f"{members} members in {seconds:.3f} s"
        bar = at_most(MEMBER_MICROSECONDS)
        yield Result(NAME, "recorded, preparing: each member", each, "µs", bar, note)
        yield from _costs("recorded", members, runs, ("prepared", "one-shot"))
        yield from _load(server, "recorded, prepared", route, 64)
        yield from _load(server, "recorded, one-shot", one_shot(), 64)


def _members(bench: Bench, server: JupyterServer) -> int:
    target = bench.folder("members") / "export.zip"
    save(server, one_shot(), target)
    with ZipFile(target) as archive:
        count = len(archive.infolist())
    target.unlink()
    return count


def _costs(
    what: str, members: int, runs: dict[str, list[Download]], ours: tuple[str, ...]
) -> Iterator[Result]:
    for name, of in runs.items():
        seconds = median([run.seconds for run in of])
        first = median([run.first_byte for run in of]) * 1000
        cost = at_most(MEMBER_MICROSECONDS) if name in ours else None
        note = f"{members} members in {seconds:.3f} s"
        each = seconds / members * 1e6
        yield Result(NAME, f"{what}, {name}: each member", each, "µs", cost, note)
        soon = at_most(FIRST_BYTE_MS) if name in ours else None
        yield Result(NAME, f"{what}, {name}: first byte", first, "ms", soon)


def _load(server: JupyterServer, what: str, route: str, most_mib: float) -> Iterator[Result]:
    with watched_memory(server) as memory:
        latencies = latency_while(server, lambda: download(server, route))
    note = f"p50 {latencies.p50:.1f} ms, max {latencies.highest:.0f} ms"
    bar = at_most(STALL_MS)
    yield Result(NAME, f"{what}: /api/status p99", latencies.p99, "ms", bar, note)
    growth = memory.growth_mib
    yield Result(NAME, f"{what}: server memory added", growth, "MiB", at_most(most_mib))
