"""Holds a flood of small messages back, so that ZeroMQ's thread wakes once for many."""

from __future__ import annotations

import os
import socket
import sys
import time
from typing import Any

import zmq
from zmq.utils.monitor import recv_monitor_message

HELD_BYTES = 64 * 1024
"""With so much ZeroMQ's thread is woken even where nobody opens the sluice."""
DRY_SECONDS = 0.1
"""What a kernel sends without an end is waited for no longer."""
DRY_POLL = 0.001

_CAN_HOLD = sys.platform == "linux"
"""Where readiness is told by SO_RCVLOWAT (socket(7)); elsewhere a sluice is always open."""


class Sluice:
    """Between the TCP connection of a SUB socket and ZeroMQ's thread; for one thread.

    That thread is woken for each small message, which costs as much as to record it. While
    the sluice is shut, the system wakes it when `HELD_BYTES` have come or the connection ends.
    """

    def __init__(self, subscriber: zmq.Socket[bytes]) -> None:
        """Watch a socket that isn't connected yet: only the event tells its connection."""
        self._subscriber = subscriber
        self._events = subscriber.get_monitor_socket(zmq.EVENT_CONNECTED) if _CAN_HOLD else None
        self._connection: socket.socket | None = None

    def look(self) -> None:
        """Take the connection that is there now; at last, ZeroMQ waits for who doesn't look."""
        while (event := self._next_event()) is not None:
            self._let_go()
            self._connection = _connection(event)
        if self._peek() == b"":
            self._let_go()

    def shut(self) -> None:
        self.look()
        self._set_least(HELD_BYTES)

    def open(self) -> None:
        self._set_least(1)

    def run_dry(self) -> None:
        """Wait until ZeroMQ's thread has read what had come; it needs to be open."""
        deadline = time.monotonic() + DRY_SECONDS
        while self._peek() and time.monotonic() < deadline:
            # Also once more than it has: what was read last is still handed on.
            time.sleep(DRY_POLL)

    def close(self) -> None:
        self._let_go()
        if self._events is not None:
            self._subscriber.disable_monitor()
            self._events.close(linger=0)
            self._events = None

    def _set_least(self, size: int) -> None:
        if self._connection is None:
            return
        try:
            self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, size)
        except OSError:  # some sandboxes are Linux but for that
            self._drop()

    def _next_event(self) -> Any:
        if self._events is None:
            return None
        try:
            return recv_monitor_message(self._events, zmq.NOBLOCK)
        except zmq.Again:
            return None

    def _peek(self) -> bytes | None:
        """Return a byte that waits for ZeroMQ's thread, nothing at the end, else None."""
        if self._connection is None:
            return None
        try:
            return self._connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return None
        except OSError:  # it was reset
            return b""

    def _let_go(self) -> None:
        self.open()
        self._drop()

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _connection(event: Any) -> socket.socket | None:
    """Return the connection of an event; None where it has ended meanwhile or isn't TCP."""
    port = event["endpoint"].decode().rpartition(":")[2]
    try:
        connection = _duplicate(event["value"])
    except OSError:
        return None
    # Its number may be another file's by now.
    if _port_of_peer(connection) == port:
        return connection
    connection.close()
    return None


def _duplicate(number: int) -> socket.socket:
    duplicate = os.dup(number)
    try:
        return socket.socket(fileno=duplicate)
    except OSError:
        os.close(duplicate)
        raise


def _port_of_peer(connection: socket.socket) -> str | None:
    try:
        peer = connection.getpeername()
    except OSError:
        return None
    return str(peer[1]) if isinstance(peer, tuple) else None
