"""A cancelled export is gone within a second, wherever it was."""

from __future__ import annotations

import contextlib
import json
import os
import random
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.exporting import prepared
from tests.kernel_socket import KernelSocket
from tests.servers import RunningServer, running_server
from tests.traces import Traces, seconds_until_gone, tell_stacks

BAR_SECONDS = 1.0
ALL = ["code", "executions", "logs", "recordings", "data", "outputs", "workspace"]
FILM_BYTES = 40_000_000
PREPARING_SECONDS = 2.5
"""At least so long takes what is cancelled here."""

# Each of many attempts waits for its moment.
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server whose session takes long to export, in many ways."""
    with running_server(tmp_path_factory.mktemp("busy"), prepare=tell_stacks) as server:
        _fill(server.root)
        kernel_id = server.start_kernel(path="large.ipynb")
        with KernelSocket(server, kernel_id) as kernel:
            for number in range(30):
                kernel.run(f"print('{number}' * 100_000)")
        with KernelSocket(server, server.start_kernel(path="film/film.ipynb")) as kernel:
            kernel.run("'film'")
        _warm_up(server)
        yield server


def _fill(root: Path) -> None:
    """Make a large notebook, readings, many small files, a film and a file without an end."""
    cells = [
        {"cell_type": "code", "id": f"c{n}", "source": "x" * 1000, "metadata": {}, "outputs": []}
        for n in range(1500)
    ]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (root / "large.ipynb").write_text(json.dumps(notebook))
    (root / "data").mkdir()
    rows = (f"2026-01-01T00:00:00Z,lamp,power,{n}\n" for n in range(50_000))
    (root / "data" / "zigbee-sensors.csv").write_text("time,device,sensor,value\n" + "".join(rows))
    for number in range(3000):
        (root / f"small-{number}.txt").write_text(f"{number} " * 100)
    (root / "film").mkdir()
    (root / "film" / "film.mp4").write_bytes(os.urandom(FILM_BYTES))
    with (root / "zero.bin").open("wb") as file:
        file.truncate(20 * 1024**3)


def _warm_up(server: RunningServer) -> None:
    """Have the server make the threads and load the modules that stay."""
    asking = [
        threading.Thread(target=lambda: server.api("GET", "session/stats")) for _ in range(12)
    ]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    job = prepared(server, include=["code", "executions", "data", "outputs"])
    assert job["state"] == "ready", job
    assert server.api("GET", f"exports/{job['id']}/download").status_code == 200
    server.api("DELETE", f"exports/{job['id']}")


def _quiet(server: RunningServer) -> Traces:
    """Return what is there when nothing is under way: the same for half a second."""
    before, since = Traces.of(server), time.monotonic()
    while time.monotonic() - since < 0.5:
        present = Traces.of(server)
        if present != before:
            before, since = present, time.monotonic()
        time.sleep(0.02)
    return before


class Download:
    """A download that is being read until it is cut."""

    def __init__(self, server: RunningServer, path: str, *, slowly: bool = False) -> None:
        self._pause = 0.01 if slowly else 0.0
        self._socket = socket.create_connection(("127.0.0.1", server.port))
        request = (
            f"GET /session-export/api/{path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
            f"Authorization: token {server.token}\r\nConnection: close\r\n\r\n"
        )
        self._socket.sendall(request.encode())
        self.received = 0
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        with contextlib.suppress(OSError):
            while chunk := self._socket.recv(65536):
                self.received += len(chunk)
                time.sleep(self._pause)  # as a slow line does

    def close(self) -> None:
        """Wait for the server to cut it."""
        self._thread.join(20)
        assert not self._thread.is_alive()
        self._socket.close()


Cancelled = tuple[float, Download | None]
"""When an export was cancelled, and its client, which may not have read what is on its way."""


def _cancel_preparing(server: RunningServer, after: float) -> Cancelled:
    job = server.api("POST", "exports", json={"include": ALL}).json()
    time.sleep(after)
    since = time.monotonic()
    told = server.api("DELETE", f"exports/{job['id']}").json()
    assert told["error"]["code"] == "CANCELLED_BY_USER"
    return since, None


def _cancel_downloading(server: RunningServer, after: float) -> Cancelled:
    job = prepared(server, scope="notebook", path="film/film.ipynb", include=["workspace"])
    assert job["state"] == "ready", job
    assert job["bytes"] > FILM_BYTES
    download = Download(server, f"exports/{job['id']}/download", slowly=True)
    time.sleep(after / 4)
    since = time.monotonic()
    server.api("DELETE", f"exports/{job['id']}")
    return since, download


def _cancel_one_shot(server: RunningServer, after: float) -> Cancelled:
    server.api("POST", "clients/page/epoch")
    include = ",".join(ALL)
    download = Download(server, f"session/download?client_id=page&include={include}")
    time.sleep(after)
    since = time.monotonic()
    while not server.api("POST", "clients/page/epoch").json()["cancelled"]:
        # The request for it is still on its way.
        since = time.monotonic()
    return since, download


WAYS = [_cancel_preparing, _cancel_downloading, _cancel_one_shot]


@pytest.mark.parametrize("tries", [15, pytest.param(50, marks=pytest.mark.soak)])
def test_cancels_at_random_moments_leave_nothing(busy: RunningServer, tries: int) -> None:
    """Within a second there is no thread, no open file, no process and no temporary file."""
    before = _quiet(busy)
    chance = random.Random(4)  # noqa: S311  # moments, not secrets
    took = []
    for attempt in range(tries):
        way = WAYS[attempt % len(WAYS)]
        since, download = way(busy, chance.uniform(0, PREPARING_SECONDS) ** 2 / PREPARING_SECONDS)
        took.append(seconds_until_gone(busy, before, since, BAR_SECONDS))
        print(f"{way.__name__}: gone after {took[-1]:.3f} s")
        if download is not None:
            download.close()
    print(f"at most {max(took):.3f} s, in the middle {sorted(took)[tries // 2]:.3f} s")
    assert busy.api("GET", "clients").json()["workers"]["hanging"] == []
