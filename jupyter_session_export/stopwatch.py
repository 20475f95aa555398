"""Times a workflow while it goes from stage to stage."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from .records.timing import INITIALIZING, StageTiming, Timing


class Stopwatch:
    """Runs from the moment it is made until `end`; for any thread.

    The clock only ever counts forward, whatever is done to the time of day.
    """

    def __init__(
        self, stage: str = INITIALIZING, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._began = clock()
        self._lock = threading.Lock()
        self._laps: tuple[StageTiming, ...] = (StageTiming(stage, 0.0, 0.0),)
        self._running = True

    @classmethod
    def stopped(cls, timing: Timing) -> Stopwatch:
        """Return one that shows what another has measured, on whatever machine."""
        watch = cls()
        watch._laps, watch._running = timing.stages or watch._laps, False
        return watch

    @property
    def stage(self) -> str:
        """The present stage, or how it ended."""
        return self._laps[-1].stage

    @property
    def elapsed(self) -> float:
        """Seconds since it began, up to its end."""
        return self.timing().total

    def enter(self, stage: str, message: str = "", **details: Any) -> None:
        """Begin a stage, which ends the one before; nothing happens if it is the present one.

        Nor after the end, which another thread may have come to know of earlier.
        """
        with self._lock:
            if self._running and stage != self.stage:
                self._follow(StageTiming(stage, self._now(), 0.0, None, message, details))

    def tell(
        self, percent: float | None = None, message: str | None = None, **details: Any
    ) -> None:
        """Say how far the present stage is, and what it does."""
        with self._lock:
            lap = self._laps[-1]
            told = replace(
                lap,
                percent=lap.percent if percent is None else min(100.0, max(0.0, percent)),
                message=lap.message if message is None else message,
                details={**lap.details, **details},
            )
            self._laps = (*self._laps[:-1], told)

    def end(self, stage: str, message: str = "", **details: Any) -> None:
        """Stop at an end such as `completed`; a later one only tells what became of it then."""
        with self._lock:
            if self._running or stage != self.stage:
                at = self._now() if self._running else Timing(self._laps).total
                self._follow(StageTiming(stage, at, 0.0, 100.0, message, details))
                self._running = False

    def timing(self) -> Timing:
        """Return what has been measured so far."""
        with self._lock:
            if not self._running:
                return Timing(self._laps)
            last = self._laps[-1]
            present = replace(last, elapsed=self._now() - last.start)
            return Timing((*self._laps[:-1], present))

    def _follow(self, next_lap: StageTiming) -> None:
        last = self._laps[-1]
        done = replace(last, elapsed=next_lap.start - last.start, percent=100.0)
        self._laps = (*self._laps[:-1], done, next_lap)

    def _now(self) -> float:
        return self._clock() - self._began
