"""Cancelling at random moments: how soon there is no thread, descriptor or file left of it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from random import Random
from socket import socket

from .. import corpus
from ..bench import Bench
from ..exporting import API, prepare
from ..kernel import notebook_kernel, shell_client
from ..peers import jupyter_archive
from ..reader import download
from ..samples import median
from ..server import JupyterServer
from ..table import Result, at_least, at_most
from ..unseen import workspace
from .connection import asked, head_of
from .traces import Traces, seconds_until_gone, settled

NAME = "delivery"
TRIES = 50
PEER_TRIES = 6
CROWD = 12
WITHIN_SECONDS = 1.0
CLIENT = "benchmark"
Act = Callable[[], object]
WORKSPACE = {"include": ["workspace"], "client_id": CLIENT}


@dataclass(frozen=True, slots=True)
class Scene:
    """A server, what its exports take, and the draw that the moments come from."""

    server: JupyterServer
    draw: Random
    preparing: float
    size: int


def run(bench: Bench) -> Iterator[Result]:
    """Cancel while an export is prepared, while it is sent, and by reloading the page."""
    folder = corpus.mixed(bench.megabytes / 3)
    tries = bench.scaled(TRIES, least=8)
    with bench.server(folder, NAME) as server, notebook_kernel(server, corpus.NOTEBOOK) as kernel:
        with shell_client(kernel) as client:
            client.run("print('begin')")
        scene, base = _scene(server)
        yield from _cancel(scene, base, tries)
        yield _leave_peer(scene)


def _scene(server: JupyterServer) -> tuple[Scene, Traces]:
    """Grow the server's pools to what they keep, so that only what belongs to an export is more.

    SQLite too keeps what is closed while its writer holds a lock, and uses it again
    (sqlite.org/src, unixClose).
    """
    _at_once(lambda: server.call("GET", f"{API}/session/stats"))
    size = download(server, workspace("maximum")).bytes
    route, seconds = prepare(server, **WORKSPACE)
    _at_once(lambda: download(server, route))
    _delete(server, route)
    draw = Random("moments")  # noqa: S311  # the same moments each time
    return Scene(server, draw, seconds, size), settled(server)


def _at_once(act: Act) -> None:
    with ThreadPoolExecutor(CROWD) as crowd:
        for each in [crowd.submit(act) for _ in range(CROWD)]:
            each.result()


def _cancel(scene: Scene, base: Traces, tries: int) -> Iterator[Result]:
    taken: dict[str, list[float]] = {way: [] for way in WAYS}
    late: list[str] = []
    for number in range(tries):
        way = list(WAYS)[number % len(WAYS)]
        with WAYS[way](scene) as act:
            seconds, left = seconds_until_gone(scene.server, base, act)
        taken[way].append(seconds)
        late += left
    for way, of in taken.items():
        note = f"longest {max(of) * 1000:.0f} ms of {len(of)} tries"
        what = f"cancelled {way}: until nothing is left"
        yield Result(NAME, what, median(of) * 1000, "ms", note=note)
    every = [seconds for of in taken.values() for seconds in of]
    note = f"median {median(every) * 1000:.0f} ms" + (f"; late: {', '.join(late)}" if late else "")
    bar = at_most(WITHIN_SECONDS)
    yield Result(NAME, "cancelled: longest until nothing is left", max(every), "s", bar, note)
    within = sum(seconds <= WITHIN_SECONDS for seconds in every)
    yield Result(NAME, "cancelled: within a second", within, "", at_least(tries), f"of {tries}")


def _leave_peer(scene: Scene) -> Result:
    """Leave downloads of jupyter-archive's in the same way; there is no other way to stop them."""
    download(scene.server, jupyter_archive.route())
    base, every, late = settled(scene.server), [], Counter[str]()
    for _ in range(PEER_TRIES):
        with _read_to_a_random_byte(scene, jupyter_archive.route()) as client:
            seconds, left = seconds_until_gone(scene.server, base, client.close)
        every.append(seconds)
        late.update(left)
    note = f"longest {max(every):.2f} s of {PEER_TRIES} tries"
    note += f"; late: {', '.join(late)}" if late else ""
    what = "leaving jupyter-archive's download: until nothing is left"
    return Result(NAME, what, median(every) * 1000, "ms", note=note)


@contextmanager
def _while_preparing(scene: Scene) -> Iterator[Act]:
    job = scene.server.call("POST", f"{API}/exports", WORKSPACE)
    time.sleep(scene.draw.uniform(0, scene.preparing * 0.9))
    yield lambda: _delete(scene.server, f"{API}/exports/{job['id']}")


@contextmanager
def _while_downloading(scene: Scene) -> Iterator[Act]:
    route, _ = prepare(scene.server, **WORKSPACE)
    # The client neither reads nor leaves: it is the server that has to end it.
    with _read_to_a_random_byte(scene, route):
        yield lambda: _delete(scene.server, route)


@contextmanager
def _while_streaming(scene: Scene) -> Iterator[Act]:
    with _read_to_a_random_byte(scene, workspace("maximum")) as client:
        yield client.close


@contextmanager
def _reloading_while_preparing(scene: Scene) -> Iterator[Act]:
    scene.server.call("POST", f"{API}/exports", WORKSPACE)
    time.sleep(scene.draw.uniform(0, scene.preparing * 0.9))
    yield lambda: _reload(scene.server)


@contextmanager
def _reloading_while_downloading(scene: Scene) -> Iterator[Act]:
    route, _ = prepare(scene.server, **WORKSPACE)
    with _read_to_a_random_byte(scene, route):
        yield lambda: _reload(scene.server)


WAYS: dict[str, Callable[[Scene], AbstractContextManager[Act]]] = {
    "while it is prepared": _while_preparing,
    "while it is downloaded": _while_downloading,
    "by leaving a one-shot download": _while_streaming,
    "by a reload while it is prepared": _reloading_while_preparing,
    "by a reload while it is downloaded": _reloading_while_downloading,
}


def _delete(server: JupyterServer, route: str) -> None:
    server.call("DELETE", route.removesuffix("/download"))


def _reload(server: JupyterServer) -> None:
    server.call("POST", f"{API}/clients/{CLIENT}/epoch")


def _read_to_a_random_byte(scene: Scene, route: str) -> socket:
    """Return the socket of a client that has read so far and reads no more."""
    until = scene.draw.randrange(scene.size)
    client = asked(scene.server.port, scene.server.token, route)
    _, body = head_of(client)
    got, buffer = len(body), bytearray(1 << 20)
    while got < until and (count := client.recv_into(buffer)):
        got += count
    return client
