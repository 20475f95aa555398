"""The queue between the subscriber and the recorder."""

from __future__ import annotations

import pytest

from jupyter_session_export.recording import spill
from jupyter_session_export.recording.queue import ByteQueue, Packet


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
