"""The server's memory, and how long others wait, at any speed of the client."""

from __future__ import annotations

import time
from collections.abc import Iterator

from . import corpus
from .bench import Bench
from .exporting import one_shot, prepare
from .kernel import notebook_kernel, shell_client
from .peers import jupyter_archive, static_file
from .reader import download, download_slowly, save
from .server import JupyterServer
from .stalls import latency_while
from .table import Bar, Result, at_most
from .unseen import workspace
from .watch import watched_latency, watched_memory

NAME = "memory"
SPEEDS_MB = (20, 5)
SLOW_SECONDS = 8.0
"""A backlog that grows shows within so many seconds; the client then goes away."""
RECORDED_MIB = 64
UNSEEN_MIB = 96
STALL_MS = 25
ZIP = "export.zip"


def run(bench: Bench) -> Iterator[Result]:
    """Measure exports of recorded and of unseen content, and jupyter-archive's of the latter."""
    with bench.recorded_server() as server:
        idle = latency_while(server, lambda: time.sleep(1))
        note = f"p50 {idle.p50:.1f} ms, max {idle.highest:.0f} ms: what the machine itself adds"
        yield Result(NAME, "idle server: /api/status p99", idle.p99, "ms", note=note)
        yield from _export(server, "one-shot, recorded", one_shot(), RECORDED_MIB)
        route, _ = prepare(server)
        yield from _export(server, "prepared, recorded", route, RECORDED_MIB)
        save(server, route, static_file.target(server, ZIP))
        yield from _export(server, "plain static file", f"/static/{ZIP}", None)
        static_file.target(server, ZIP).unlink()
    folder = corpus.mixed(bench.megabytes)
    with bench.server(folder, NAME) as server, notebook_kernel(server, corpus.NOTEBOOK) as kernel:
        with shell_client(kernel) as client:
            client.run("print('begin')")
        for compression in ("maximum", "fast"):
            what = f"{compression}, unseen"
            yield from _export(server, what, workspace(compression), UNSEEN_MIB)
        yield from _slow(server, "jupyter-archive, unseen", jupyter_archive.route(), None)


def _export(
    server: JupyterServer, what: str, route: str, most_mib: float | None
) -> Iterator[Result]:
    bar = None if most_mib is None else at_most(most_mib)
    with watched_memory(server) as memory:
        download(server, route)
    yield Result(NAME, f"{what}, fast client: memory added", memory.growth_mib, "MiB", bar)
    latencies = latency_while(server, lambda: download(server, route))
    note = f"p50 {latencies.p50:.1f} ms, max {latencies.highest:.0f} ms"
    stall = None if most_mib is None else at_most(STALL_MS)
    yield Result(NAME, f"{what}, fast client: /api/status p99", latencies.p99, "ms", stall, note)
    yield from _slow(server, what, route, bar)


def _slow(server: JupyterServer, what: str, route: str, bar: Bar | None) -> Iterator[Result]:
    for speed in SPEEDS_MB:
        with watched_memory(server) as memory, watched_latency(server) as latencies:
            download_slowly(server, route, speed * 1e6, SLOW_SECONDS)
        note = f"/api/status p99 {latencies.p99:.1f} ms, max {latencies.highest:.0f} ms"
        name = f"{what}, {speed} MB/s client: memory added"
        yield Result(NAME, name, memory.growth_mib, "MiB", bar, note)
