"""A kernel's channels over a websocket that is kept, and taken up again where it breaks."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import struct
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import unquote, urlsplit

import websocket

from ...client.access import Access
from ...client.transport import pinned
from ...errors import ServerUnreachable
from ...records.times import now, to_iso

CONNECT_SECONDS = 10.0
FIRST_SECONDS = 60.0
"""A server may answer only when the kernel has started."""
PING_SECONDS = 30.0
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0
AGAIN_SECONDS = 30.0
"""How long a connection that broke is taken up again: the server keeps what comes meanwhile."""

Document = Mapping[str, Any]
Errors = (OSError, websocket.WebSocketException)


class ChannelsSocket:
    """Reads in a thread of its own; `take` and `lost` are called on the event loop."""

    def __init__(
        self,
        access: Access,
        kernel_id: str,
        take: Callable[[Document], None],
        lost: Callable[[Exception], None],
    ) -> None:
        self.client = uuid.uuid4().hex
        self.lost = True
        """Whether there is no connection, and none is tried for any more."""
        self._access, self._kernel_id = access, kernel_id
        self._take, self._lost = take, lost
        self._loop = asyncio.get_running_loop()
        self._closing = threading.Event()
        self._socket: websocket.WebSocket | None = None
        self._thread = threading.Thread(target=self._read, name="session-export-ws", daemon=True)

    async def open(self) -> None:
        """Connect. Raises ServerUnreachable."""
        try:
            self._socket = await asyncio.to_thread(self._connect, FIRST_SECONDS)
        except Errors as error:
            raise self._unreachable(error) from error
        self.lost = False
        self._thread.start()

    async def send(
        self, msg_type: str, msg_id: str, content: Document, channel: str = "shell"
    ) -> None:
        """Send a request. Raises ServerUnreachable."""
        document = {
            "header": {
                "msg_id": msg_id,
                "msg_type": msg_type,
                "username": "session_export",
                "session": self.client,
                "date": to_iso(now()),
                "version": "5.3",
            },
            "parent_header": {},
            "metadata": {},
            "content": content,
            "channel": channel,
        }
        text = json.dumps(document)
        connection = self._socket
        try:
            if connection is None:
                raise websocket.WebSocketConnectionClosedException
            await asyncio.to_thread(connection.send, text)
        except Errors as error:
            raise self._unreachable(error) from error

    async def close(self) -> None:
        """Close the connection and join the thread."""
        self._closing.set()
        if self._socket is not None and self._socket.sock is not None:
            # That wakes the thread; closing alone would not.
            with suppress(*Errors):
                self._socket.sock.shutdown(socket.SHUT_RDWR)
        if self._thread.is_alive():
            await asyncio.to_thread(self._thread.join, CONNECT_SECONDS)

    def _connect(self, seconds: float = CONNECT_SECONDS) -> websocket.WebSocket:
        url = urlsplit(self._access.url)
        scheme = {"https": "wss"}.get(url.scheme, "ws")
        unix = unquote(url.netloc) if url.scheme == "http+unix" else None
        host = "localhost" if unix else url.netloc
        path = f"{url.path.rstrip('/')}/api/kernels/{self._kernel_id}/channels"
        options: dict[str, Any] = {}
        if unix:
            options["socket"] = _unix_socket(unix)
        if self._access.certificate:
            options["sslopt"] = {"context": pinned(self._access.certificate)}
        elif scheme == "wss":
            options["sslopt"] = {"context": ssl.create_default_context()}
        return websocket.create_connection(
            f"{scheme}://{host}{path}?session_id={self.client}",
            timeout=seconds,
            header=self._access.headers,
            http_no_proxy=["*"],
            **options,
        )

    def _read(self) -> None:
        while not self._closing.is_set():
            try:
                self._receive()
            except Errors as error:
                if not self._closing.is_set():
                    self._take_up(error)
        self._drop()

    def _receive(self) -> None:
        connection = self._socket
        if connection is None:
            return
        connection.settimeout(PING_SECONDS)
        try:
            data = connection.recv()
        except websocket.WebSocketTimeoutException:
            connection.ping()
            return
        if not data:
            raise websocket.WebSocketConnectionClosedException
        document = _document(data)
        if document is not None:
            self._call(self._take, document)

    def _take_up(self, error: Exception) -> None:
        """Connect again, as the same client; or tell that there is no way."""
        self._drop()
        until, pause = time.monotonic() + AGAIN_SECONDS, FIRST_PAUSE
        while time.monotonic() < until and not self._closing.wait(pause):
            try:
                self._socket = self._connect()
                return
            except websocket.WebSocketBadStatusException as refused:
                error = refused
                break
            except Errors as again:
                error, pause = again, min(LONGEST_PAUSE, 2 * pause)
        if not self._closing.is_set():
            self.lost = True
            self._closing.set()
            self._call(self._lost, self._unreachable(error))

    def _drop(self) -> None:
        connection, self._socket = self._socket, None
        if connection is not None:
            with suppress(*Errors):
                connection.close(timeout=0)

    def _call(self, handle: Callable[[Any], None], value: Any) -> None:
        # The loop may have ended before this thread did.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(handle, value)

    def _unreachable(self, error: Exception) -> ServerUnreachable:
        return ServerUnreachable(
            f"The kernel at {self._access.url} can't be reached ({error or type(error).__name__}).",
            "It may have been shut down, or the server with it.",
        )


def _unix_socket(path: str) -> Any:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(CONNECT_SECONDS)
    connection.connect(path)
    return connection


def _document(data: str | bytes) -> Document | None:
    """Read a message; one with buffers has its JSON as the first of them, behind their offsets."""
    if isinstance(data, bytes):
        (count,) = struct.unpack_from("!i", data)
        offsets = struct.unpack_from(f"!{count}i", data, 4)
        end = offsets[1] if count > 1 else len(data)
        data = data[offsets[0] : end].decode("utf-8", "surrogateescape")
    document = json.loads(data)
    return document if isinstance(document, dict) else None
