"""Running a notebook's cells as a browser does: over the server's kernel websocket."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import nbformat
from demo_server import DemoServer, ServerFailed
from websocket import WebSocket, WebSocketException, create_connection

CELL_SECONDS = 120


class CellFailed(Exception):
    """A cell ended in another way than it should."""


def run_notebook(server: DemoServer, path: Path, say: Callable[[str], object]) -> int:
    """Run all code cells in a new kernel; return how many. Raises CellFailed or ServerFailed."""
    notebook = nbformat.read(path, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    kernel_id = _start(server, path.name)
    session = uuid.uuid4().hex
    channels = f"api/kernels/{kernel_id}/channels?session_id={session}"
    try:
        connection = create_connection(
            server.url.replace("http", "ws", 1) + channels,
            CELL_SECONDS,
            header=[f"Authorization: token {server.token}"],
        )
        for cell in cells:
            _run(connection, session, cell)
            say(f"  {cell.id}")
        connection.close()
    except (OSError, WebSocketException) as error:
        raise ServerFailed(f"The kernel's connection broke: {error}.") from error
    return len(cells)


def _start(server: DemoServer, name: str) -> str:
    body = {"path": name, "name": name, "type": "notebook", "kernel": {"name": "python3"}}
    with server.http() as http:
        answer = http.post("api/sessions", json=body)
    if not answer.is_success:
        raise ServerFailed(f"The server starts no kernel: {answer.text}")
    return str(answer.json()["kernel"]["id"])


def _run(connection: WebSocket, session: str, cell: Any) -> None:
    """Run a cell and wait until the kernel is idle again and has replied."""
    request = _execute_request(session, cell)
    connection.send(json.dumps(request))
    status, idle = None, False
    while status is None or not idle:
        message = _receive(connection)
        if message["parent_header"].get("msg_id") != request["header"]["msg_id"]:
            continue
        if message["msg_type"] == "execute_reply":
            status = message["content"]["status"]
        idle = idle or message["content"].get("execution_state") == "idle"
    wanted = "error" if "raises-exception" in cell.metadata.get("tags", []) else "ok"
    if status != wanted:
        raise CellFailed(f"The cell {cell.id!r} ended with {status!r}, not {wanted!r}.")


def _execute_request(session: str, cell: Any) -> dict[str, Any]:
    return {
        "channel": "shell",
        "header": {
            "msg_id": uuid.uuid4().hex,
            "msg_type": "execute_request",
            "session": session,
            "username": "demo",
            "date": datetime.now(timezone.utc).isoformat(),
            "version": "5.3",
        },
        "parent_header": {},
        "metadata": {"cellId": cell.id},
        "content": {
            "code": cell.source,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": True,
        },
        "buffers": [],
    }


def _receive(connection: WebSocket) -> dict[str, Any]:
    """Return the next message that is JSON; those with buffers are none, and not needed here."""
    while True:
        frame = connection.recv()
        if isinstance(frame, str):
            message: dict[str, Any] = json.loads(frame)
            return message
