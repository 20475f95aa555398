"""Events on their way from the sessions' thread to whoever takes them, bounded in bytes."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from .events import Event, Missed, Output, Stderr, Stdout

MOST_BYTES = 16 * 2**20


class Mailbox:
    """`wake` is called in the sender's thread when something has come."""

    def __init__(self, wake: Callable[[], object], most_bytes: int = MOST_BYTES) -> None:
        self._wake = wake
        self._most = most_bytes
        self._lock = threading.Lock()
        self._events: deque[Event] = deque()
        self._bytes = self._missed = 0

    def put(self, event: Event) -> None:
        """Add an event; output that there is no room for is counted instead."""
        size = _size(event)
        with self._lock:
            if size and self._bytes + size > self._most:
                self._missed += size
                return
            if self._missed:
                self._events.append(Missed(self._missed))
                self._missed = 0
            self._events.append(event)
            self._bytes += size
        self._wake()

    def take(self) -> list[Event]:
        """Return what has come, in order."""
        with self._lock:
            taken = list(self._events)
            self._events.clear()
            self._bytes = 0
        return taken


def _size(event: Event) -> int:
    if isinstance(event, (Stdout, Stderr)):
        return len(event.text)
    if isinstance(event, Output):
        data = event.output.get("data") or {}
        return sum(len(value) if isinstance(value, str) else 1024 for value in data.values())
    return 0
