"""Cancelling at random moments: how soon there is no thread, descriptor or file left of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from .. import corpus
from ..bench import Bench
from ..exporting import API, prepare
from ..kernel import notebook_kernel, shell_client
from ..reader import download
from ..samples import median
from ..server import JupyterServer
from ..table import Result, at_least, at_most
from ..unseen import workspace
from .connection import asked, head_of
from .traces import Traces, seconds_until_gone, settled

NAME = "delivery"
TRIES = 50
WITHIN_SECONDS = 1.0
CLIENT = "benchmark"
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
    folder = corpus.mixed(bench.megabytes)
    tries = bench.scaled(TRIES, least=8)
    with bench.server(folder, NAME) as server, notebook_kernel(server, corpus.NOTEBOOK) as kernel:
        with shell_client(kernel) as client:
            client.run("print('begin')")
        scene, base = _scene(server)
        yield from _cancel(scene, base, tries)


def _scene(server: JupyterServer) -> tuple[Scene, Traces]:
    """Grow the server's pools to what they keep, so that only what belongs to an export is more."""
    size = download(server, workspace("maximum")).bytes
    route, seconds = prepare(server, **WORKSPACE)
    crowd = [threading.Thread(target=download, args=(server, route)) for _ in range(8)]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join()
    _delete(server, route)
    draw = Random("moments")  # noqa: S311  # the same moments each time
    return Scene(server, draw, seconds, size), settled(server)


def _cancel(scene: Scene, base: Traces, tries: int) -> Iterator[Result]:
    ways: dict[str, Callable[[Scene], Callable[[], object]]] = {
        "while it is prepared": _while_preparing,
        "while it is downloaded": _while_downloading,
        "by leaving a one-shot download": _while_streaming,
        "by loading the page again": _by_reloading,
    }
    taken: dict[str, list[float]] = {way: [] for way in ways}
    late: list[str] = []
    for number in range(tries):
        way = list(ways)[number % len(ways)]
        act = ways[way](scene)
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


def _while_preparing(scene: Scene) -> Callable[[], object]:
    job = scene.server.call("POST", f"{API}/exports", WORKSPACE)
    time.sleep(scene.draw.uniform(0, scene.preparing * 0.9))
    return lambda: _delete(scene.server, f"{API}/exports/{job['id']}")


def _while_downloading(scene: Scene) -> Callable[[], object]:
    route, _ = prepare(scene.server, **WORKSPACE)
    client = _Reader(scene, route)
    return lambda: (_delete(scene.server, route), client.leave())


def _while_streaming(scene: Scene) -> Callable[[], object]:
    return _Reader(scene, workspace("maximum")).leave


def _by_reloading(scene: Scene) -> Callable[[], object]:
    if scene.draw.random() < 0.5:
        scene.server.call("POST", f"{API}/exports", WORKSPACE)
        time.sleep(scene.draw.uniform(0, scene.preparing * 0.9))
        return lambda: _reload(scene.server)
    route, _ = prepare(scene.server, **WORKSPACE)
    client = _Reader(scene, route)
    return lambda: (_reload(scene.server), client.leave())


def _delete(server: JupyterServer, route: str) -> None:
    server.call("DELETE", route.removesuffix("/download"))


def _reload(server: JupyterServer) -> None:
    server.call("POST", f"{API}/clients/{CLIENT}/epoch")


class _Reader:
    """A client that has read up to a random byte and then reads no more."""

    def __init__(self, scene: Scene, route: str) -> None:
        until = scene.draw.randrange(scene.size)
        self._socket = asked(scene.server.port, scene.server.token, route)
        _, body = head_of(self._socket)
        got, buffer = len(body), bytearray(1 << 20)
        while got < until and (count := self._socket.recv_into(buffer)):
            got += count

    def leave(self) -> None:
        self._socket.close()
