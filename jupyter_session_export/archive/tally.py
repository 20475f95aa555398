"""What the summary tells of the executions, counted while they go by."""

from __future__ import annotations

import heapq
from collections import Counter

from .contents import RecordedExecution

SLOWEST = 10


class Tally:
    """Counts and times. Bounded: it holds the slowest executions and no others."""

    def __init__(self) -> None:
        self.statuses: Counter[str] = Counter()
        self.notebooks: dict[str, int] = {}
        self.total_ms = 0.0
        self.gaps: list[str] = []
        self._slowest: list[tuple[float, int, RecordedExecution]] = []

    def count(self, execution: RecordedExecution) -> None:
        """Take an execution into account."""
        self.statuses[execution.status.value] += 1
        if execution.notebook is not None:
            self.notebooks[execution.notebook] = self.notebooks.get(execution.notebook, 0) + 1
        if execution.total_ms is None:
            return
        self.total_ms += execution.total_ms
        item = (execution.total_ms, -execution.number, execution)
        if len(self._slowest) < SLOWEST:
            heapq.heappush(self._slowest, item)
        else:
            heapq.heappushpop(self._slowest, item)

    @property
    def executions(self) -> int:
        return self.statuses.total()

    @property
    def slowest(self) -> list[RecordedExecution]:
        """The slowest executions, the slowest first."""
        return [item[2] for item in sorted(self._slowest, reverse=True)]
