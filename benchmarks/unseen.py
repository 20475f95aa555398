"""Export of files that were never seen before: compressed while they are sent, over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from . import corpus
from .bench import Bench
from .exporting import one_shot
from .kernel import notebook_kernel, shell_client
from .peers import archiver, jupyter_archive, python_zipfile
from .reader import Download, download, save
from .samples import in_turn, median
from .server import JupyterServer
from .table import Result, at_least, at_most

NAME = "unseen"


@dataclass(frozen=True, slots=True)
class Bars:
    """What a way must reach: times as fast as each peer, and of archiver's size."""

    archiver: float
    jupyter_archive: float
    size: float


BARS = {"maximum": Bars(8, 5, 1.0), "fast": Bars(20, 10, 1.025)}


def run(bench: Bench) -> Iterator[Result]:
    """Compare both ways of compressing with packers of the same folder."""
    folder = corpus.mixed(bench.megabytes)
    with bench.server(folder, NAME) as server, notebook_kernel(server, corpus.NOTEBOOK) as kernel:
        with shell_client(kernel) as client:
            client.run("print('begin')")
        yield from _compare(bench, server, folder)


def workspace(compression: str) -> str:
    """Return the route of a ZIP of the notebook's folder and nothing else of the session."""
    return one_shot(include="workspace", compression=compression)


def _compare(bench: Bench, server: JupyterServer, folder: Path) -> Iterator[Result]:
    contenders: dict[str, Callable[[], Download]] = {
        "maximum": lambda: download(server, workspace("maximum")),
        "fast": lambda: download(server, workspace("fast")),
        "archiver": lambda: archiver.pack(folder),
        "jupyter-archive": lambda: jupyter_archive.pack(server),
        "zipfile": lambda: python_zipfile.pack(folder),
    }
    fewer = {"archiver": bench.slow_rounds, "jupyter-archive": bench.slow_rounds, "zipfile": 1}
    runs = in_turn(contenders, bench.rounds, fewer)
    seconds = {name: median([run.seconds for run in of]) for name, of in runs.items()}
    raw = corpus.bytes_in(folder) / 1e6
    for name, taken in seconds.items():
        yield Result(NAME, name, raw / taken, "MB/s", note=f"{taken:.2f} s for {raw:.0f} MB")
    for ours, bars in BARS.items():
        yield from _ratios(ours, bars, seconds)
        size = _size(bench, server, ours)
        theirs = runs["archiver"][0].bytes
        note = f"{size:,} against {theirs:,} bytes"
        bar = at_most(bars.size)
        yield Result(NAME, f"{ours}: size, of archiver's at level 9", size / theirs, "", bar, note)


def _ratios(ours: str, bars: Bars, seconds: dict[str, float]) -> Iterator[Result]:
    for peer, least in (("archiver", bars.archiver), ("jupyter-archive", bars.jupyter_archive)):
        times = seconds[peer] / seconds[ours]
        yield Result(NAME, f"{ours}: times as fast as {peer}", times, "×", at_least(least))
    times = seconds["zipfile"] / seconds[ours]
    yield Result(NAME, f"{ours}: times as fast as Python's zipfile at 9", times, "×")


def _size(bench: Bench, server: JupyterServer, compression: str) -> int:
    target = bench.folder("size") / "export.zip"
    try:
        return save(server, workspace(compression), target)
    finally:
        target.unlink(missing_ok=True)
