"""The server answers others while it records a flood and while it sends a large ZIP."""

from __future__ import annotations

import os
from pathlib import Path

from tests.exporting import executions, export
from tests.kernel_socket import KernelSocket
from tests.servers import RunningServer

ANSWERS = 20
FLOOD = """from pathlib import Path
n = 0
while n < 1_000_000 or not Path("enough").exists():
    for n in range(n, n + 10_000):
        print(n)
    n += 1
"""


def test_the_server_answers_during_a_flood_of_prints(server: RunningServer) -> None:
    """A cell prints at least a million lines until it is told to stop; all of them are kept."""
    kernel_id = server.start_kernel(path="flood.ipynb")
    with KernelSocket(server, kernel_id) as kernel, server.client() as client:
        run = kernel.submit(FLOOD)
        kernel.await_print(run)
        for _ in range(ANSWERS):
            assert client.get("api/status").status_code == 200
            assert client.get("session-export/api/session").status_code == 200
        model = client.get(f"api/kernels/{kernel_id}").json()
        assert model["execution_state"] == "busy"
        (server.root / "enough").touch()
        kernel.finish(run)
        last = int(kernel.run("print(n)").stream("stdout"))
    archive = export(server, scope="notebook", path="flood.ipynb")
    flood = executions(archive)[0]
    printed = archive.read(f"{flood['folder']}/stdout.txt")
    assert printed == "".join(f"{n}\n" for n in range(last)).encode()
    assert flood["truncated"] is False
    assert server.api("GET", "session").json()["recording"]["state"] == "on"


def test_the_server_answers_while_it_sends_a_large_zip(server: RunningServer) -> None:
    """The client takes a piece at a time, and between two of them others get their answers."""
    server.start_kernel(path="large.ipynb")
    size = 96 * 1024 * 1024
    _write_noise(server.root / "noise.bin", size)
    query = {"include": "workspace", "compression": "fast"}
    received = 0
    path = "session-export/api/session/download"
    with (
        server.client() as client,
        server.client() as other,
        client.stream("GET", path, params=query) as zipped,
    ):
        assert zipped.status_code == 200
        for piece in zipped.iter_raw(4 * 1024 * 1024):
            # So much is still to come that the server can't have sent it all.
            if received < size // 2:
                assert other.get("api/status").status_code == 200
            received += len(piece)
    assert received > size


def _write_noise(path: Path, size: int) -> None:
    with path.open("wb") as file:
        for _ in range(size // 2**20):
            file.write(os.urandom(2**20))
