"""A TCP proxy that breaks connections off after so many bytes, as networks do."""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

CHUNK_BYTES = 16 * 1024


class CuttingProxy:
    """Forwards to a port on this machine; each connection ends after the next of `cuts` bytes.

    When there are no more cuts connections last as long as they like. With `stall_after`, nothing
    comes back after so many bytes, which the event `stalled` tells. `returned` counts what came.
    """

    def __init__(self, port: int, cuts: list[int]) -> None:
        self._to = port
        self._cuts = cuts
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.returned = 0
        self.stall_after: int | None = None
        self.stalled = threading.Event()
        self._closed = threading.Event()
        self._threads: list[threading.Thread] = []
        self._open: list[socket.socket] = []
        self._start(self._accept)

    def close(self) -> None:
        """End all connections."""
        self._closed.set()
        # Closing alone doesn't wake who waits in accept.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for each in self._open:
            _end(each)
        for thread in self._threads:
            thread.join(10)

    def _start(self, work: object, *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._to))
            self._open += [client, server]
            cut = self._cuts.pop(0) if self._cuts else None
            self._start(self._forward, client, server, None)
            self._start(self._forward, server, client, cut)

    def _forward(self, source: socket.socket, target: socket.socket, cut: int | None) -> None:
        comes_back = source.getpeername()[1] == self._to
        forwarded = 0
        with contextlib.suppress(OSError):
            while data := source.recv(min(CHUNK_BYTES, (cut or sys.maxsize) - forwarded)):
                target.sendall(data)
                forwarded += len(data)
                self.returned += len(data) if comes_back else 0
                if comes_back and self.stall_after and forwarded >= self.stall_after:
                    self.stalled.set()
                    self._closed.wait()
                if forwarded == cut:
                    break
        _end(source)
        _end(target)


def _end(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()


@contextmanager
def cutting(port: int, cuts: list[int]) -> Iterator[CuttingProxy]:
    """Run a proxy for as long as the block lasts."""
    proxy = CuttingProxy(port, cuts)
    try:
        yield proxy
    finally:
        proxy.close()
