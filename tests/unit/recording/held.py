"""What has come for ZeroMQ's thread, and wasn't read by it."""

from __future__ import annotations

import socket

from jupyter_session_export.recording.sluice import HELD_BYTES


def held(connection: socket.socket) -> bytes:
    try:
        return connection.recv(HELD_BYTES, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return b""
