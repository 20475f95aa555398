"""An echo: a request on control whose iopub status proves that all before it has come."""

from __future__ import annotations

import time
import uuid
from concurrent.futures import Future
from typing import Any

import zmq

from .channels import Channels
from .wire import ForgedMessage, MalformedMessage, Wire

RESEND_AFTER = 0.2
"""Seconds; a kernel that is still starting may not have bound its ports yet."""
REPLY_GRACE = 0.5
"""Seconds to wait for the reply once iopub has echoed; the reply tells the language."""


class Echo:
    """One echo of one kernel; it lives in the subscriber's thread."""

    def __init__(
        self, channels: Channels, context: zmq.Context[zmq.Socket[bytes]], seconds: float
    ) -> None:
        self.future: Future[dict[str, Any]] = Future()
        self.socket = channels.control_socket(context)
        self._wire = Wire(channels.key, channels.scheme)
        # One prefix for all that are sent: the answer to any of them will do.
        self._mark = uuid.uuid4().hex
        self._needle = self._mark.encode()
        self._deadline = time.monotonic() + seconds
        self._send_at = 0.0
        self._heard_at: float | None = None
        self._reply: dict[str, Any] | None = None

    @property
    def done(self) -> bool:
        return self.future.done()

    def hear(self, frames: list[bytes]) -> None:
        """Look at an iopub message for the echo."""
        if self._heard_at is None and any(self._needle in frame for frame in frames[:5]):
            self._heard_at = time.monotonic()

    def receive(self) -> None:
        """Take replies from the control channel."""
        while True:
            try:
                frames = self.socket.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return
            try:
                self._reply = self._wire.read_content(frames)
            except (MalformedMessage, ForgedMessage):
                continue

    def advance(self) -> None:
        """Send again, resolve or give up, as the time demands."""
        at = time.monotonic()
        if self.done:
            return
        if self._heard_at is not None and (
            self._reply is not None or at > self._heard_at + REPLY_GRACE
        ):
            self._resolve(self._reply or {})
        elif at > self._deadline:
            if self._heard_at is None:
                self._fail(TimeoutError("the kernel did not answer on control"))
            else:
                self._resolve({})
        elif self._heard_at is None and at >= self._send_at:
            self._send_at = at + RESEND_AFTER
            self._send()

    def close(self) -> None:
        self.socket.close()
        self._fail(TimeoutError("the kernel's channels were closed"))

    def _send(self) -> None:
        frames = self._wire.request("kernel_info_request", f"{self._mark}_{time.monotonic_ns()}")
        try:
            self.socket.send_multipart(frames, zmq.NOBLOCK)
        except zmq.Again:
            return

    def _resolve(self, reply: dict[str, Any]) -> None:
        if self.future.set_running_or_notify_cancel():
            self.future.set_result(reply)

    def _fail(self, error: Exception) -> None:
        if not self.done and self.future.set_running_or_notify_cancel():
            self.future.set_exception(error)
