"""A session of many GB of media: the first byte, memory and speed beside a plain static file.

Half of it are the session's own files, half are recordings; their content is incompressible and
none of it is sparse. It is as large as `--large` says.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from .. import corpus
from ..bench import Bench
from ..exporting import prepare
from ..kernel import notebook_kernel, shell_client
from ..peers import static_file
from ..reader import Download, download
from ..samples import in_turn, median
from ..server import JupyterServer
from ..stalls import latency_while
from ..table import Result, at_least, at_most
from ..watch import watched_memory
from .connection import asked, head_of

NAME = "delivery"
FULL_MB = 10_000
FILE_MB = 500
BLOCK_BYTES = 16 * 2**20
STATIC_MB = 2000
STATIC = "plain.bin"
FIRST_BYTE_MS = 100
MEMORY_MIB = 68
STALL_MS = 25
LEAST_SHARE = 0.60
HOUR_AGO = 3600.0
ROUNDS = 3


def run(bench: Bench) -> Iterator[Result]:
    """Fill a session, prepare it, send it in turn with a plain file of the same server."""
    root = bench.folder("large")
    corpus.write_notebook(root / corpus.NOTEBOOK)
    with bench.server(root, NAME) as server:
        with notebook_kernel(server, corpus.NOTEBOOK) as kernel, shell_client(kernel) as client:
            client.run("print('begin')")
        megabytes = bench.large_mb
        _fill(server, root, megabytes)
        _film(static_file.target(server, STATIC), min(STATIC_MB, megabytes))
        os.sync()
        yield from _measure(bench, server)


def _fill(server: JupyterServer, root: Path, megabytes: float) -> None:
    (session,) = (server.home / "session_export" / "sessions").iterdir()
    own, recorded = session / "outputs" / "bulk", root / "recordings"
    for folder in (own, recorded):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    count = max(2, round(megabytes / FILE_MB))
    for number in range(count):
        name = f"camera{number}_session1_2026-11-20.mp4"
        _film((own if number % 2 else recorded) / name, megabytes / count)


def _film(path: Path, megabytes: float) -> None:
    """Write a file that no packer makes smaller: each block is random, or one of long before."""
    left, block = int(megabytes * 1e6), os.urandom(BLOCK_BYTES)
    with path.open("wb") as file:
        while left:
            left -= file.write(memoryview(block)[:left])
    # What was just written to is taken for a recording that still goes on.
    written = path.stat().st_mtime - HOUR_AGO
    os.utime(path, (written, written))


def _measure(bench: Bench, server: JupyterServer) -> Iterator[Result]:
    with watched_memory(server) as memory:
        route, seconds = prepare(server)
    note = f"{seconds:.1f} s for {bench.large_mb / 1000:g} GB"
    yield Result(NAME, "large: preparing", bench.large_mb / seconds, "MB/s", note=note)
    bar = at_most(MEMORY_MIB)
    yield Result(NAME, "large: memory added by preparing", memory.growth_mib, "MiB", bar)
    with watched_memory(server) as memory:
        runs = _runs(bench, server, route)
    yield from _speed(runs)
    yield Result(NAME, "large: memory added by sending", memory.growth_mib, "MiB", bar)
    length = runs["prepared"][0].bytes
    first = median([_resumed(server, route, length * part // 10) for part in range(1, 10)])
    soon = at_most(FIRST_BYTE_MS)
    yield Result(NAME, "large: first byte of a range", first * 1000, "ms", soon)
    latencies = latency_while(server, lambda: download(server, route))
    note = f"p50 {latencies.p50:.1f} ms, max {latencies.highest:.0f} ms"
    stall = at_most(STALL_MS)
    yield Result(NAME, "large: /api/status p99 meanwhile", latencies.p99, "ms", stall, note)


def _runs(bench: Bench, server: JupyterServer, route: str) -> dict[str, list[Download]]:
    contenders: dict[str, Callable[[], Download]] = {
        "static": lambda: static_file.send(server, STATIC),
        "prepared": lambda: download(server, route),
    }
    return in_turn(contenders, min(ROUNDS, bench.rounds))


def _speed(runs: dict[str, list[Download]]) -> Iterator[Result]:
    rates = {
        name: median([run.bytes / run.seconds / 1e6 for run in of]) for name, of in runs.items()
    }
    size = runs["prepared"][0].bytes / 1e9
    yield Result(NAME, "large: plain static file, same server", rates["static"], "MB/s")
    note = f"{rates['prepared']:,.0f} MB/s, {size:.2f} GB"
    share = rates["prepared"] / rates["static"]
    bar = at_least(LEAST_SHARE)
    yield Result(NAME, "large: share of the static rate", share, "", bar, note)
    first = max(run.first_byte for run in runs["prepared"]) * 1000
    soon = at_most(FIRST_BYTE_MS)
    yield Result(NAME, "large: first byte, longest", first, "ms", soon)


def _resumed(server: JupyterServer, route: str, at: int) -> float:
    """Return the seconds until the first byte of a range. Raises RuntimeError for a refusal."""
    began = time.perf_counter()
    lines = f"Range: bytes={at}-\r\n"
    with asked(server.port, server.token, route, lines=lines) as client:
        head, body = head_of(client)
        if head.status != 206:
            raise RuntimeError(f"GET {route}: {head.status} for a range")
        if not body:
            client.recv(1)
        return time.perf_counter() - began
