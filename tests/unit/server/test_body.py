"""The body of a response reaches clients of every kind whole."""

from __future__ import annotations

import asyncio
import socket
import zlib
from http.client import HTTPConnection, IncompleteRead

import pytest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from jupyter_session_export.server.body import Body

HOST = "127.0.0.1"
LARGE = bytes(range(256)) * 1024
BATCHES = [[b"P"], [LARGE, b"small", LARGE[:2048]], [b"x"], [LARGE[7:]]]
WHOLE = b"".join(b"".join(batch) for batch in BATCHES)


class Sender(RequestHandler):
    """Sends the batches, with or without saying how long they are."""

    def initialize(self, kind: str, cut: bool) -> None:
        self._kind = kind
        self._cut = cut

    async def get(self, length: str) -> None:
        self.set_header("Content-Type", self._kind)
        if length:
            self.set_header("Content-Length", length)
        body = Body(self)
        for batch in BATCHES:
            body.begin(sum(map(len, batch)))
            for piece in batch:
                await body.write(piece)
            if self._cut and len(batch) > 1:
                self.request.connection.stream.close()  # type: ignore[union-attr]
                return
        body.end()


def answer(
    path: str, headers: dict[str, str], kind: str = "application/zip", *, cut: bool = False
) -> tuple[dict[str, str], bytes]:
    """Return the headers and the body that an HTTP/1.1 client gets."""

    def get(port: int) -> tuple[dict[str, str], bytes]:
        connection = HTTPConnection(HOST, port, timeout=10)
        try:
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            return dict(response.getheaders()), response.read()
        finally:
            connection.close()

    return asyncio.run(served(get, kind, cut=cut))


async def served(get, kind: str, *, cut: bool = False):  # type: ignore[no-untyped-def]
    rules = [("/([0-9]*)", Sender, {"kind": kind, "cut": cut})]
    server = HTTPServer(Application(rules, compress_response=True))
    sockets = bind_sockets(0, HOST)
    server.add_sockets(sockets)
    try:
        return await asyncio.to_thread(get, sockets[0].getsockname()[1])
    finally:
        server.stop()
        await server.close_all_connections()


def test_chunks_come_whole() -> None:
    """Without a length the pieces of a batch are one chunk, and come back to the byte."""
    headers, body = answer("/", {})
    assert headers["Transfer-Encoding"] == "chunked"
    assert body == WHOLE


def test_a_length_is_kept() -> None:
    """With a length nothing is framed."""
    headers, body = answer(f"/{len(WHOLE)}", {})
    assert "Transfer-Encoding" not in headers
    assert body == WHOLE


def test_what_is_encoded_passes_the_transforms() -> None:
    """A response that tornado compresses isn't written past it."""
    headers, body = answer("/", {"Accept-Encoding": "gzip"}, "text/plain")
    assert headers["Content-Encoding"] == "gzip"
    assert zlib.decompress(body, 31) == WHOLE


def test_an_old_client_gets_no_frames() -> None:
    """HTTP/1.0 knows no chunks: the body ends with the connection."""

    def get(port: int) -> bytes:
        with socket.create_connection((HOST, port), timeout=10) as client:
            client.sendall(b"GET / HTTP/1.0\r\n\r\n")
            return b"".join(iter(lambda: client.recv(65536), b""))

    assert asyncio.run(served(get, "application/zip")).partition(b"\r\n\r\n")[2] == WHOLE


def test_a_cut_is_seen() -> None:
    """A body that is cut inside of a chunk is not taken for whole."""
    with pytest.raises(IncompleteRead):
        answer("/", {}, cut=True)
