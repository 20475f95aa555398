"""Where a kernel's channels are, and sockets to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import zmq


@dataclass(frozen=True, slots=True)
class Channels:
    """A local kernel's addresses and keys, as its connection file has them."""

    iopub: str
    control: str
    key: bytes
    scheme: str = "hmac-sha256"
    curve_publickey: bytes | None = None
    curve_secretkey: bytes | None = None
    shell: str = ""

    @classmethod
    def of(cls, manager: Any) -> Channels | None:
        """Read them from a jupyter_client KernelManager; None where it has no ports (gateways)."""
        iopub, control = getattr(manager, "iopub_port", 0), getattr(manager, "control_port", 0)
        if not iopub or not control:
            return None
        return cls(
            _url(manager, iopub),
            _url(manager, control),
            bytes(manager.session.key),
            str(manager.session.signature_scheme),
            getattr(manager, "curve_publickey", None),
            getattr(manager, "curve_secretkey", None),
            _url(manager, getattr(manager, "shell_port", 0)),
        )

    def subscribe(self, socket: zmq.Socket[bytes]) -> zmq.Socket[bytes]:
        """Let a SUB socket hear all of iopub and never drop a message by itself; return it."""
        socket.rcvhwm = 0
        # 100 ms (the default) missed the first messages of 1 restart in 10; any
        # reconnect_ivl_max makes ZeroMQ back off, and missed 9 in 15.
        socket.reconnect_ivl = 1
        socket.subscribe(b"")
        return self._connect(socket, self.iopub)

    def control_socket(self, context: zmq.Context[zmq.Socket[bytes]]) -> zmq.Socket[bytes]:
        """Return a socket for requests to the control channel."""
        return self._connect(context.socket(zmq.DEALER), self.control)

    def shell_socket(self, context: zmq.Context[zmq.Socket[bytes]]) -> zmq.Socket[bytes]:
        """Return a socket for requests to the shell channel."""
        return self._connect(context.socket(zmq.DEALER), self.shell)

    def _connect(self, socket: zmq.Socket[bytes], url: str) -> zmq.Socket[bytes]:
        socket.linger = 0
        if self.curve_publickey is not None:
            # The connection file's one pair serves as the server's and the client's.
            socket.curve_secretkey = self.curve_secretkey
            socket.curve_publickey = self.curve_publickey
            socket.curve_serverkey = self.curve_publickey
        socket.connect(url)
        return socket


def _url(manager: Any, port: int) -> str:
    separator = ":" if manager.transport == "tcp" else "-"
    return f"{manager.transport}://{manager.ip}{separator}{port}"
