"""A real Jupyter server in the test's own event loop, recorded into a fake sink."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from jupyter_server.serverapp import ServerApp
from jupyter_server.services.kernels.connection.base import (
    deserialize_msg_from_ws_v1,
    serialize_msg_to_ws_v1,
)
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from jupyter_session_export.recording.kernels import KernelWatch
from jupyter_session_export.recording.layouts import V1_PROTOCOL
from jupyter_session_export.recording.notebooks import NotebookWatch
from jupyter_session_export.recording.recorder import Recorder
from jupyter_session_export.recording.websocket import recording_connection
from tests.unit.recording.fake_sink import FakeSink

TOKEN = secrets.token_hex(16)


class RecordedServer:
    def __init__(self, app: ServerApp, recorder: Recorder, sink: FakeSink) -> None:
        self.app = app
        self.recorder = recorder
        self.sink = sink
        self.url = f"127.0.0.1:{app.port}"

    async def api(self, method: str, path: str, body: Any = None) -> Any:
        """Call the REST API as a client does; return the JSON of the answer."""
        response = await AsyncHTTPClient().fetch(
            HTTPRequest(
                f"http://{self.url}/api/{path}",
                method,
                headers={"Authorization": f"token {TOKEN}"},
                body=None if body is None else json.dumps(body),
                allow_nonstandard_methods=True,
                request_timeout=60,
            )
        )
        return json.loads(response.body) if response.body else None

    async def open(self, kernel_id: str, protocol: str | None = V1_PROTOCOL) -> KernelSocket:
        """Open a kernel's websocket as JupyterLab does."""
        session = uuid.uuid4().hex
        request = HTTPRequest(
            f"ws://{self.url}/api/kernels/{kernel_id}/channels?session_id={session}",
            headers={"Authorization": f"token {TOKEN}"},
        )
        protocols = [protocol] if protocol else None
        socket = await websocket_connect(request, subprotocols=protocols)
        assert socket.selected_subprotocol == protocol
        return KernelSocket(socket, session, protocol)


class KernelSocket:
    """A client of one kernel over one websocket."""

    def __init__(
        self, socket: WebSocketClientConnection, session: str, protocol: str | None
    ) -> None:
        self.session = session
        self._socket = socket
        self._protocol = protocol

    async def execute(self, code: str, **options: Any) -> str:
        """Send a request and return its msg_id."""
        msg_id = options.pop("msg_id", None) or uuid.uuid4().hex
        date = options.pop("date", "2026-01-01T00:00:00.000000Z")
        message = {
            "header": {
                "msg_id": msg_id,
                "msg_type": "execute_request",
                "session": self.session,
                "username": "forged",
                "date": date,
                "version": "5.3",
            },
            "parent_header": {},
            "metadata": options.pop("metadata", {}),
            "content": {
                "code": code,
                "silent": False,
                "store_history": True,
                "user_expressions": {},
                "allow_stdin": False,
                "stop_on_error": True,
                **options,
            },
        }
        if self._protocol:
            packed = serialize_msg_to_ws_v1(
                message, "shell", lambda part: json.dumps(part).encode()
            )
            await self._socket.write_message(packed, binary=True)
        else:
            await self._socket.write_message(json.dumps({**message, "channel": "shell"}))
        return msg_id

    async def replies(self, *msg_ids: str) -> list[dict[str, Any]]:
        """Wait for the execute_reply to each request."""
        found: dict[str, dict[str, Any]] = {}
        while len(found) < len(msg_ids):
            raw = await asyncio.wait_for(self._socket.read_message(), 60)
            assert raw is not None
            msg_type, parent, content = self._read(raw)
            if msg_type == "execute_reply" and parent in msg_ids:
                found[parent] = content
        return [found[msg_id] for msg_id in msg_ids]

    async def started(self, msg_id: str) -> None:
        """Wait until the kernel has printed something for a request."""
        while True:
            raw = await asyncio.wait_for(self._socket.read_message(), 60)
            assert raw is not None
            msg_type, parent, _ = self._read(raw)
            if msg_type == "stream" and parent == msg_id:
                return

    async def run(self, code: str, **options: Any) -> dict[str, Any]:
        """Execute and wait for the reply."""
        return (await self.replies(await self.execute(code, **options)))[0]

    def close(self) -> None:
        self._socket.close()

    def _read(self, raw: str | bytes) -> tuple[str, str, dict[str, Any]]:
        if self._protocol:
            assert isinstance(raw, bytes)
            _, parts = deserialize_msg_from_ws_v1(raw)
            header, parent, _, content = (json.loads(part) for part in parts[:4])
        else:
            document = json.loads(raw)
            header, parent = document["header"], document["parent_header"]
            content = document["content"]
        return header["msg_type"], parent.get("msg_id", ""), content


@contextlib.asynccontextmanager
async def recorded_server(
    folder: Path, sink: FakeSink, **config: Any
) -> AsyncIterator[RecordedServer]:
    """Run a server whose every kernel is recorded into the sink."""
    root = folder / "root"
    root.mkdir()
    app = ServerApp(
        root_dir=str(root), port=0, ip="127.0.0.1", allow_root=True, open_browser=False, **config
    )
    app.init_signal = lambda: None
    app.initialize(argv=[f"--IdentityProvider.token={TOKEN}"], find_extensions=False)
    app.start_app()
    recorder = Recorder(app.log)
    recorder.start()
    recorder.attach_session(sink)
    kernels = KernelWatch(app.kernel_manager, recorder, session_for=lambda: sink)
    notebooks = NotebookWatch(app.session_manager, recorder)
    kernels.start()
    notebooks.start()
    settings = app.web_app.settings
    settings["kernel_websocket_connection_class"] = recording_connection(
        settings["kernel_websocket_connection_class"], recorder.kernels, lambda user: None
    )
    try:
        yield RecordedServer(app, recorder, sink)
    finally:
        for kernel_id in app.kernel_manager.list_kernel_ids():
            await app.kernel_manager.shutdown_kernel(kernel_id, now=True)
        notebooks.stop()
        await kernels.stop()
        await recorder.aclose()
        app.http_server.stop()
        await app._cleanup()
        app.kernel_manager.context.destroy(linger=0)
