"""How long Python's garbage collector takes."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping
from typing import Any


class CollectionClock:
    """Adds up the `seconds` of collections, in whatever thread they happen."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self.seconds = 0.0
        self._started: float | None = None

    def install(self) -> None:
        gc.callbacks.append(self._told)

    def remove(self) -> None:
        if self._told in gc.callbacks:
            gc.callbacks.remove(self._told)

    def _told(self, phase: str, _: Mapping[str, Any]) -> None:
        if phase == "start":
            self._started = self._clock()
        elif self._started is not None:
            self.seconds += self._clock() - self._started
            self._started = None
