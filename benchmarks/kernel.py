"""A kernel behind a server, driven as a front end drives it, or by a client on its own sockets."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psutil
import websocket
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_server.services.kernels.connection.base import (
    deserialize_msg_from_ws_v1,
    serialize_msg_to_ws_v1,
)

from .server import HOST, JupyterServer

PROTOCOL = "v1.kernel.websocket.jupyter.org"
"""What JupyterLab speaks."""
RUNS_WITHIN = 300.0


@dataclass(frozen=True, slots=True)
class Kernel:
    """A kernel of a notebook's session on a server."""

    server: JupyterServer
    id: str
    session: str

    @property
    def process(self) -> psutil.Process:
        return self.server.kernel_process(self.id)


@contextmanager
def notebook_kernel(server: JupyterServer, path: str) -> Iterator[Kernel]:
    """Start a kernel for a notebook; end it afterwards."""
    body = {
        "path": path,
        "name": path.rpartition("/")[2],
        "type": "notebook",
        "kernel": {"name": "python3"},
    }
    model = server.call("POST", "/api/sessions", body)
    try:
        yield Kernel(server, model["kernel"]["id"], model["id"])
    finally:
        server.call("DELETE", f"/api/sessions/{model['id']}")


@contextmanager
def front_end(kernel: Kernel) -> Iterator[FrontEnd]:
    """Connect by websocket, as a page does."""
    session = uuid.uuid4().hex
    socket = websocket.create_connection(
        f"ws://{HOST}:{kernel.server.port}/api/kernels/{kernel.id}/channels?session_id={session}",
        header=[f"Authorization: token {kernel.server.token}"],
        subprotocols=[PROTOCOL],
        timeout=RUNS_WITHIN,
        skip_utf8_validation=True,
    )
    try:
        yield FrontEnd(socket, session)
    finally:
        socket.close()


class FrontEnd:
    """One page's connection to a kernel."""

    def __init__(self, socket: websocket.WebSocket, session: str) -> None:
        self._socket = socket
        self._session = session

    def run(self, code: str) -> float:
        """Run a cell; return the seconds until its reply came. Raises RuntimeError, TimeoutError.

        Outputs may still come afterwards, or, in a flood, be dropped on the way to a page
        together with the status that ends them.
        """
        message_id = uuid.uuid4().hex
        began = time.perf_counter()
        self._socket.send_binary(self._request(message_id, code))
        while not self._is_reply(message_id):
            if time.perf_counter() - began > RUNS_WITHIN:
                raise TimeoutError(f"no reply within {RUNS_WITHIN:.0f} s")
        return time.perf_counter() - began

    def _request(self, message_id: str, code: str) -> bytes:
        message = {
            "header": {
                "msg_id": message_id,
                "msg_type": "execute_request",
                "username": "",
                "session": self._session,
                "date": time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime()),
                "version": "5.3",
            },
            "parent_header": {},
            "metadata": {"cellId": message_id},
            "content": {
                "code": code,
                "silent": False,
                "store_history": True,
                "user_expressions": {},
                "allow_stdin": False,
                "stop_on_error": True,
            },
        }
        pack: Any = serialize_msg_to_ws_v1
        packed: bytes = pack(message, "shell", lambda part: json.dumps(part).encode())
        return packed

    def _is_reply(self, message_id: str) -> bool:
        """Tell whether the next message is a request's reply. Raises RuntimeError on an error."""
        data = self._socket.recv()
        if isinstance(data, str):
            raise TypeError(f"the server did not speak {PROTOCOL}")
        unpack: Any = deserialize_msg_from_ws_v1
        _, parts = unpack(data)
        if b'"execute_reply"' not in parts[0] or message_id.encode() not in parts[1]:
            return False
        if json.loads(parts[3])["status"] != "ok":
            raise RuntimeError(f"the cell failed: {parts[3][:500]!r}")
        return True


@contextmanager
def shell_client(kernel: Kernel) -> Iterator[ShellClient]:
    """Connect to the kernel's own shell socket: quick, with no page that takes the outputs."""
    client = BlockingKernelClient()
    client.load_connection_file(str(kernel.server.connection_file(kernel.id)))
    client.start_channels(shell=True, iopub=False, stdin=False, hb=False, control=False)  # noqa: S604
    try:
        yield ShellClient(client)
    finally:
        client.stop_channels()


class ShellClient:
    """Runs cells and waits for their replies only."""

    def __init__(self, client: BlockingKernelClient) -> None:
        self._client = client

    def run(self, code: str) -> None:
        """Run a cell. Raises RuntimeError when it fails."""
        self.run_all([code])

    def run_all(self, codes: list[str]) -> None:
        """Send all cells at once, then wait for all."""
        waiting = {self._client.execute(code) for code in codes}
        while waiting:
            reply: dict[str, Any] = self._client.get_shell_msg(timeout=RUNS_WITHIN)
            if reply["content"].get("status") != "ok":
                raise RuntimeError(f"a cell failed: {reply['content']}")
            waiting.discard(reply["parent_header"].get("msg_id"))
