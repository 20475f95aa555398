"""For a kernel that records itself: its messages are handed over, so nobody has to listen."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

from .channels import Channels
from .queue import ByteQueue, Command


class NoEars:
    """Stands in for the subscriber: needs no thread and no socket in somebody's kernel."""

    def __init__(self, queue: ByteQueue) -> None:
        self._queue = queue

    def start(self) -> None:
        """There is nothing to start."""

    def close(self, timeout: float) -> None:
        """There is nothing to end."""

    def connect(self, kernel_id: str, channels: Channels) -> None:
        raise NotImplementedError("no kernel is listened to here")

    def disconnect(self, kernel_id: str) -> None:
        """There is nothing to part from."""

    def mark(self, kernel_id: str, command: Command) -> None:
        """Queue a command behind all that was handed over so far."""
        self._queue.call(command)

    def ask(self, kernel_id: str, seconds: float) -> Future[dict[str, Any]]:
        """Answer at once: what the kernel has sent is in the queue already."""
        answer: Future[dict[str, Any]] = Future()
        answer.set_result({})
        return answer
