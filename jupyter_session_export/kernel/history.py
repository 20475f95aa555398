"""What this kernel has run and runs now, as it knows itself: for whoever shows it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

from ..records.timing import CellTiming
from ..records.usage import Told

MOST_RUNS = 10_000
MOST_RUNNING = 1000
HEAD_CHARACTERS = 400


class Started(NamedTuple):
    """An execution that runs; `began` is by `time.perf_counter`."""

    number: int
    code: str
    cell: str | None
    began: float
    subshell: str | None = None


class Ended(NamedTuple):
    """One that has ended; `order` counts ends. `source` is a hash of this process only."""

    order: int
    number: int
    head: str
    source: int
    cell: str | None
    began: float
    seconds: float
    status: str
    error: str | None
    execution_count: int | None
    used: Told
    timing: CellTiming


class History:
    """Written by the threads that run cells, read by any; nobody waits for anybody.

    Executions that keep no history, as tools ask for, are left out. Times are by a clock that
    nobody sets; `epoch` is when it stood at zero, so that all of them can be placed.
    """

    def __init__(self) -> None:
        self.epoch = time.time() - time.perf_counter()
        self.changed: Callable[[], object] = _nobody
        """Called when an execution begins or ends, in the thread that runs it."""
        self._ended: deque[Ended] = deque(maxlen=MOST_RUNS)
        self._running: dict[str, Started] = {}
        self._replies: dict[str, dict[str, Any]] = {}
        self._begun = self._count = 0

    def begin(self, msg_id: str, request: Any, clock: float) -> None:
        """Note that an execution begins, by its request."""
        content = request.get("content")
        if not isinstance(content, dict) or _is_hidden(content):
            return
        self._begun += 1
        cell = (request.get("metadata") or {}).get("cellId")
        subshell = request["header"].get("subshell_id")
        code = str(content.get("code", ""))
        if len(self._running) < MOST_RUNNING:
            self._running[msg_id] = Started(self._begun, code, cell, clock, subshell)
            self.changed()

    def reply(self, msg_id: str, content: Any) -> None:
        """Note how one ends, which is told shortly before it does."""
        if msg_id in self._running and isinstance(content, dict):
            self._replies[msg_id] = content

    def end(self, msg_id: str, clock: float, used: Told, timing: CellTiming) -> None:
        """Note that an execution has ended."""
        started = self._running.pop(msg_id, None)
        reply = self._replies.pop(msg_id, {})
        if started is None:
            return
        self._ended.append(
            Ended(
                self._count,
                started.number,
                started.code[:HEAD_CHARACTERS],
                hash(started.code),
                started.cell,
                started.began,
                max(0.0, clock - started.began),
                _status(reply),
                reply.get("ename"),
                reply.get("execution_count"),
                used,
                timing,
            )
        )
        self._count += 1
        self.changed()

    @property
    def count(self) -> int:
        """How many have ended so far, also those that are forgotten."""
        return self._count

    def running(self) -> list[Started]:
        """Return what runs now, the oldest first: more than one only in subshells."""
        return sorted(self._running.copy().values())

    def ended(self) -> list[Ended]:
        """Return what has ended, in the order in which it did."""
        return list(self._ended)

    def clear(self) -> None:
        """Forget all that has ended."""
        self._ended.clear()


def _is_hidden(content: dict[str, Any]) -> bool:
    return bool(content.get("silent")) or not content.get("store_history", True)


def _status(reply: dict[str, Any]) -> str:
    status = str(reply.get("status", "ok"))
    return "interrupted" if reply.get("ename") == "KeyboardInterrupt" else status


def _nobody() -> None:
    """Nobody looks."""
