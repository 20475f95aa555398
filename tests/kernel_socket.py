"""A client of a kernel through its server's websocket, as a front end is one."""

from __future__ import annotations

import contextlib
import json
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import httpx
import websocket

from .servers import RunningServer

SECONDS = 60.0
ASK_AGAIN_SECONDS = 0.5


@dataclass
class Run:
    """One execute request and what came of it, in order."""

    msg_id: str
    messages: list[dict[str, Any]] = field(default_factory=list)
    reply: dict[str, Any] | None = None
    idle: bool = False

    def take(self, message: dict[str, Any]) -> None:
        """Take in a message that came of it."""
        if message["channel"] == "shell":
            self.reply = message["content"]
        elif message["channel"] == "iopub":
            self.messages.append(message)
            self.idle = self.idle or message["content"].get("execution_state") == "idle"

    def shown(self) -> list[dict[str, Any]]:
        """Return the content of everything that is displayed, updates too."""
        kinds = ("display_data", "update_display_data", "execute_result")
        return [m["content"] for m in self.messages if m["msg_type"] in kinds]

    @property
    def failed(self) -> bool:
        """Whether there is a traceback."""
        return bool(self.tracebacks())

    def tracebacks(self) -> list[str]:
        """Return what failed and where."""
        errors = (m["content"] for m in self.messages if m["msg_type"] == "error")
        return ["\n".join(error["traceback"]) for error in errors]

    def stream(self, name: str) -> str:
        """Return all text of `stdout` or `stderr`."""
        return "".join(
            m["content"]["text"]
            for m in self.messages
            if m["msg_type"] == "stream" and m["content"]["name"] == name
        )


class KernelSocket:
    """Runs cells over the legacy JSON protocol."""

    def __init__(
        self, server: RunningServer, kernel_id: str, *, client: httpx.Client | None = None
    ) -> None:
        self.session = uuid.uuid4().hex
        path = f"api/kernels/{kernel_id}/channels?session_id={self.session}"
        self._socket = server.websocket(path, client=client, timeout=SECONDS)

    def __enter__(self) -> KernelSocket:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def submit(self, code: str, *, cell_id: str | None = None, **content: Any) -> Run:
        """Send an execute request and don't wait."""
        run = Run(content.pop("msg_id", None) or uuid.uuid4().hex)
        header = {
            "msg_id": run.msg_id,
            "msg_type": "execute_request",
            "username": "someone",
            "session": self.session,
            "date": content.pop("date", "2026-01-01T00:00:00.000000Z"),
            "version": "5.4",
            **content.pop("header", {}),
        }
        request = {
            "code": content.pop("sent", code),
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": True,
            **content,
        }
        message = {
            "channel": "shell",
            "header": header,
            "parent_header": {},
            "metadata": {"cellId": cell_id} if cell_id else {},
            "content": request,
            "buffers": [],
        }
        self._socket.send(json.dumps(message))
        return run

    def ask(self, msg_type: str, **content: Any) -> dict[str, Any]:
        """Send a request on control and return the reply's content."""
        msg_id = self._request(msg_type, **content)
        while True:
            answer = json.loads(self._socket.recv())
            mine = (answer["parent_header"] or {}).get("msg_id") == msg_id
            if mine and answer["channel"] == "control":
                return dict(answer["content"])

    def _request(self, msg_type: str, **content: Any) -> str:
        """Send a request on control; return its id."""
        msg_id = uuid.uuid4().hex
        header = {"msg_id": msg_id, "msg_type": msg_type, "session": self.session}
        header |= {"username": "someone", "date": "2026-01-01T00:00:00Z", "version": "5.4"}
        message = {"channel": "control", "header": header, "parent_header": {}, "metadata": {}}
        self._socket.send(json.dumps({**message, "content": content, "buffers": []}))
        return msg_id

    def listen(self) -> KernelSocket:
        """Wait until what the kernel publishes is heard.

        A new socket hears it at once, as its server has waited for that already; but not where
        the server takes the kernel for busy, as it does after a restart in the middle of a cell.
        """
        asked: set[str] = set()
        self._socket.settimeout(ASK_AGAIN_SECONDS)
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            asked.add(self._request("kernel_info_request"))
            with contextlib.suppress(websocket.WebSocketTimeoutException):
                while True:
                    told = json.loads(self._socket.recv())
                    mine = (told["parent_header"] or {}).get("msg_id") in asked
                    if mine and told["channel"] == "iopub":
                        self._socket.settimeout(SECONDS)
                        return self
        raise AssertionError(f"nothing was heard in {SECONDS} s")

    def finish(self, run: Run) -> Run:
        """Receive until the kernel has replied to a run and is idle again."""
        while not (run.idle and run.reply is not None):
            self.receive(run)
        return run

    def await_print(self, run: Run, text: str = "") -> None:
        """Receive until a run has printed something that holds a text."""
        while not (run.stream("stdout") and text in run.stream("stdout")):
            self.receive(run)

    def receive(self, run: Run) -> None:
        """Take in one message."""
        message = json.loads(self._socket.recv())
        if (message["parent_header"] or {}).get("msg_id") == run.msg_id:
            run.take(message)

    def run(self, code: str, *, cell_id: str | None = None, **content: Any) -> Run:
        """Run a cell to its end."""
        return self.finish(self.submit(code, cell_id=cell_id, **content))
