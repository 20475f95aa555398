"""Downloads that are cut off at a byte, and go on from there."""

from __future__ import annotations

import array
import fcntl
import http.client
import socket
import struct
import termios
from dataclasses import dataclass, field

from .servers import RunningServer

SMALL_BUFFER = 16 * 1024
"""What the kernel of a client that is cut off has taken and the client never saw: about so much."""


class _Connection(http.client.HTTPConnection):
    """A connection that takes little more than is read."""

    def connect(self) -> None:
        self.sock = socket.socket()
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
        self.sock.settimeout(60)
        self.sock.connect((self.host, self.port))


@dataclass
class Download:
    """What a client has of a file, and what the server sent for it, in bytes."""

    server: RunningServer
    path: str
    have: bytearray = field(default_factory=bytearray)
    received: int = 0
    etag: str | None = None
    statuses: list[int] = field(default_factory=list)

    def fetch(self, until: int | None = None) -> None:
        """Go on where it was cut, up to the byte `until`; cut it there, as a dead network does."""
        connection = _Connection("127.0.0.1", self.server.port)
        headers = {"Authorization": f"token {self.server.token}"}
        if self.have:
            headers |= {"Range": f"bytes={len(self.have)}-", "If-Range": str(self.etag)}
        connection.request("GET", f"/session-export/api/{self.path}", headers=headers)
        peer = connection.sock
        answer = connection.getresponse()
        self.statuses.append(answer.status)
        if answer.status == 200:
            self.have.clear()
        self.etag = answer.headers["ETag"]
        while chunk := answer.read1(65536 if until is None else min(65536, until - len(self.have))):
            self.have += chunk
            self.received += len(chunk)
            if len(self.have) == until:
                self.received += _unread(peer)
                # Reset, not closed well: the server learns of it when it sends.
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                break
        answer.close()
        connection.close()
        peer.close()


def _unread(peer: socket.socket) -> int:
    count = array.array("i", [0])
    fcntl.ioctl(peer, termios.FIONREAD, count)
    return count[0]
