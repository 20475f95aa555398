"""What the panel shows of executions, drawn anew only where something is new."""

from __future__ import annotations

from collections.abc import Sequence

from ..history import History, Started
from .crowd import Crowd
from .curves import curves_html
from .layout import Layout
from .meter import Meter
from .picture import picture, session_html
from .runs import Runs
from .standing import Standing
from .words import now_html, slowest_html

CURVE_SECONDS = 1.0
AHEAD_SHARE, AHEAD_LEAST = 0.25, 10.0
"""How far ahead the time line reaches while a cell runs: of what it shows, and in seconds."""


class Sight:
    """Only one thread at a time calls it; `name` tells this panel's picture from others."""

    def __init__(self, parts: Layout, history: History, name: str, hint: str) -> None:
        self._runs = Runs(history)
        self._crowd = Crowd()
        self._parts = parts
        self._history = history
        self._name = name
        self._hint = hint
        self._meter = Meter(history.ended())
        self._standing = Standing()
        self._drawn: tuple[int, ...] | None = None
        self._due = self._curves_due = 0.0

    def refresh(self, standing: Standing, now: float) -> float | None:
        """Show how things are at a time of `time.perf_counter`.

        Return for how long the oldest of what runs does so.
        """
        running = self._history.running()
        ended = self._runs.refresh()
        if standing.others is not self._standing.others:
            self._runs.know(standing.others)
            session = session_html(self._runs.ended, self._runs.others, f"{self._name}-session")
            self._parts.session.value = session
        self._standing = standing
        expected = [self._runs.expected(each) for each in running]
        self._parts.now.value = now_html(running, expected, now, standing, self._hint)
        numbers = tuple(each.number for each in running)
        if ended:
            self._take_in()
        if ended or numbers != self._drawn or now >= self._due:
            self._draw(running, now)
            self._drawn = numbers
        self._measure(now, running, anyway=ended)
        return now - min(each.began for each in running) if running else None

    def _take_in(self) -> None:
        if self._runs.fresh is None:
            self._crowd = Crowd()
        self._crowd.add(self._runs.ended if self._runs.fresh is None else self._runs.fresh)

    def _draw(self, running: Sequence[Started], now: float) -> None:
        crowd, epoch = self._crowd, self._history.epoch
        drawn = [self._runs.running(each) for each in running]
        starts = [each for each in (crowd.first, *(run.started for run in drawn)) if each]
        ahead = max(AHEAD_LEAST, AHEAD_SHARE * (epoch + now - min(starts, default=epoch + now)))
        image = picture(crowd.stretches, drawn, epoch + now, ahead, self._name)
        self._parts.timeline.value = image.html
        self._parts.slowest.value = slowest_html(crowd)
        self._due = image.until - epoch

    def _measure(self, now: float, running: Sequence[Started], *, anyway: bool) -> None:
        since = min((each.began for each in running), default=self._runs.last_began)
        self._meter.look(now, since)
        if anyway or now >= self._curves_due:
            self._curves_due = now + CURVE_SECONDS
            self._parts.curves.value = curves_html(self._meter.samples)
