"""A slow client, one that stalls, 20 at once: the server's memory, and how long others wait."""

from __future__ import annotations

import time
from collections.abc import Iterator

from .. import corpus
from ..bench import Bench
from ..exporting import one_shot, prepare
from ..kernel import notebook_kernel, shell_client
from ..peers import jupyter_archive, static_file
from ..reader import download, save
from ..server import JupyterServer
from ..stalls import latency_while
from ..table import Result, at_least, at_most
from ..unseen import workspace
from ..watch import watched_latency, watched_memory
from .crowd import Crowd, send_crowd

NAME = "delivery"
ZIP = "delivery.zip"
BASE_MIB = 64
EACH_MIB = 4
STALL_MS = 25
SLOW = 5e6
SLOW_SECONDS = 8.0
MANY = 20


def run(bench: Bench) -> Iterator[Result]:
    """Measure prepared and one-shot exports, a plain file and jupyter-archive for comparison."""
    with bench.recorded_server() as server:
        idle = latency_while(server, lambda: time.sleep(1))
        yield Result(NAME, "idle server: /api/status p99", idle.p99, "ms")
        route, _ = prepare(server)
        save(server, route, static_file.target(server, ZIP))
        download(server, one_shot())
        yield from _prepared(bench, server, route)
        yield from _one(bench, server, "one-shot", one_shot())
        yield from _compare(server, "plain static file", f"/static/{ZIP}")
        static_file.target(server, ZIP).unlink()
    folder = corpus.mixed(bench.megabytes)
    with bench.server(folder, NAME) as server, notebook_kernel(server, corpus.NOTEBOOK) as kernel:
        with shell_client(kernel) as client:
            client.run("print('begin')")
        download(server, workspace("maximum"))
        yield from _one(bench, server, "one-shot, unseen", workspace("maximum"))
        crowd = Crowd(1, stall=bench.stall_seconds, seconds=bench.stall_seconds + 1)
        yield from _held(server, "jupyter-archive, unseen", jupyter_archive.route(), crowd)


def _prepared(bench: Bench, server: JupyterServer, route: str) -> Iterator[Result]:
    yield from _one(bench, server, "prepared", route)
    slow = Crowd(MANY, speed=SLOW, seconds=SLOW_SECONDS)
    yield from _measure(server, f"prepared, {MANY} clients at 5 MB/s", route, slow)
    yield from _measure(server, f"prepared, {MANY} clients at full speed", route, Crowd(MANY))
    stalled = Crowd(MANY, stall=bench.stall_seconds)
    what = f"prepared, {MANY} clients that stall for {bench.stall_seconds:g} s"
    yield from _measure(server, what, route, stalled)


def _one(bench: Bench, server: JupyterServer, what: str, route: str) -> Iterator[Result]:
    slow = Crowd(1, speed=SLOW, seconds=SLOW_SECONDS)
    yield from _measure(server, f"{what}, a client at 5 MB/s", route, slow)
    stalled = Crowd(1, stall=bench.stall_seconds)
    yield from _measure(server, f"{what}, a client that stalls", route, stalled)


def _measure(server: JupyterServer, what: str, route: str, crowd: Crowd) -> Iterator[Result]:
    with watched_memory(server) as memory, watched_latency(server) as latencies:
        got = send_crowd(server, route, crowd)
    most = at_most(BASE_MIB + EACH_MIB * crowd.count)
    yield Result(NAME, f"{what}: memory added", memory.growth_mib, "MiB", most)
    note = f"p50 {latencies.p50:.1f} ms, max {latencies.highest:.0f} ms"
    bar = at_most(STALL_MS)
    yield Result(NAME, f"{what}: /api/status p99", latencies.p99, "ms", bar, note)
    if not crowd.seconds:
        whole = sum(each.whole for each in got)
        yield Result(NAME, f"{what}: came whole", whole, "", at_least(crowd.count))


def _compare(server: JupyterServer, what: str, route: str) -> Iterator[Result]:
    """Send the same crowds something else; there is no bar for that."""
    slow = Crowd(MANY, speed=SLOW, seconds=SLOW_SECONDS)
    yield from _held(server, f"{what}, {MANY} clients at 5 MB/s", route, slow)
    yield from _held(server, f"{what}, {MANY} clients at full speed", route, Crowd(MANY))


def _held(server: JupyterServer, what: str, route: str, crowd: Crowd) -> Iterator[Result]:
    with watched_memory(server) as memory, watched_latency(server) as latencies:
        send_crowd(server, route, crowd)
    note = f"p50 {latencies.p50:.1f} ms, max {latencies.highest:.0f} ms"
    yield Result(NAME, f"{what}: memory added", memory.growth_mib, "MiB")
    yield Result(NAME, f"{what}: /api/status p99", latencies.p99, "ms", note=note)
