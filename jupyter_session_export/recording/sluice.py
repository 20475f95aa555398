"""Holds a flood of small messages back, so that ZeroMQ's thread wakes once for many."""

from __future__ import annotations

import os
import platform
import re
import socket
import stat
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

OLDEST_LINUX = (4, 18)
"""Since then what waits is told of at once when the socket's low-water mark sinks."""


def can_hold(system: str, release: str) -> bool:
    """Tell whether a system goes by SO_RCVLOWAT (socket(7)); elsewhere a sluice is always open."""
    version = re.match(r"(\d+)\.(\d+)", release)
    return system == "linux" and version is not None and _numbers(version) >= OLDEST_LINUX


def _numbers(version: re.Match[str]) -> tuple[int, ...]:
    return tuple(map(int, version.groups()))


_CAN_HOLD = can_hold(sys.platform, platform.release())


class Sluice:
    """Between the TCP connection of a SUB socket and ZeroMQ's thread; for one thread.

    That thread is woken for each small message, which costs as much as to record it. While
    the sluice is shut, the system wakes it when `HELD_BYTES` have come or the connection ends.
    """

    def __init__(self, subscriber: zmq.Socket[bytes]) -> None:
        """Watch a socket that isn't connected yet: only the event tells its connection."""
        self._subscriber = subscriber
        self._events = _monitor(subscriber) if _CAN_HOLD else None
        self._connection: socket.socket | None = None

    def look(self) -> None:
        """Take the connection that is there now."""
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
            return self._connection.recv(1, socket.MSG_PEEK)
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


def _monitor(subscriber: zmq.Socket[bytes]) -> zmq.Socket[bytes] | None:
    """Have a socket's connections told; None where there are no more sockets to be had.

    As `get_monitor_socket`, but without a limit: at its limit ZeroMQ's thread would wait.
    """
    place = f"inproc://sluice-{id(subscriber)}"
    events: zmq.Socket[bytes] | None = None
    try:
        events = subscriber.context.socket(zmq.PAIR)
        events.rcvhwm = 0
        subscriber.monitor(place, zmq.EVENT_CONNECTED)
        events.connect(place)
    except zmq.ZMQError:
        if events is not None:
            events.close(linger=0)
        return None
    return events


def _connection(event: Any) -> socket.socket | None:
    """Return the connection of an event; None where it has ended meanwhile or isn't TCP."""
    port = event["endpoint"].decode().rpartition(":")[2]
    try:
        connection = _duplicate(event["value"])
    except OSError:
        return None
    # Its number may be another one's by now.
    if _port_of_peer(connection) == port:
        # As ZeroMQ has it; else a default timeout that somebody has set would be waited for.
        connection.setblocking(False)
        return connection
    connection.close()
    return None


def _duplicate(number: int) -> socket.socket:
    """Raises OSError where it is no socket: to close a file's duplicate ends the file's locks."""
    if not stat.S_ISSOCK(os.fstat(number).st_mode):
        raise OSError
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
