"""A client that reads a response and throws it away, at full or limited speed."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from .server import HOST, JupyterServer

BUFFER_BYTES = 1024 * 1024
SLOW_BUFFER_BYTES = 64 * 1024
TIMEOUT = 600.0


@dataclass(frozen=True, slots=True)
class Download:
    """Seconds to the first byte of the body and to the end; bytes on the wire."""

    first_byte: float
    seconds: float
    bytes: int


def download(server: JupyterServer, path: str) -> Download:
    """Fetch and discard as fast as loopback goes. Raises RuntimeError unless it came whole."""
    began = time.perf_counter()
    with _asked(server, path, BUFFER_BYTES) as client:
        head, body = _head(client)
        first = time.perf_counter() - began
        received, tail = _discard(client, body)
        seconds = time.perf_counter() - began
    _check_whole(path, head, received, tail)
    return Download(first, seconds, received)


def download_slowly(
    server: JupyterServer, path: str, bytes_per_second: float, at_most_seconds: float
) -> Download:
    """Fetch at a limited speed; go away after `at_most_seconds`."""
    began = time.perf_counter()
    with _asked(server, path, SLOW_BUFFER_BYTES) as client:
        _, body = _head(client)
        first = time.perf_counter() - began
        received = len(body)
        buffer = bytearray(SLOW_BUFFER_BYTES)
        while time.perf_counter() - began < at_most_seconds:
            time.sleep(max(0.0, began + first + received / bytes_per_second - time.perf_counter()))
            count = client.recv_into(buffer)
            if not count:
                break
            received += count
    return Download(first, time.perf_counter() - began, received)


def save(server: JupyterServer, path: str, target: Path) -> int:
    """Fetch into a file; return its size. Raises RuntimeError for a refusal."""
    connection = HTTPConnection(HOST, server.port, timeout=TIMEOUT)
    try:
        connection.request("GET", path, headers=server.headers)
        response = connection.getresponse()
        if response.status != 200:
            raise RuntimeError(f"GET {path}: {response.status} {response.read(500)!r}")
        with target.open("wb") as file:
            for chunk in _chunks(response):
                file.write(chunk)
    finally:
        connection.close()
    return target.stat().st_size


def _chunks(response: object) -> Iterator[bytes]:
    read = response.read  # type: ignore[attr-defined]  # HTTPResponse, whose stub hides read(n)
    while chunk := read(BUFFER_BYTES):
        yield chunk


def _asked(server: JupyterServer, path: str, buffer_bytes: int) -> socket.socket:
    """Return a socket on which a request was sent whose end is the end of the connection."""
    client = socket.socket()
    # A large window would let a slow client take much of a small response at once.
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer_bytes)
    client.settimeout(TIMEOUT)
    client.connect((HOST, server.port))
    request = (
        f"GET {path} HTTP/1.1\r\nHost: {HOST}:{server.port}\r\n"
        f"Authorization: token {server.token}\r\nConnection: close\r\n\r\n"
    )
    client.sendall(request.encode())
    return client


def _head(client: socket.socket) -> tuple[str, bytes]:
    """Return the header and what came of the body with it, which is at least one byte."""
    got = b""
    while (at := got.find(b"\r\n\r\n")) < 0 or len(got) == at + 4:
        piece = client.recv(BUFFER_BYTES)
        if not piece:
            raise RuntimeError(f"the connection ended early: {got[:500]!r}")
        got += piece
    return got[:at].decode("latin-1"), got[at + 4 :]


def _discard(client: socket.socket, body: bytes) -> tuple[int, bytes]:
    """Return the length of the body and its last bytes."""
    received, tail = len(body), body[-8:]
    buffer = bytearray(BUFFER_BYTES)
    view = memoryview(buffer)
    while count := client.recv_into(view):
        received += count
        tail = (tail + bytes(view[max(0, count - 8) : count]))[-8:]
    return received, tail


def _check_whole(path: str, head: str, received: int, tail: bytes) -> None:
    status = head.split(None, 2)[1]
    lengths = [
        line.partition(":")[2].strip()
        for line in head.splitlines()
        if line.lower().startswith("content-length:")
    ]
    whole = received == int(lengths[0]) if lengths else tail.endswith(b"0\r\n\r\n")
    if status != "200" or not whole:
        raise RuntimeError(f"GET {path}: {status}, {received} bytes of {lengths or 'chunks'}")
