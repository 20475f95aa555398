"""How far an export is."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from ..stopwatch import Stopwatch

RATE_SECONDS = 5.0
"""The speed is that of so many last seconds."""
SAMPLE_SECONDS = 0.25
SETTLING, PLANNING, COMPRESSING = "settling", "planning", "compressing"
"""What an export does until it is ready."""


@dataclass(slots=True)
class Progress:
    """Counters that one worker thread writes and others read; each is a plain number.

    `percent` is by bytes, or by entries where no bytes are expected. `watch` times the stages.
    """

    entries_done: int = 0
    entries_total: int = 0
    bytes_done: int = 0
    bytes_total: int = 0
    watch: Stopwatch = field(default_factory=lambda: Stopwatch(SETTLING))
    _stopped_at: float | None = None
    _samples: deque[tuple[float, int]] = field(default_factory=deque)

    def advance(self, entries: int, size: int) -> None:
        """Take in how many entries and bytes are done; there may turn out to be more than known."""
        self.entries_done, self.bytes_done = entries, size
        self.entries_total = max(self.entries_total, entries)
        self.bytes_total = max(self.bytes_total, size)
        at, samples = time.monotonic(), self._samples
        if not samples or at - samples[-1][0] >= SAMPLE_SECONDS:
            samples.append((at, size))
            while at - samples[0][0] > RATE_SECONDS and len(samples) > 1:
                samples.popleft()

    @property
    def bytes_per_second(self) -> int | None:
        """The speed of late, or None where nothing is known yet."""
        if not self._samples:
            return None
        at, size = self._samples[0]
        passed = (self._stopped_at or time.monotonic()) - at
        return round((self.bytes_done - size) / passed) if passed >= SAMPLE_SECONDS else None

    @property
    def stage(self) -> str:
        """What is being done, or how it ended."""
        return self.watch.stage

    @property
    def elapsed(self) -> float:
        """Seconds since it began, up to its end."""
        return self.watch.elapsed

    @property
    def percent(self) -> float:
        """From 0 to 100; 100 only at the end."""
        if self.stage == "ready":
            return 100.0
        done, total = self.bytes_done, self.bytes_total
        if not total:
            done, total = self.entries_done, self.entries_total
        return min(99.9, round(100.0 * done / total, 1)) if total else 0.0

    @property
    def remaining(self) -> float | None:
        """Estimated seconds to go, or None where nothing is known yet."""
        percent = self.percent
        if percent >= 100.0:
            return 0.0
        return round(self.elapsed * (100.0 - percent) / percent, 3) if percent > 0 else None

    def finish(self, stage: str) -> None:
        """Stop the clock."""
        self.watch.end(stage)
        self._stopped_at = self._stopped_at or time.monotonic()

    def to_json(self) -> dict[str, Any]:
        return {
            "stage": self.stage,
            "percent": self.percent,
            "entries_done": self.entries_done,
            "entries_total": self.entries_total,
            "bytes_done": self.bytes_done,
            "bytes_total": self.bytes_total,
            "elapsed": round(self.elapsed, 3),
            "remaining": self.remaining,
            "bytes_per_second": self.bytes_per_second,
        }
