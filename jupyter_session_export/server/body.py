"""The body of a response on its way out, without being copied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tornado.http1connection import HTTP1Connection

if TYPE_CHECKING:
    from tornado.iostream import IOStream
    from tornado.web import RequestHandler


class Body:
    """Writes the body of a response; its headers go with the first piece.

    tornado copies twice what it sends in chunks (RFC 9112, 7.1), on the event loop. Here
    several pieces are one chunk, whose frame is written around them, so that they are sent
    from where they lie. The last chunk, the empty one, is `RequestHandler.finish`'s.
    """

    def __init__(self, handler: RequestHandler) -> None:
        self._handler = handler
        self._stream: IOStream | None = None
        self._ending = b""
        """The last chunk's; a write for it alone would cost as much as a large piece's half."""

    def begin(self, size: int) -> None:
        """Begin a chunk of so many bytes, at least one. Raises StreamClosedError."""
        self._stream = self._stream or self._chunked()
        if self._stream:
            self._stream.write(b"%s%x\r\n" % (self._ending, size))
            self._ending = b"\r\n"

    async def write(self, piece: bytes) -> None:
        """Write a piece and wait until there is room for more. Raises StreamClosedError."""
        if self._stream:
            await self._stream.write(piece)
        else:
            self._handler.write(piece)
            await self._handler.flush()

    def end(self) -> None:
        """End the last chunk. Raises StreamClosedError."""
        if self._stream:
            self._stream.write(self._ending)

    def _chunked(self) -> IOStream | None:
        """Return where chunks go to, if tornado has said in the headers that they come."""
        connection, headers = self._handler.request.connection, self._handler._headers
        # What is encoded has to pass the handler's transforms.
        if headers.get("Transfer-Encoding") != "chunked" or "Content-Encoding" in headers:
            return None
        return connection.stream if isinstance(connection, HTTP1Connection) else None
