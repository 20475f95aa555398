from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

import pytest
import zmq

from jupyter_session_export.recording import subscriber as module
from jupyter_session_export.recording.channels import Channels
from jupyter_session_export.recording.queue import ByteQueue, Packet
from jupyter_session_export.recording.subscriber import IopubSubscriber

SECONDS = 60.0


def publish_until(socket: zmq.Socket[bytes], frames: list[bytes], seen: Callable[[], bool]) -> None:
    """Publish again and again, as who listens may not be connected yet."""
    deadline = time.monotonic() + SECONDS
    while not seen():
        assert time.monotonic() < deadline
        socket.send_multipart(frames)
        time.sleep(0.01)


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("a bug")])
def test_a_message_that_cannot_be_taken_costs_no_other(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    """It is counted as lost, and the kernel is heard on."""
    real: Any = module._receive
    refused: list[Any] = []

    def receive(socket: Any) -> list[bytes]:
        frames: list[bytes] = real(socket)
        if not refused:
            refused.append(frames)
            raise error
        return frames

    monkeypatch.setattr(module, "_receive", receive)
    queue = ByteQueue()
    subscriber = IopubSubscriber(queue, logging.getLogger())
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    socket = context.socket(zmq.PUB)
    port = socket.bind_to_random_port("tcp://127.0.0.1")
    heard: list[Any] = []

    def seen() -> bool:
        heard.extend(queue.take(0))
        return bool(heard)

    try:
        subscriber.start()
        subscriber.connect("k", Channels(f"tcp://127.0.0.1:{port}", "tcp://127.0.0.1:1", b""))
        publish_until(socket, [b"topic", b"rest"], seen)
    finally:
        subscriber.close(SECONDS)
        context.destroy(linger=0)
    assert isinstance(heard[0], Packet)
    assert heard[0].frames == [b"topic", b"rest"]
    assert queue.lost("k") == 1
    assert "can't take a message" in caplog.text
    queue.close()
