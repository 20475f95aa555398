"""Threads that were given up: they hang in a system call, which nobody but the system can end."""

from __future__ import annotations

import sys
import threading
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import FrameType

from ..records.times import now

WHOSE: ContextVar[str] = ContextVar("whose", default="")
"""For whom the current thread works."""
SURE = timedelta(seconds=2)
"""One that is given up for so long hangs; before that it may only have been slow."""
_PACKAGE = __name__.partition(".")[0]


@dataclass(frozen=True, slots=True)
class HangingThread:
    """A thread that does not come back, for whom it worked, and since when it is given up."""

    thread: threading.Thread
    whose: str
    since: datetime

    @property
    def place(self) -> str:
        """Where in this package it hangs, and at which file as far as that is known."""
        frame = sys._current_frames().get(self.thread.ident or 0)  # as debuggers do
        inner = _innermost(frame)
        if inner is None:
            return "unknown"
        code, path = inner.f_code, _path(inner)
        place = f"{Path(code.co_filename).name}:{inner.f_lineno} {code.co_name}"
        return f"{place}: {path}" if path else place


class HangingThreads:
    """Those of this process; one that comes back after all ends, and is not counted any more."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._threads: list[HangingThread] = []
        self._told: set[threading.Thread] = set()

    def add(self, thread: threading.Thread, whose: str) -> None:
        """Count a thread that works for somebody."""
        with self._lock:
            self._threads.append(HangingThread(thread, whose, now()))

    def all(self) -> list[HangingThread]:
        """Return those that still hang, the oldest first."""
        with self._lock:
            self._threads = [each for each in self._threads if each.thread.is_alive()]
            return list(self._threads)

    def news(self) -> list[HangingThread]:
        """Return those that surely hang and were not told of before."""
        threads = [each for each in self.all() if now() - each.since >= SURE]
        new = [each for each in threads if each.thread not in self._told]
        self._told = {each.thread for each in threads}
        return new

    def of(self, whose: str) -> list[HangingThread]:
        """Return those that worked for somebody."""
        return [each for each in self.all() if each.whose == whose]


HANGING = HangingThreads()


def _innermost(frame: FrameType | None) -> FrameType | None:
    """Return the innermost frame of this package."""
    while frame is not None and frame.f_globals.get("__name__", "").split(".")[0] != _PACKAGE:
        frame = frame.f_back
    return frame


def _path(frame: FrameType | None) -> str | None:
    """Return the file that a frame, or one that called it, has at hand."""
    # No server needs it to start.
    from .entries import OnDisk  # noqa: PLC0415

    while frame is not None:
        for name in ("source", "path", "folder", "file"):
            value = frame.f_locals.get(name)
            if isinstance(value, OnDisk):
                value = value.path
            if isinstance(value, (str, Path)):
                return str(value).encode("utf-8", "backslashreplace").decode()
        frame = frame.f_back
    return None
