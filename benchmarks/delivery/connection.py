"""One request on a bare socket, whose every byte is under control."""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass

from ..server import HOST

TIMEOUT = 600.0
HEAD_BYTES = 64 * 1024
TCP_INFO_BYTES = 192
BYTES_RECEIVED_AT = 128
"""Of `tcpi_bytes_received` in Linux's struct tcp_info (linux/tcp.h), there since 4.1."""


@dataclass(frozen=True, slots=True)
class Head:
    """A response's status and headers, their names in lower case; its size on the wire."""

    status: int
    headers: dict[str, str]
    size: int

    @property
    def length(self) -> int | None:
        text = self.headers.get("content-length")
        return None if text is None else int(text)


def asked(
    port: int,
    token: str,
    path: str,
    *,
    buffer_bytes: int = 1024 * 1024,
    lines: str = "",
    timeout: float = TIMEOUT,
) -> socket.socket:
    """Return a socket on which a GET was sent; `lines` are more headers, each with its CRLF."""
    client = socket.socket()
    # A large window would let a slow client take much of a small response at once.
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer_bytes)
    client.settimeout(timeout)
    client.connect((HOST, port))
    request = (
        f"GET {path} HTTP/1.1\r\nHost: {HOST}:{port}\r\n"
        f"Authorization: token {token}\r\nConnection: close\r\n{lines}\r\n"
    )
    client.sendall(request.encode())
    return client


def head_of(client: socket.socket) -> tuple[Head, bytes]:
    """Return the head and what came of the body with it. Raises ConnectionError."""
    got = b""
    while (at := got.find(b"\r\n\r\n")) < 0:
        piece = client.recv(HEAD_BYTES)
        if not piece:
            raise ConnectionError(f"the connection ended early: {got[:500]!r}")
        got += piece
    first, *lines = got[:at].decode("latin-1").split("\r\n")
    pairs = (line.partition(":")[::2] for line in lines)
    headers = {name.strip().lower(): value.strip() for name, value in pairs}
    return Head(int(first.split()[1]), headers, at + 4), got[at + 4 :]


def bytes_on_the_wire(client: socket.socket) -> int | None:
    """Return what this end's kernel was sent, read or not; None where it doesn't count."""
    option = getattr(socket, "TCP_INFO", None)
    if option is None:
        return None
    told = client.getsockopt(socket.IPPROTO_TCP, option, TCP_INFO_BYTES)
    if len(told) < BYTES_RECEIVED_AT + 8:
        return None
    return int(struct.unpack_from("=Q", told, BYTES_RECEIVED_AT)[0])
