"""What the summary tells of the executions, counted while they go by."""

from __future__ import annotations

import heapq
from collections import Counter
from datetime import datetime

from ..records.reading import ReadingFigures, Series
from ..records.recording import Recording
from .contents import RecordedExecution

SLOWEST = 10


class Tally:
    """Counts and times. Of executions it holds the slowest and no others."""

    def __init__(self) -> None:
        self.statuses: Counter[str] = Counter()
        self.notebooks: dict[str, int] = {}
        self.total_ms = 0.0
        self.cpu_ms: float | None = None
        self.largest: RecordedExecution | None = None
        self.gaps: list[str] = []
        self.first_started: datetime | None = None
        self.last_finished: datetime | None = None
        self.recordings: list[tuple[str, Recording]] = []
        self.readings: ReadingFigures | None = None
        self.series: list[Series] = []
        self._slowest: list[tuple[float, int, RecordedExecution]] = []

    def count(self, execution: RecordedExecution) -> None:
        """Take an execution into account."""
        self.statuses[execution.status.value] += 1
        if execution.notebook is not None:
            self.notebooks[execution.notebook] = self.notebooks.get(execution.notebook, 0) + 1
        self._place_in_time(execution)
        self._add_usage(execution)
        if execution.total_ms is None:
            return
        self.total_ms += execution.total_ms
        item = (execution.total_ms, -execution.number, execution)
        if len(self._slowest) < SLOWEST:
            heapq.heappush(self._slowest, item)
        else:
            heapq.heappushpop(self._slowest, item)

    def _add_usage(self, execution: RecordedExecution) -> None:
        if execution.cpu_ms is not None:
            self.cpu_ms = (self.cpu_ms or 0.0) + execution.cpu_ms
        if (execution.peak_rss_bytes or 0) > self.peak_rss_bytes:
            self.largest = execution

    @property
    def peak_rss_bytes(self) -> int:
        """The most memory that an execution held; 0 where that is known of none."""
        return (self.largest.peak_rss_bytes or 0) if self.largest else 0

    def _place_in_time(self, execution: RecordedExecution) -> None:
        started, finished = execution.started_at, execution.finished_at
        if started and (self.first_started is None or started < self.first_started):
            self.first_started = started
        if finished and (self.last_finished is None or finished > self.last_finished):
            self.last_finished = finished

    @property
    def executions(self) -> int:
        return self.statuses.total()

    @property
    def slowest(self) -> list[RecordedExecution]:
        """The slowest executions, the slowest first."""
        return [item[2] for item in sorted(self._slowest, reverse=True)]
