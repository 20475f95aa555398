"""Exports of several clients and owners don't get in each other's way."""

from __future__ import annotations

import contextlib
import os
import socket
from pathlib import Path

from tests.exporting import prepared
from tests.kernel_socket import KernelSocket
from tests.servers import RunningServer, running_server
from tests.waiting import wait_until

CLIENTS = 20
API = "session-export/api/"


def _stalled(server: RunningServer, path: str) -> socket.socket:
    """Return a client that asks for a file, takes its beginning, and reads no more."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    client.connect(("127.0.0.1", server.port))
    request = (
        f"GET /{API}{path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
        f"Authorization: token {server.token}\r\n\r\n"
    )
    client.sendall(request.encode())
    assert client.recv(4096).startswith(b"HTTP/1.1 200")
    return client


def test_clients_that_read_slowly_hold_no_thread(tmp_path: Path) -> None:
    """While 20 of them stall, another one gets all of it at once."""
    with running_server(tmp_path) as server, contextlib.ExitStack() as stack:
        (server.root / "film.mp4").write_bytes(os.urandom(20_000_000))
        with KernelSocket(server, server.start_kernel()) as kernel:
            kernel.run("1")
        job = prepared(server, include=["workspace"])
        path = f"exports/{job['id']}/download"
        for _ in range(CLIENTS):
            stack.enter_context(_stalled(server, path))
        wait_until(lambda: server.api("GET", "clients").json()["workers"]["sending"] == 0)
        assert server.api("GET", f"exports/{job['id']}").json()["transfers"] == CLIENTS
        assert len(server.api("GET", path).content) == job["bytes"]


def test_an_owner_with_many_exports_leaves_room_for_others(tmp_path: Path) -> None:
    """However many another has under way, one's own begins at once."""
    arguments = ["--SessionExport.owner_mode=identity", "--SessionExport.max_exports=40"]
    with (
        running_server(tmp_path, arguments=arguments) as server,
        server.browser() as ada,
        server.browser() as bob,
    ):
        with (server.root / "zero.bin").open("wb") as file:
            file.truncate(50 * 1024**3)
        for client in (ada, bob):
            kernel_id = server.start_kernel(client=client)
            with KernelSocket(server, kernel_id, client=client) as kernel:
                kernel.run("1")
        body = {"include": ["workspace"]}
        jobs = [ada.post(f"{API}exports", json=body).json()["id"] for _ in range(20)]
        wait_until(lambda: ada.get(f"{API}clients").json()["workers"]["waiting"] > 0)
        mine = bob.post(f"{API}exports", json={"include": ["executions"]}).json()["id"]
        wait_until(lambda: bob.get(f"{API}exports/{mine}").json()["state"] == "ready")
        told = [ada.get(f"{API}exports/{job}").json() for job in jobs]
        assert {job["state"] for job in told} == {"preparing"}
        for job in jobs:
            ada.delete(f"{API}exports/{job}")
