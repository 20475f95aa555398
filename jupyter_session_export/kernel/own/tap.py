"""The tap on what a kernel sends: a backlog that its recorder empties.

It sits on the one session and the one thread through which all of a kernel's messages
go, so it misses nothing that a thread or a library sends, and needs no socket. All that
the kernel waits for is an append.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

MOST_BYTES = 64 * 1024 * 1024
STATUS_BYTES = 4096
"""Status messages are smaller than this; without its idle an execution would never end."""


class Published(NamedTuple):
    """The frames of a message on iopub, as they went out."""

    frames: list[bytes]
    at: float
    size: int


class Asked(NamedTuple):
    """An execute_request that the kernel takes up."""

    request: dict[str, Any]
    at: float


class Answered(NamedTuple):
    """An execute_reply."""

    msg_id: str
    content: dict[str, Any]
    at: float


Heard = Published | Asked | Answered


@dataclass(slots=True)
class Missed:
    """What there was no room for."""

    messages: int = 0
    bytes: int = 0
    at: float = 0.0


class Tap:
    """Wraps methods of a kernel's `session` and of its iopub thread, on the instances.

    Nothing is kept before the first execution that isn't silent; `begun` is called then.
    `leaving` is called when the kernel has been told to end, with whether it starts again.
    """

    def __init__(
        self,
        session: Any,
        iopub_thread: Any,
        *,
        begun: Callable[[], None],
        leaving: Callable[[bool], None],
    ) -> None:
        self._session, self._iopub = session, iopub_thread
        self._begun, self._leaving = begun, leaving
        self._send, self._publish = session.send, iopub_thread.send_multipart
        self._is_on = self._keeps = False
        self._backlog: deque[Heard] = deque()
        self._bytes = 0
        self._missed = Missed()
        self._rung = False
        self._bell = threading.Event()

    @property
    def keeps(self) -> bool:
        """Whether the first execution has come."""
        return self._keeps

    def install(self) -> None:
        self._is_on = True
        self._session.send = self._sending
        self._iopub.send_multipart = self._publishing

    def remove(self) -> None:
        """Take nothing any more; whoever wrapped these methods later goes on working."""
        self._is_on = False
        for owner, name, wrapper in (
            (self._session, "send", self._sending),
            (self._iopub, "send_multipart", self._publishing),
        ):
            if vars(owner).get(name) == wrapper:
                delattr(owner, name)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until there is something to take. The recorder's thread."""
        return self._bell.wait(timeout)

    def ring(self) -> None:
        """Have `wait` return."""
        self._bell.set()

    def take(self) -> list[Heard]:
        """Return what has come, in order; one thread at a time."""
        self._bell.clear()
        self._rung = False
        taken = []
        while self._backlog:
            taken.append(self._backlog.popleft())
        # Appends don't lock, so that the count may be off: each time it begins anew.
        self._bytes = 0
        return taken

    def take_missed(self) -> Missed | None:
        """Return what was missed since the last call."""
        if not self._missed.messages:
            return None
        missed, self._missed = self._missed, Missed()
        return missed

    def _sending(
        self,
        stream: Any,
        msg_or_type: Any,
        content: Any = None,
        parent: Any = None,
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        if self._is_on and msg_or_type == "status":
            self._note_request(content, parent)
        sent = self._send(stream, msg_or_type, content, parent, *args, **kwargs)
        # A forked process sends nothing, and is told None.
        if self._is_on and sent is not None:
            if msg_or_type == "execute_reply":
                self._note_reply(content, parent)
            elif msg_or_type == "shutdown_reply":
                self._leaving(bool(content.get("restart")))
        return sent

    def _publishing(self, frames: Any, *args: Any, **kwargs: Any) -> Any:
        if self._is_on and self._keeps:
            # Buffers may be the user's own memory, which changes.
            kept = [frame if type(frame) is bytes else bytes(frame) for frame in frames]
            self._add(Published(kept, time.time(), sum(map(len, kept))))
        return self._publish(frames, *args, **kwargs)

    def _note_request(self, content: Any, parent: Any) -> None:
        """Note the request that the kernel becomes busy for; also one that it will abort."""
        if not _is_request(parent) or content.get("execution_state") != "busy":
            return
        if not self._keeps and not parent["content"].get("silent"):
            self._keeps = True
            self._begun()
        if self._keeps:
            self._append(Asked(parent, time.time()), len(parent["content"].get("code", "")))

    def _note_reply(self, content: Any, parent: Any) -> None:
        if self._keeps and _is_request(parent):
            self._append(Answered(parent["header"]["msg_id"], content, time.time()), 0)

    def _add(self, message: Published) -> None:
        if self._bytes < MOST_BYTES or _is_status(message):
            self._append(message, message.size)
        else:
            self._missed.messages += 1
            self._missed.bytes += message.size
            self._missed.at = message.at

    def _append(self, item: Heard, size: int) -> None:
        self._backlog.append(item)
        self._bytes += size
        if not self._rung:
            self._rung = True
            self._bell.set()


def _is_request(parent: Any) -> bool:
    return (
        isinstance(parent, dict)
        and parent.get("header", {}).get("msg_type") == "execute_request"
        and isinstance(parent.get("content"), dict)
    )


def _is_status(message: Published) -> bool:
    return message.size < STATUS_BYTES and b"execution_state" in message.frames[-1]
