"""The queue between the subscriber and the recorder."""

from __future__ import annotations

import tempfile
import threading
from typing import Any

import pytest

from jupyter_session_export.recording import spill
from jupyter_session_export.recording.queue import ByteQueue, Packet
from jupyter_session_export.recording.recorder import Recorder
from tests.unit.recording.feed import FedKernel


def packet(number: int, size: int = 100) -> Packet:
    frames = [b"%d" % number, b"x" * size]
    return Packet("k", frames, float(number), sum(map(len, frames)))


def test_order_is_kept_through_memory_and_disk() -> None:
    """Packets and commands come out as they went in, though some were on disk."""
    queue = ByteQueue(limit=250)
    seen: list[object] = []
    expected: list[object] = []
    for number in range(10):
        queue.put([packet(number)])
        queue.call(lambda number=number: seen.append(number))
        expected += [b"%d" % number, number]
    while batch := queue.take(0):
        for item in batch:
            if isinstance(item, Packet):
                seen.append(item.frames[0])
                assert item.frames[1] == b"x" * 100
            else:
                item()
    assert seen == expected
    assert queue.take_losses() == {}
    queue.close()


def test_disk_is_used_again() -> None:
    """Once all was taken, the spill begins anew and can take as much again."""
    queue = ByteQueue(limit=1, spill_limit=350)
    for _ in range(3):
        queue.put([packet(number) for number in range(4)])
        assert len(queue.take(0)) == 4
    assert queue.take_losses() == {}
    queue.close()


def test_overflow_is_counted() -> None:
    """What fits neither memory nor disk is counted by kernel, once."""
    queue = ByteQueue(limit=1, spill_limit=250)
    queue.put([packet(number) for number in range(10)])
    assert len(queue.take(0)) == 3
    loss = queue.take_losses()["k"]
    assert (loss.messages, loss.first_at, loss.last_at) == (7, 3.0, 9.0)
    assert queue.take_losses() == {}
    queue.close()


def test_failing_disk_is_a_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing can be spilled, the queue goes on with what memory holds."""

    def refuse(**_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(spill.tempfile, "TemporaryFile", refuse)
    queue = ByteQueue(limit=1)
    queue.put([packet(0), packet(1)])
    assert len(queue.take(0)) == 1
    assert queue.take_losses()["k"].messages == 1


def test_status_is_never_lost() -> None:
    """Status messages are let in whatever waits: they end executions."""
    queue = ByteQueue(limit=1, spill_limit=0)
    idle = Packet("k", [b'{"execution_state":"idle"}'], 1.0, 26)
    queue.put([packet(0), packet(1), idle])
    assert queue.take(0)[-1] is idle


class SlowDisk:
    """A temporary file whose writes wait until they may go on."""

    def __init__(self) -> None:
        self.file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115  # the queue closes it
        self.writing = threading.Event()
        self.may_write = threading.Event()

    def write(self, data: bytes) -> int:
        self.writing.set()
        assert self.may_write.wait(20)
        return self.file.write(data) or 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)


def spilled(monkeypatch: pytest.MonkeyPatch) -> tuple[SlowDisk, ByteQueue, threading.Thread]:
    """Return a queue whose second packet is being written, by a thread that waits for the disk."""
    disk = SlowDisk()
    monkeypatch.setattr(spill.tempfile, "TemporaryFile", lambda **_: disk)
    queue = ByteQueue(limit=1)
    spilling = threading.Thread(target=lambda: queue.put([packet(0), packet(1)]))
    spilling.start()
    assert disk.writing.wait(20)
    return disk, queue, spilling


def test_a_slow_disk_holds_up_nobody_who_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """While a packet is spilled others may add to the queue; all comes out in order."""
    disk, queue, spilling = spilled(monkeypatch)
    calling = threading.Thread(target=lambda: queue.call(lambda: None), daemon=True)
    calling.start()
    calling.join(5)
    was_held_up = calling.is_alive()
    disk.may_write.set()
    spilling.join()
    calling.join()
    assert not was_held_up
    first, second, command = queue.take(0)
    assert [p.frames[0] for p in (first, second) if isinstance(p, Packet)] == [b"0", b"1"]
    assert not isinstance(command, Packet)
    queue.close()


def test_what_is_being_spilled_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever takes a packet that is still being written gets all of it."""
    disk, queue, spilling = spilled(monkeypatch)
    taken: list[Any] = []
    taking = threading.Thread(target=lambda: taken.extend(queue.take(0)))
    taking.start()
    disk.may_write.set()
    taking.join(20)
    spilling.join()
    assert [p.frames for p in taken] == [packet(0).frames, packet(1).frames]
    queue.close()


def test_queue_lets_in_one_of_any_size() -> None:
    """A message larger than the queue is let in while there is room at all."""
    recorder = Recorder(queue_bytes=10, spill_bytes=0)
    queue: ByteQueue = recorder._queue
    kernel = FedKernel(recorder, "s")
    queue.take(0)
    kernel.stream("a", "x" * 100)
    kernel.stream("a", "y" * 100)
    assert len(queue.take(0)) == 1
    assert queue.take_losses()["k1"].messages == 1
    recorder.close()
