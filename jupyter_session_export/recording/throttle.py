"""How often each action may be written down: a flood of one hides no other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

BURST = 300
PER_SECOND = 1.0
SUMMARY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Lines of one action that were not written."""

    log: str
    action: str
    lines: int
    since: datetime
    until: datetime


@dataclass(slots=True)
class _Bucket:
    """A token bucket, and what it turned away since its last summary."""

    tokens: float
    filled_at: float
    left_out: LeftOut | None = None
    due_at: float = 0.0


class Throttle:
    """One bucket for each action of each log; `at` is a monotonic time in seconds."""

    def __init__(self, burst: int = BURST, per_second: float = PER_SECOND) -> None:
        self._burst = burst
        self._per_second = per_second
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def admits(self, log: str, action: str, time: datetime, at: float) -> bool:
        """Tell whether a line may be written; one that may not is counted."""
        bucket = self._buckets.setdefault((log, action), _Bucket(self._burst, at))
        refill = (at - bucket.filled_at) * self._per_second
        bucket.tokens = min(self._burst, bucket.tokens + refill)
        bucket.filled_at = at
        if bucket.tokens >= 1:
            bucket.tokens -= 1
            return True
        before = bucket.left_out
        if before is None:
            bucket.due_at = at + SUMMARY_SECONDS
            bucket.left_out = LeftOut(log, action, 1, time, time)
        else:
            bucket.left_out = LeftOut(log, action, before.lines + 1, before.since, time)
        return False

    def take_left_out(self, at: float | None = None) -> list[LeftOut]:
        """Return what to say of lines that were left out: all, or what is due."""
        told = []
        for bucket in self._buckets.values():
            if bucket.left_out is not None and (at is None or at >= bucket.due_at):
                told.append(bucket.left_out)
                bucket.left_out = None
        return told
