"""A cable between browser and server that can be held and cut at a byte of a download."""

from __future__ import annotations

import contextlib
import re
import socket
import threading

_DOWNLOAD = re.compile(rb"GET [^ ]*/exports/[^ ]*/download")
_CHUNK = 64 * 1024
_BUFFER = 256 * 1024
"""Of what a held download's server sends; a system may take 32 MiB, and the sending for done."""
_SECONDS = 60.0
"""After so long a held download goes on by itself."""


class Cable:
    """Listens on a port of its own and passes everything on, both ways."""

    def __init__(self, port: int) -> None:
        self._target = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.requests: list[str] = []
        """The heads of the downloads that were asked for, in their order."""
        self.held = threading.Event()
        self._limits: list[int] = []
        self._let_go = threading.Event()
        self._is_cut = False
        self._is_unplugged = False
        self._open: list[socket.socket] = []

    def __enter__(self) -> Cable:
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._let_go.set()
        # Closing alone does not wake who waits in accept().
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for one in list(self._open):
            _close(one)

    def hold(self, *sizes: int) -> None:
        """Hold each of the next downloads after so many bytes of its answer."""
        self.held.clear()
        self._let_go.clear()
        self._limits = list(sizes)

    def wait(self) -> None:
        """Wait until a download is held."""
        assert self.held.wait(_SECONDS), "no download came so far"
        self.held.clear()

    def go_on(self) -> None:
        """Let what is held go on."""
        self._let_go.set()

    def cut(self) -> None:
        """Cut what is held."""
        self._is_cut = True
        self._let_go.set()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                browser, _ = self._listener.accept()
                if self._is_unplugged:
                    _close(browser)
                    continue
                server = socket.socket()
                server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
                try:
                    server.connect(self._target)
                except OSError:
                    _close(server)
                    _close(browser)
                    continue
                self._open += [browser, server]
                line = _Line(self, browser, server)
                for pump in (line.ask, line.answer):
                    threading.Thread(target=pump, daemon=True).start()

    def unplug(self) -> None:
        """Cut everything, and let nothing new through."""
        self._is_unplugged = True
        for one in list(self._open):
            _close(one)

    def plug_in(self) -> None:
        self._is_unplugged = False

    def limit(self, head: bytes) -> int | None:
        """Note a download; return after how many bytes it is to be held."""
        self.requests.append(head.decode("latin-1"))
        return self._limits.pop(0) if self._limits else None

    def stop(self) -> bool:
        """Hold a download; tell whether it is to be cut."""
        self.held.set()
        self._let_go.wait(_SECONDS)
        self._let_go.clear()
        is_cut, self._is_cut = self._is_cut, False
        return is_cut


class _Line:
    """One connection."""

    def __init__(self, cable: Cable, browser: socket.socket, server: socket.socket) -> None:
        self._cable, self._browser, self._server = cable, browser, server
        self._left: int | None = None

    def ask(self) -> None:
        with contextlib.suppress(OSError):
            while data := self._browser.recv(_CHUNK):
                if _DOWNLOAD.match(data):
                    self._left = self._cable.limit(data)
                self._server.sendall(data)
        _close(self._server)

    def answer(self) -> None:
        with contextlib.suppress(OSError):
            while data := self._server.recv(_CHUNK):
                if self._left is not None:
                    now, data = data[: self._left], data[self._left :]
                    self._left -= len(now)
                    self._browser.sendall(now)
                    if self._left == 0 and data:
                        self._left = None
                        if self._cable.stop():
                            break
                self._browser.sendall(data)
        _close(self._browser)
        _close(self._server)


def _close(one: socket.socket) -> None:
    """Close both ways, also for whoever waits for it in another thread."""
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
