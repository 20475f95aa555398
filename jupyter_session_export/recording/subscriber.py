"""A thread that listens to the iopub channel of every local kernel."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import Any, Protocol

import zmq

from .channels import Channels
from .echo import Echo
from .promise import reject, resolve
from .queue import ByteQueue, Command, Packet
from .sluice import Sluice

COALESCE_MS = 20
"""A pause after each round, so that a flood comes in batches and the GIL stays free."""
FLOOD_MESSAGES = 8
"""So many of one kernel in a round are held back in the pause after it."""
ROUND_MESSAGES = 2000
ROUND_BYTES = 4 * 1024 * 1024
"""What is taken from one kernel at a time."""
ECHO_POLL_MS = 20
IDLE_POLL_MS = 1000
LOOK_SECONDS = 1.0
MOST_SOCKETS = 8192
"""A kernel takes three, and one more for each echo; ZeroMQ's default is 1,023."""


class Ears(Protocol):
    """What brings kernels' messages into a queue; `IopubSubscriber` says what each does."""

    def start(self) -> None: ...
    def close(self, timeout: float) -> None: ...
    def connect(self, kernel_id: str, channels: Channels) -> None: ...
    def disconnect(self, kernel_id: str) -> None: ...
    def mark(self, kernel_id: str, command: Command) -> None: ...
    def ask(self, kernel_id: str, seconds: float) -> Future[dict[str, Any]]: ...


class IopubSubscriber:
    """Owns a ZeroMQ context and a SUB socket per kernel; its methods may be called from any thread.

    What it hears goes into the queue as packets, in order for each kernel.
    """

    def __init__(self, queue: ByteQueue, log: logging.Logger) -> None:
        self._queue = queue
        self._log = log
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._context.set(zmq.MAX_SOCKETS, MOST_SOCKETS)
        self._poller = zmq.Poller()
        self._sockets: dict[str, zmq.Socket[bytes]] = {}
        self._sluices: dict[str, Sluice] = {}
        self._flooding: set[str] = set()
        self._look_at = 0.0
        self._channels: dict[str, Channels] = {}
        self._echoes: dict[str, list[Echo]] = {}
        self._commands: deque[Command] = deque()
        self._lock = threading.Lock()
        self._closing = False
        self._bell, self._ear = self._pair()
        self._thread = threading.Thread(
            target=self._run, name="session-export-subscriber", daemon=True
        )

    def start(self) -> None:
        self._thread.start()

    def close(self, timeout: float) -> None:
        """Drain every kernel's socket into the queue, then end the thread."""
        if self._thread.is_alive():
            self._post(self._close)
            self._thread.join(timeout)
        elif not self._closing:
            self._closing = True
            self._context.destroy(linger=0)

    def connect(self, kernel_id: str, channels: Channels) -> None:
        """Listen to a kernel; a kernel that moved to other ports is listened to there."""
        self._post(lambda: self._connect(kernel_id, channels))

    def disconnect(self, kernel_id: str) -> None:
        """Take what the kernel has sent, then stop listening to it."""
        self._post(lambda: self._disconnect(kernel_id))

    def mark(self, kernel_id: str, command: Command) -> None:
        """Queue a command behind all that the kernel has sent so far."""
        self._post(lambda: self._mark(kernel_id, command))

    def ask(self, kernel_id: str, seconds: float) -> Future[dict[str, Any]]:
        """Request an echo; the result is the content of the kernel_info_reply, or {}.

        When it comes, all that the kernel published before is in the queue.
        Fails with TimeoutError after `seconds`, LookupError for an unknown kernel.
        """
        answer: Future[dict[str, Any]] = Future()
        self._post(lambda: self._ask(kernel_id, seconds, answer))
        return answer

    def _pair(self) -> tuple[zmq.Socket[bytes], zmq.Socket[bytes]]:
        ear = self._context.socket(zmq.PULL)
        ear.bind("inproc://bell")
        bell = self._context.socket(zmq.PUSH)
        bell.connect("inproc://bell")
        self._poller.register(ear, zmq.POLLIN)
        return bell, ear

    def _post(self, command: Command) -> None:
        with self._lock:
            if self._closing:
                return
            self._commands.append(command)
            # It may be full of rings that were not heard yet, and that is as good.
            with contextlib.suppress(zmq.Again):
                self._bell.send(b"", zmq.NOBLOCK)

    def _run(self) -> None:
        try:
            while not self._closing:
                self._round()
        finally:
            self._each(self._sluices.values(), Sluice.close)
            self._context.destroy(linger=0)

    def _round(self) -> None:
        busy = dict(self._poller.poll(ECHO_POLL_MS if self._echoes else IDLE_POLL_MS))
        rounds = [self._drain(k) for k, s in list(self._sockets.items()) if s in busy]
        for echoes in self._echoes.values():
            for echo in echoes:
                echo.receive()
        self._obey()
        self._advance_echoes()
        self._look()
        if rounds and not any(rounds) and not self._closing:
            self._pause()

    def _look(self) -> None:
        """See which connections are new, ever so often."""
        if time.monotonic() >= self._look_at:
            self._look_at = time.monotonic() + LOOK_SECONDS
            self._each(self._sluices.values(), Sluice.look)

    def _pause(self) -> None:
        flooded = [self._sluices[k] for k in self._flooding if k in self._sluices]
        self._flooding.clear()
        self._each(flooded, Sluice.shut)
        self._ear.poll(COALESCE_MS)
        self._each(flooded, Sluice.open)

    def _each(self, sluices: Iterable[Sluice], do: Callable[[Sluice], None]) -> None:
        for sluice in sluices:
            try:
                do(sluice)
            except Exception:  # noqa: BLE001  # it only saves time, and must not end the recording
                self._log.warning("The session recorder holds no flood back", exc_info=True)
                sluice.close()

    def _obey(self) -> None:
        with contextlib.suppress(zmq.Again):
            while True:
                self._ear.recv(zmq.NOBLOCK)
        while self._commands:
            command = self._commands.popleft()
            try:
                command()
            except Exception:  # noqa: BLE001  # one kernel's failure must not end them all
                self._log.warning("The session recorder can't listen to a kernel", exc_info=True)

    def _drain(self, kernel_id: str) -> bool:
        """Move what has come from a kernel into the queue; tell whether a round was too little."""
        socket = self._sockets[kernel_id]
        packets: list[Packet] = []
        size = 0
        while len(packets) < ROUND_MESSAGES and size < ROUND_BYTES:
            try:
                frames = _receive(socket)
            except zmq.Again:
                break
            except Exception:  # noqa: BLE001  # as one that is larger than the memory
                self._log.warning("The session recorder can't take a message", exc_info=True)
                self._queue.lose(kernel_id, time.time(), 0, 1)
                break
            packets.append(Packet(kernel_id, frames, time.time(), sum(map(len, frames))))
            size += packets[-1].size
        if len(packets) >= FLOOD_MESSAGES:
            self._flooding.add(kernel_id)
        self._queue.put(packets)
        for echo in self._echoes.get(kernel_id, ()):
            for packet in packets:
                echo.hear(packet.frames)
        return len(packets) >= ROUND_MESSAGES or size >= ROUND_BYTES

    def _drain_all(self, kernel_id: str) -> None:
        self._sluices[kernel_id].run_dry()
        while self._drain(kernel_id):
            pass

    def _connect(self, kernel_id: str, channels: Channels) -> None:
        if self._channels.get(kernel_id) == channels:
            return
        self._disconnect(kernel_id)
        socket = self._context.socket(zmq.SUB)
        sluice = Sluice(socket)
        self._sockets[kernel_id] = channels.subscribe(socket)
        self._sluices[kernel_id] = sluice
        self._channels[kernel_id] = channels
        self._poller.register(socket, zmq.POLLIN)

    def _disconnect(self, kernel_id: str) -> None:
        if kernel_id not in self._sockets:
            return
        self._drain_all(kernel_id)
        socket = self._sockets.pop(kernel_id)
        self._channels.pop(kernel_id)
        self._poller.unregister(socket)
        self._sluices.pop(kernel_id).close()
        socket.close()
        for echo in self._echoes.pop(kernel_id, ()):
            self._drop(echo)

    def _mark(self, kernel_id: str, command: Command) -> None:
        if kernel_id in self._sockets:
            self._drain_all(kernel_id)
        self._queue.call(command)

    def _ask(self, kernel_id: str, seconds: float, answer: Future[dict[str, Any]]) -> None:
        channels = self._channels.get(kernel_id)
        if channels is None:
            _settle(answer, LookupError(kernel_id))
            return
        echo = Echo(channels, self._context, seconds)
        echo.future.add_done_callback(lambda done: _settle(answer, done.exception() or done))
        self._echoes.setdefault(kernel_id, []).append(echo)
        self._poller.register(echo.socket, zmq.POLLIN)

    def _advance_echoes(self) -> None:
        for kernel_id, echoes in list(self._echoes.items()):
            for echo in echoes:
                echo.advance()
            waiting = [echo for echo in echoes if not echo.done]
            for echo in echoes:
                if echo.done:
                    self._drop(echo)
            if waiting:
                self._echoes[kernel_id] = waiting
            else:
                del self._echoes[kernel_id]

    def _drop(self, echo: Echo) -> None:
        self._poller.unregister(echo.socket)
        echo.close()

    def _close(self) -> None:
        for kernel_id in list(self._sockets):
            self._disconnect(kernel_id)
        with self._lock:
            self._closing = True
        self._poller.unregister(self._ear)


def _receive(socket: zmq.Socket[bytes]) -> list[bytes]:
    """Return a message's frames. Raises zmq.Again.

    As `recv_multipart`, which asks the socket after each frame whether there are more.
    """
    frame = socket.recv(zmq.NOBLOCK, copy=False)
    frames = [frame.bytes]
    while frame.more:
        frame = socket.recv(zmq.NOBLOCK, copy=False)
        frames.append(frame.bytes)
    return frames


def _settle(answer: Future[dict[str, Any]], outcome: Any) -> None:
    """Hand an outcome on, unless nobody waits for it any more."""
    if isinstance(outcome, BaseException):
        reject(answer, outcome)
    else:
        resolve(answer, outcome.result())
