from __future__ import annotations

import errno
import fcntl
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
import zmq

from jupyter_session_export.recording import sluice as module
from jupyter_session_export.recording.sluice import HELD_BYTES, Sluice
from tests.unit.recording.held import held
from tests.waiting import wait_until

LOCKING = """
import fcntl, sys
try:
    fcntl.lockf(open(sys.argv[1], "wb"), fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    sys.exit(1)
"""
QUIET_MS = 100
SOON_MS = 30_000


class Connected:
    """A publisher, its subscriber, and the sluice between them."""

    def __init__(self, context: zmq.Context[Any], url: str) -> None:
        self.publisher = context.socket(zmq.XPUB)
        self.publisher.bind(url)
        self.url = self.publisher.getsockopt_string(zmq.LAST_ENDPOINT)
        self.subscriber = context.socket(zmq.SUB)
        self.subscriber.rcvhwm = 0
        self.subscriber.reconnect_ivl = 1
        self.subscriber.subscribe(b"")
        self.sluice = Sluice(self.subscriber)
        self.subscriber.connect(self.url)
        self.greet()

    def greet(self) -> None:
        """Wait until the publisher knows the subscriber, which subscribes anew where it's asked."""
        wait_until(lambda: self.comes(0) or self.publisher.poll(0))
        assert self.publisher.recv() == b"\x01"

    def restart(self) -> None:
        """Publish anew from the same place."""
        self.publisher.close(linger=0)
        self.publisher = self.subscriber.context.socket(zmq.XPUB)
        wait_until(self._is_bound)
        self.greet()

    def _is_bound(self) -> bool:
        try:
            self.publisher.bind(self.url)
        except zmq.ZMQError:  # ZeroMQ's thread has the other socket for a moment
            return False
        return True

    def send(self, count: int, size: int = 0) -> None:
        for number in range(count):
            self.publisher.send(b"%d".ljust(size) % number)

    def comes(self, within_ms: int = SOON_MS) -> bool:
        return bool(self.subscriber.poll(within_ms))

    def take(self) -> int:
        """Return how many messages can be received at once."""
        count = 0
        while self.comes(0):
            self.subscriber.recv()
            count += 1
        return count

    @property
    def connection(self) -> socket.socket:
        connection = self.sluice._connection
        assert connection is not None
        return connection


@contextmanager
def connected(url: str) -> Iterator[Connected]:
    context: zmq.Context[Any] = zmq.Context()
    try:
        both = Connected(context, url)
        yield both
        both.sluice.close()
    finally:
        context.destroy(linger=0)


@pytest.fixture
def both() -> Iterator[Connected]:
    with connected("tcp://127.0.0.1:*") as both:
        yield both


def test_what_comes_while_it_is_shut_is_heard_when_it_opens(both: Connected) -> None:
    """It is late, and not lost."""
    both.sluice.shut()
    both.send(3)
    assert not both.comes(QUIET_MS)
    both.sluice.open()
    assert both.comes()
    wait_until(lambda: not held(both.connection))
    wait_until(lambda: both.take() == 0)


def test_much_is_heard_through_a_shut_sluice(both: Connected) -> None:
    """Nothing piles up where nobody opens it."""
    both.sluice.shut()
    both.send(3, size=HELD_BYTES)
    assert both.comes()


def test_an_end_is_heard_through_a_shut_sluice(both: Connected) -> None:
    """A kernel that dies leaves nothing behind."""
    both.sluice.shut()
    both.send(5)
    wait_until(lambda: held(both.connection))
    both.publisher.close(linger=SOON_MS)
    heard = 0
    while heard < 5:
        assert both.comes()
        heard += both.take()


def test_all_has_been_read_when_it_has_run_dry(both: Connected) -> None:
    """What was sent before can be received at once."""
    both.sluice.shut()
    both.send(200, size=100)
    wait_until(lambda: len(held(both.connection)) >= 200 * 100)
    both.sluice.open()
    both.sluice.run_dry()
    assert both.take() == 200


def test_a_new_connection_is_held_too(both: Connected) -> None:
    """As after a restart, where the kernel has the same ports."""
    both.sluice.shut()
    both.restart()
    both.send(1)
    assert both.comes()
    both.take()
    both.sluice.shut()
    both.send(1)
    assert not both.comes(QUIET_MS)
    both.sluice.open()
    assert both.comes()


def test_an_ended_connection_is_let_go(both: Connected) -> None:
    """Else it would stay half open until there is another one."""
    both.sluice.look()
    assert both.sluice._connection is not None
    both.publisher.close(linger=0)

    def is_gone() -> bool:
        both.sluice.look()
        return both.sluice._connection is None

    wait_until(is_gone)


def test_what_is_no_tcp_is_never_held(tmp_path: Path) -> None:
    """A kernel on UNIX sockets is heard as ever."""
    with connected(f"ipc://{tmp_path}/iopub") as both:
        both.sluice.shut()
        both.send(1)
        assert both.comes()
        both.sluice.run_dry()


def test_where_nothing_can_be_held_it_is_always_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """On systems that don't tell how much has come."""
    monkeypatch.setattr(module, "_CAN_HOLD", False)
    with connected("tcp://127.0.0.1:*") as both:
        both.sluice.shut()
        both.send(1)
        assert both.comes()


class Refusing(socket.socket):
    def setsockopt(self, *_: Any) -> None:
        raise OSError("not supported")


def test_a_system_that_refuses_is_asked_once(both: Connected) -> None:
    """It calls itself Linux, and isn't: what comes is heard at once, as ever."""
    both.sluice.look()
    with both.connection as connection:
        both.sluice._connection = Refusing(fileno=os.dup(connection.fileno()))
    both.sluice.shut()
    assert both.sluice._connection is None
    both.send(1)
    assert both.comes()
    both.sluice.open()


@pytest.mark.parametrize(
    ("system", "release", "can"),
    [
        ("linux", "6.18.0-x86", True),
        ("linux", "4.18.0", True),
        ("linux", "4.14.355-amzn2", False),
        ("linux", "3.10.0-1160.el7", False),
        ("linux", "unknown", False),
        ("darwin", "24.1.0", False),
        ("win32", "10", False),
    ],
)
def test_what_is_held_comes_at_once_when_it_opens(system: str, release: str, can: bool) -> None:
    """Older systems tell of it with the next bytes only, and there may be none."""
    assert module.can_hold(system, release) is can


def test_a_default_timeout_is_no_matter(both: Connected) -> None:
    """Somebody's code in the server may have set one; nobody waits for a quiet kernel."""
    socket.setdefaulttimeout(SOON_MS / 1000)
    try:
        both.sluice.look()
        assert both.connection.gettimeout() == 0
    finally:
        socket.setdefaulttimeout(None)


def test_without_more_sockets_it_is_always_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """To listen matters more than to save time."""

    def refuse(*_: Any) -> None:
        raise zmq.ZMQError(errno.EMFILE)

    monkeypatch.setattr(zmq.Socket, "monitor", refuse)
    with connected("tcp://127.0.0.1:*") as both:
        both.sluice.shut()
        both.send(1)
        assert both.comes()
        monkeypatch.undo()


def test_nobody_waits_for_who_does_not_look(both: Connected) -> None:
    """Where another program has a kernel's port, ZeroMQ connects again and again."""
    events = both.sluice._events
    assert events is not None
    assert events.rcvhwm == 0


def test_another_file_by_the_same_number_is_left_alone(tmp_path: Path) -> None:
    """The connection may have ended before one looks. A closed duplicate would end its locks."""
    event = {"event": zmq.EVENT_CONNECTED, "endpoint": b"tcp://127.0.0.1:1", "value": 0}
    before = psutil.Process().num_fds()
    path = tmp_path / "locked"
    with path.open("wb") as file, socket.socket() as other:
        fcntl.lockf(file, fcntl.LOCK_EX)
        for number in (file.fileno(), other.fileno()):
            assert module._connection({**event, "value": number}) is None
        tried = subprocess.run([sys.executable, "-c", LOCKING, str(path)], check=False)
        assert tried.returncode == 1
        os.fstat(file.fileno())
        assert other.fileno() >= 0
    assert module._connection({**event, "value": 1 << 20}) is None
    assert psutil.Process().num_fds() == before


def test_a_closed_sluice_keeps_no_connection() -> None:
    """Else the kernel would believe that it is listened to."""
    with connected("tcp://127.0.0.1:*") as both:
        both.sluice.shut()
        both.sluice.close()
        both.subscriber.close(linger=0)
        assert both.publisher.poll(SOON_MS)
        assert both.publisher.recv() == b"\x00"
