"""What is said over a local kernel's shell and iopub channels, on one event loop."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import zmq

from ...recording.channels import Channels
from ...recording.wire import ForgedMessage, MalformedMessage, Message, Wire
from ..link import Hear, Heard
from ..pending import Asked, Pending

MESSAGES_AT_ONCE = 200
"""After so many the loop has its turn."""
HELLO_SECONDS = 0.1


class Conversation:
    """Sockets to one kernel that never drop a message."""

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]], channels: Channels) -> None:
        self.client = uuid.uuid4().hex
        self.pending = Pending()
        self.running: set[str] = set()
        """The executions that the kernel works on, whoever has asked for them, by their msg_id."""
        self._loop = asyncio.get_running_loop()
        self._wire = Wire(channels.key, channels.scheme)
        self._shell = channels.shell_socket(context)
        self._iopub = channels.subscribe(context.socket(zmq.SUB))
        self._info: asyncio.Future[dict[str, Any]] = self._loop.create_future()
        self._heard = False
        self._listeners = (
            (self._shell, self._take_reply),
            (self._iopub, self._take_published),
        )
        for socket, take in self._listeners:
            self._loop.add_reader(_descriptor(socket), self._drain, socket, take)

    async def greet(self) -> dict[str, Any]:
        """Return the kernel's info once both channels have been heard."""
        while not (self._heard and self._info.done()):
            self._send("kernel_info_request", uuid.uuid4().hex, {})
            await asyncio.wait({self._info}, timeout=HELLO_SECONDS)
            if self._info.done() and not self._heard:
                await asyncio.sleep(HELLO_SECONDS / 10)
        return self._info.result()

    def ask(self, msg_id: str, content: Mapping[str, Any], hear: Hear) -> Asked:
        """Request an execution."""
        asked = self.pending.add(msg_id, hear)
        self._send("execute_request", msg_id, dict(content))
        return asked

    def close(self) -> None:
        for socket, _ in self._listeners:
            if not socket.closed:
                self._loop.remove_reader(_descriptor(socket))
                socket.close(linger=0)
        self.pending.close()
        self._info.cancel()

    def _send(self, msg_type: str, msg_id: str, content: dict[str, Any]) -> None:
        frames = self._wire.request(msg_type, msg_id, content, self.client)
        self._shell.send_multipart(frames)
        # Sending may take up the edge by which a socket says that it can be read.
        self._loop.call_soon(self._drain, self._shell, self._take_reply)

    def _drain(
        self, socket: zmq.Socket[bytes], take: Callable[[Message, list[bytes]], None]
    ) -> None:
        """Take what has come: the descriptor tells once, and not again for what is left."""
        for _ in range(MESSAGES_AT_ONCE):
            if socket.closed:
                return
            try:
                frames = socket.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return
            try:
                message = self._wire.read(frames)
            except (MalformedMessage, ForgedMessage):
                continue
            take(message, frames)
        self._loop.call_soon(self._drain, socket, take)

    def _take_reply(self, message: Message, frames: list[bytes]) -> None:
        if message.type == "kernel_info_reply" and not self._info.done():
            self._info.set_result(self._wire.read_content(frames))
        elif message.type == "execute_reply":
            self.pending.replied(message.parent_id, message.content)

    def _take_published(self, message: Message, _: list[bytes]) -> None:
        self._heard = True
        if message.type == "status" and message.of_execution:
            begins = message.content.get("execution_state") == "busy"
            (self.running.add if begins else self.running.discard)(message.parent_id)
        heard = Heard(message.type, message.content, message.metadata)
        self.pending.published(message.parent_id, heard)


def _descriptor(socket: zmq.Socket[bytes]) -> int:
    return int(socket.getsockopt(zmq.FD))
