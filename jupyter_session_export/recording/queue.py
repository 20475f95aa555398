"""A queue bounded by bytes that spills to disk, counts what it drops and blocks no producer."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from .spill import SPILL_LIMIT, Spilled, SpillSpace

DEFAULT_LIMIT = 64 * 1024 * 1024
BATCH_BYTES = 4 * 1024 * 1024
BATCH_ITEMS = 512
STATUS_BYTES = 4096
"""Status messages are smaller than this."""


class Packet(NamedTuple):
    """The frames of one message of a kernel; `received_at` is seconds since the epoch."""

    kernel_id: str
    frames: list[bytes]
    received_at: float
    size: int


Command = Callable[[], None]


@dataclass(slots=True)
class Loss:
    """What the queue had to drop of one kernel's messages since it was last asked."""

    first_at: float
    last_at: float
    messages: int = 0
    bytes: int = 0


class ByteQueue:
    """Packets and commands in order, for one consumer.

    A packet stays in memory while fewer than `limit` bytes wait, so that one of
    any size fits an empty queue; beyond that it is spilled to disk, up to
    `spill_limit` bytes, and lost only where that fails. Commands always fit, and
    so do status messages: without its idle an execution would never end. The
    order is fixed under a lock, the disk is waited for outside of it.
    """

    def __init__(self, limit: int = DEFAULT_LIMIT, spill_limit: int = SPILL_LIMIT) -> None:
        self._limit = limit
        self._bytes = 0
        self._items: deque[Packet | Spilled | Command] = deque()
        self._spill = SpillSpace(spill_limit)
        self._losses: dict[str, Loss] = {}
        self._changed = threading.Condition(threading.Lock())

    def put(self, packets: Iterable[Packet]) -> None:
        """Add packets; those that don't fit anywhere are counted and dropped. Any thread."""
        to_write: list[tuple[Spilled, list[bytes]]] = []
        with self._changed:
            for packet in packets:
                if self._bytes < self._limit or _is_status(packet):
                    self._bytes += packet.size
                    self._items.append(packet)
                    continue
                spilled = self._spill.reserve(packet.kernel_id, packet.frames, packet.received_at)
                if spilled is None:
                    self._lose(packet.kernel_id, packet.received_at, packet.size)
                else:
                    self._items.append(spilled)
                    to_write.append((spilled, packet.frames))
            self._changed.notify()
        for spilled, frames in to_write:
            spilled.write(frames)

    def call(self, command: Command) -> None:
        """Have the consumer call this after all that is queued. Any thread."""
        with self._changed:
            self._items.append(command)
            self._changed.notify()

    def take(self, timeout: float) -> list[Packet | Command]:
        """Return the next items, or none after `timeout` seconds. The consumer's thread."""
        batch: list[Packet | Command] = []
        for item in self._take(timeout):
            if not isinstance(item, Spilled):
                batch.append(item)
            elif (packet := self._unspill(item)) is not None:
                batch.append(packet)
        return batch

    def _take(self, timeout: float) -> list[Packet | Spilled | Command]:
        taken: list[Packet | Spilled | Command] = []
        size = 0
        with self._changed:
            if not self._items:
                self._changed.wait(timeout)
            while self._items and len(taken) < BATCH_ITEMS and size < BATCH_BYTES:
                item = self._items.popleft()
                if isinstance(item, (Packet, Spilled)):
                    size += item.size
                if isinstance(item, Packet):
                    self._bytes -= item.size
                taken.append(item)
        return taken

    def lost(self, kernel_id: str) -> int:
        """Return how many messages of a kernel `take_losses` would tell of. Any thread."""
        with self._changed:
            loss = self._losses.get(kernel_id)
        return 0 if loss is None else loss.messages

    def take_losses(self) -> dict[str, Loss]:
        """Return what was dropped since the last call, by kernel. Any thread."""
        with self._changed:
            losses, self._losses = self._losses, {}
        return losses

    def lose(self, kernel_id: str, at: float, size: int, messages: int) -> None:
        """Count messages that never got here. Any thread."""
        with self._changed:
            self._lose(kernel_id, at, size, messages)

    def close(self) -> None:
        """Let go of the spill file."""
        with self._changed:
            file = self._spill.renew()
        file.close()

    def _unspill(self, spilled: Spilled) -> Packet | None:
        """Read a packet back; None where the disk failed, which is a loss."""
        frames = spilled.read()
        with self._changed:
            unused = self._spill.give_back()
            if frames is None:
                self._lose(spilled.kernel_id, spilled.received_at, spilled.size)
        if unused is not None:
            unused.close()
        if frames is None:
            return None
        return Packet(spilled.kernel_id, frames, spilled.received_at, spilled.size)

    def _lose(self, kernel_id: str, at: float, size: int, messages: int = 1) -> None:
        loss = self._losses.setdefault(kernel_id, Loss(at, at))
        loss.last_at = at
        loss.messages += messages
        loss.bytes += size


def _is_status(packet: Packet) -> bool:
    return packet.size < STATUS_BYTES and b"execution_state" in packet.frames[-1]
