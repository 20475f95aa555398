"""Export of content that was recorded: sealed members, spliced, over HTTP."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from zipfile import ZipFile

from .bench import Bench
from .exporting import one_shot, prepare
from .first import first_of_all
from .peers import archiver, jupyter_archive, static_file
from .reader import Download, download, save
from .samples import in_turn, median
from .server import JupyterServer
from .table import Result, at_least, at_most

NAME = "recorded"
ZIP = "export.zip"
EXTRACTED = "extracted"
LEAST_SHARE = 0.70


def run(bench: Bench) -> Iterator[Result]:
    """Compare both routes with a plain file of the same bytes and packers of the same files."""
    with bench.recorded_server() as server:
        yield first_of_all(NAME, "one-shot", server, one_shot())
        exported = static_file.target(server, ZIP)
        size = save(server, one_shot(), exported)
        yield from _filling(bench, exported)
        files = Path(server.home) / "root" / EXTRACTED
        with ZipFile(exported) as archive:
            archive.extractall(files)
        try:
            yield from _compare(bench, server, size, files)
        finally:
            shutil.rmtree(files)
            exported.unlink()


def _filling(bench: Bench, exported: Path) -> Iterator[Result]:
    filled = bench.filled
    if filled is None:
        return
    kept = _kept(exported)
    shown = filled.shown
    expected = {"png": shown["png"], "mp4": shown["mp4"], "stdout.txt": shown["log"] + shown["csv"]}
    lost = sum(abs(size - kept[kind]) for kind, size in expected.items())
    note = "of what was printed, and of pictures and films"
    yield Result(NAME, "bytes lost while it was recorded", lost, "", at_most(0), note)
    rate = sum(shown.values()) / filled.seconds / 1e6
    note = f"{filled.cells} cells in {filled.seconds:.0f} s, {rate:.0f} MB/s"
    yield Result(NAME, "content in the ZIP, raw", kept.total() / 1e6, "MB", note=note)
    growth = filled.growth_mib
    yield Result(NAME, "server memory added while it was recorded", growth, "MiB")


def _kept(exported: Path) -> Counter[str]:
    """Return the raw bytes in a ZIP by suffix, those of stdout.txt apart."""
    kept: Counter[str] = Counter()
    with ZipFile(exported) as archive:
        for info in archive.infolist():
            name = info.filename.rpartition("/")[2]
            kept[name if name == "stdout.txt" else name.rpartition(".")[2]] += info.file_size
    return kept


def _compare(bench: Bench, server: JupyterServer, size: int, files: Path) -> Iterator[Result]:
    route, _ = prepare(server)
    until_ready: list[float] = []

    def from_click_to_end() -> Download:
        fresh, seconds = prepare(server)
        until_ready.append(seconds)
        got = download(server, fresh)
        server.call("DELETE", fresh.removesuffix("/download"))
        return Download(got.first_byte + seconds, got.seconds + seconds, got.bytes)

    contenders: dict[str, Callable[[], Download]] = {
        "static": lambda: static_file.send(server, ZIP),
        "prepared": lambda: download(server, route),
        "one-shot": lambda: download(server, one_shot()),
        "prepared, with its preparation": from_click_to_end,
        "archiver": lambda: archiver.pack(files),
        "jupyter-archive": lambda: jupyter_archive.pack(server, EXTRACTED),
    }
    fewer = {"archiver": bench.slow_rounds, "jupyter-archive": bench.slow_rounds}
    runs = in_turn(contenders, bench.rounds, fewer)
    seconds = {name: median([run.seconds for run in of]) for name, of in runs.items()}
    yield from _rates(seconds, size)
    yield from _ratios(seconds, runs)
    preparing = median(until_ready) * 1000
    yield Result(NAME, "preparing", preparing, "ms")
    yield from _sizes(size, runs)


def _rates(seconds: dict[str, float], size: int) -> Iterator[Result]:
    static = size / seconds["static"] / 1e6
    yield Result(
        NAME, "plain static file, same server", static, "MB/s", note=f"{size / 1e6:.0f} MB"
    )
    for name in ("prepared", "one-shot"):
        rate = size / seconds[name] / 1e6
        share = rate / static
        note = f"{rate:,.0f} MB/s, {seconds[name]:.3f} s"
        bar = at_least(LEAST_SHARE)
        yield Result(NAME, f"{name}: share of the static rate", share, "", bar, note)


def _ratios(seconds: dict[str, float], runs: dict[str, list[Download]]) -> Iterator[Result]:
    for peer, expected in (("archiver", 50), ("jupyter-archive", 35)):
        for ours in ("prepared", "one-shot", "prepared, with its preparation"):
            times = seconds[peer] / seconds[ours]
            note = f"{seconds[peer]:.2f} s against {seconds[ours]:.3f} s; expected ≥ {expected}"
            yield Result(NAME, f"{ours}: times as fast as {peer}", times, "×", note=note)
    for ours in ("prepared", "one-shot"):
        first = median([run.first_byte for run in runs[ours]]) * 1000
        yield Result(NAME, f"{ours}: first byte", first, "ms", at_most(100))


def _sizes(size: int, runs: dict[str, list[Download]]) -> Iterator[Result]:
    theirs = runs["archiver"][0].bytes
    note = f"{size:,} against {theirs:,} bytes"
    yield Result(NAME, "size, of archiver's at level 9", size / theirs, "", at_most(1.0), note)
