"""A client of a kernel's control channel that asks its debugger, one thing at a time."""

from __future__ import annotations

import contextlib
import time
import uuid
from typing import Any

import zmq

from ..channels import Channels
from ..wire import ForgedMessage, MalformedMessage, Wire

FIRST_SEQ = 1_000_000
"""Far from the numbers of those who use the debugger, so that traces can be told apart."""
SEQ_STEP = 10
"""ipykernel asks debugpy with the number that follows."""


class DebugClient:
    """A socket and its replies; used by one thread."""

    def __init__(self, channels: Channels, context: zmq.Context[zmq.Socket[bytes]]) -> None:
        self._socket = channels.control_socket(context)
        self._wire = Wire(channels.key, channels.scheme)
        self._seq = FIRST_SEQ

    def send(self, command: str, arguments: dict[str, Any]) -> str:
        """Send a debug_request; return its msg_id. Raises TimeoutError where nobody takes it."""
        self._seq += SEQ_STEP
        msg_id = uuid.uuid4().hex
        content = {
            "type": "request",
            "seq": self._seq,
            "command": command,
            "arguments": arguments,
        }
        frames = self._wire.request("debug_request", msg_id, content)
        try:
            self._socket.send_multipart(frames, zmq.NOBLOCK)
        except zmq.Again as error:
            raise TimeoutError("the kernel takes no requests") from error
        return msg_id

    def receive(self, msg_id: str, seconds: float) -> dict[str, Any]:
        """Return the body of the answer, {} where it says that it failed. Raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            if not self._socket.poll(max(1, int(left * 1000))):
                break
            with contextlib.suppress(MalformedMessage, ForgedMessage):
                reply = self._wire.read(self._socket.recv_multipart())
                if reply.parent_id == msg_id:
                    return _body(reply.content)
        raise TimeoutError("the debugger did not answer")

    def close(self) -> None:
        self._socket.close()


def _body(content: dict[str, Any]) -> dict[str, Any]:
    body = content.get("body")
    return body if content.get("success", True) and isinstance(body, dict) else {}
