"""What this kernel has run and runs now, as it knows itself: for whoever shows it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Collection
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
    msg_id: str
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
        self._listeners: tuple[Callable[[], object], ...] = ()
        self._unrecorded: frozenset[int] = frozenset()
        self._ended: deque[Ended] = deque(maxlen=MOST_RUNS)
        self._running: dict[str, Started] = {}
        self._replies: dict[str, dict[str, Any]] = {}
        self._begun = self._count = 0

    def listen(self, listener: Callable[[], object]) -> None:
        """Have it called when an execution begins or ends, in the thread that runs that."""
        self._listeners = (*self._listeners, listener)

    def forget(self, listener: Callable[[], object]) -> None:
        """Don't call it any more."""
        self._listeners = tuple(each for each in self._listeners if each != listener)

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
            self._tell()

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
                msg_id,
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
        self._tell()

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

    @property
    def unrecorded(self) -> frozenset[int]:
        """The orders of those that the record hasn't, as far as that is known."""
        return self._unrecorded

    def compare(self, recorded: Collection[str], until: int) -> None:
        """Learn which of the first `until` that ended the record has, by their msg_ids.

        It has not what ran in a pause, and not what was purged from wherever. Each comparison
        counts for itself: what came late is back with the next one.
        """
        known = frozenset(recorded)
        self._unrecorded = frozenset(
            each.order
            for each in list(self._ended)
            if each.order < until and each.msg_id not in known
        )

    def clear(self) -> None:
        """Forget all that has ended."""
        self._ended.clear()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()


def _is_hidden(content: dict[str, Any]) -> bool:
    return bool(content.get("silent")) or not content.get("store_history", True)


def _status(reply: dict[str, Any]) -> str:
    status = str(reply.get("status", "ok"))
    return "interrupted" if reply.get("ename") == "KeyboardInterrupt" else status
