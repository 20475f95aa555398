"""A person at a debugger, as JupyterLab is one: over the websocket, one request at a time."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

from .kernel_socket import KernelSocket, Run

INITIALIZE = {
    "clientID": "jupyterlab",
    "clientName": "JupyterLab",
    "adapterID": "",
    "pathFormat": "path",
    "linesStartAt1": True,
    "columnsStartAt1": True,
    "supportsVariableType": True,
    "supportsVariablePaging": True,
    "supportsRunInTerminalRequest": True,
    "locale": "en",
}


class DebugSocket(KernelSocket):
    """Asks the debugger, and keeps the events that come meanwhile."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.events: list[dict[str, Any]] = []
        self._seq = 0
        self._run: Run | None = None

    def ask(self, command: str, **arguments: Any) -> dict[str, Any]:
        """Return the answer to a debug_request."""
        msg_id = self.send(command, **arguments)
        while True:
            message = self._next()
            if message["parent_header"].get("msg_id") == msg_id and message["channel"] == "control":
                content: dict[str, Any] = message["content"]
                return content

    def send(self, command: str, **arguments: Any) -> str:
        """Send a debug_request and don't wait; return its msg_id."""
        self._seq += 1
        header = {
            "msg_id": uuid.uuid4().hex,
            "msg_type": "debug_request",
            "username": "someone",
            "session": self.session,
            "date": "2026-01-01T00:00:00.000000Z",
            "version": "5.4",
        }
        content = {
            "type": "request",
            "seq": self._seq,
            "command": command,
            "arguments": arguments,
        }
        message = {
            "channel": "control",
            "header": header,
            "parent_header": {},
            "metadata": {},
            "content": content,
            "buffers": [],
        }
        self._socket.send(json.dumps(message))
        return header["msg_id"]

    def start(self) -> None:
        """Begin to debug."""
        for answer in (self.ask("initialize", **INITIALIZE), self.ask("attach")):
            assert answer["success"], answer

    def break_at(self, code: str, *lines: int, **more: Any) -> str:
        """Set breakpoints in a cell; return the file that stands for it."""
        path: str = self.ask("dumpCell", code=code)["body"]["sourcePath"]
        breakpoints = [{"line": line, **more} for line in lines]
        answer = self.ask("setBreakpoints", source={"path": path}, breakpoints=breakpoints)
        assert answer["success"], answer
        return path

    def await_event(self, name: str) -> dict[str, Any]:
        """Return the next event of this name; those before it are forgotten."""
        while True:
            while self.events:
                event = self.events.pop(0)
                if event["event"] == name:
                    return event
            self._next()

    def look(self, thread_id: int) -> None:
        """Ask what JupyterLab asks at each stop."""
        frames = self.ask("stackTrace", threadId=thread_id)["body"]["stackFrames"]
        for scope in self.ask("scopes", frameId=frames[0]["id"])["body"]["scopes"]:
            self.ask("variables", variablesReference=scope["variablesReference"])

    def step(self, command: str, thread_id: int) -> float:
        """Step; return the seconds until the debugger has taken the order."""
        began = time.perf_counter()
        answer = self.ask(command, threadId=thread_id)
        assert answer["success"], answer
        return time.perf_counter() - began

    def end_of(self, run: Run) -> Run:
        """Receive until a run is over."""
        while not (run.idle and run.reply is not None):
            self._next()
        return run

    def submit(self, *args: Any, **options: Any) -> Run:
        """Send an execute request; its end is noticed whatever is waited for."""
        self._run = super().submit(*args, **options)
        return self._run

    def _next(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(self._socket.recv())
        if message["msg_type"] == "debug_event":
            self.events.append(message["content"])
        if self._run is not None:
            self._take(message, self._run)
        return message

    def _take(self, message: dict[str, Any], run: Run) -> None:
        if message["parent_header"].get("msg_id") != run.msg_id:
            return
        if message["channel"] == "shell":
            run.reply = message["content"]
        elif message["content"].get("execution_state") == "idle":
            run.idle = True
