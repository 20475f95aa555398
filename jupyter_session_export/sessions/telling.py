"""The stages of a run: timed, and told of."""

from __future__ import annotations

from collections.abc import Callable

from ..stopwatch import Stopwatch
from .events import Event, Progress

Emit = Callable[[Event], None]


class Telling:
    """Times the stages of a run, and tells of them."""

    def __init__(self, watch: Stopwatch, emit: Emit) -> None:
        self.watch, self._emit = watch, emit

    def stage(self, name: str) -> None:
        self.watch.enter(name)
        self._tell()

    def file(self, path: str, percent: float) -> None:
        self.watch.tell(percent, path)
        self._tell()

    def line(self, text: str) -> None:
        self.watch.tell(None, text)
        self._tell()

    def end(self, name: str) -> None:
        self.watch.end(name)
        self._tell()

    def _tell(self) -> None:
        self._emit(Progress(self.watch.timing().stages[-1]))
