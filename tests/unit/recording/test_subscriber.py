from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import zmq

from jupyter_session_export.recording import subscriber as module
from jupyter_session_export.recording.channels import Channels
from jupyter_session_export.recording.queue import ByteQueue, Packet
from jupyter_session_export.recording.subscriber import IopubSubscriber
from tests.unit.recording.held import held
from tests.waiting import wait_until

SECONDS = 60.0


class Published:
    """A kernel's iopub, the subscriber that listens to it, and what it has heard."""

    def __init__(self, publisher: zmq.Socket[bytes]) -> None:
        self.publisher = publisher
        self.queue = ByteQueue()
        self.subscriber = IopubSubscriber(self.queue, logging.getLogger())
        self.heard: list[Any] = []
        port = publisher.bind_to_random_port("tcp://127.0.0.1")
        self.subscriber.start()
        self.subscriber.connect("k", Channels(f"tcp://127.0.0.1:{port}", "tcp://127.0.0.1:1", b""))

    def has_heard(self) -> bool:
        self.heard.extend(self.queue.take(0))
        return bool(self.heard)

    def publish_until_heard(self) -> None:
        """Publish again and again, as who listens may not be connected yet."""

        def is_heard() -> bool:
            self.publisher.send_multipart([b"topic", b"rest"])
            return self.has_heard()

        wait_until(is_heard)


@contextmanager
def published() -> Iterator[Published]:
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    kernel = Published(context.socket(zmq.PUB))
    try:
        yield kernel
    finally:
        kernel.subscriber.close(SECONDS)
        context.destroy(linger=0)
        kernel.has_heard()
        kernel.queue.close()


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
    with published() as kernel:
        kernel.publish_until_heard()
    assert isinstance(kernel.heard[0], Packet)
    assert kernel.heard[0].frames == [b"topic", b"rest"]
    assert kernel.queue.lost("k") == 1
    assert "can't take a message" in caplog.text


def test_what_is_held_back_of_a_flood_comes_before_a_kernel_is_let_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However long the pause was to be."""
    monkeypatch.setattr(module, "COALESCE_MS", int(SECONDS * 1000))
    monkeypatch.setattr(module, "FLOOD_MESSAGES", 1)
    with published() as kernel:
        kernel.publish_until_heard()
        connection = wait_until(lambda: kernel.subscriber._sluices["k"]._connection)
        wait_until(lambda: connection.getsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT) > 1)
        sent = [[b"topic", b"%d" % number] for number in range(100)]
        for frames in sent:
            kernel.publisher.send_multipart(frames)
        wait_until(lambda: sent[-1][1] in held(connection))
        kernel.subscriber.disconnect("k")
    assert [packet.frames for packet in kernel.heard[-100:]] == sent


def test_a_sluice_that_fails_ends_no_recording(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It only saves time; its kernel is heard on."""

    def fail(_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(module.Sluice, "look", fail)
    monkeypatch.setattr(module, "FLOOD_MESSAGES", 1)
    with published() as kernel:
        for _ in range(3):
            kernel.heard.clear()
            kernel.publish_until_heard()
    assert "holds no flood back" in caplog.text
