"""What ran in this kernel and in others of its session; what ran before tells how long it takes."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable
from itertools import takewhile
from statistics import median
from typing import NamedTuple

from ...insights.timeline import Run
from ..history import Ended, History, Started

HERE = "this kernel"
MOST_SPANS = 5
"""So many of the newest runs of a source tell how long it takes."""


class Expected(NamedTuple):
    """How long a source took before, by so many runs."""

    seconds: float
    times: int


class Runs:
    """Times are those of `History`, placed by its epoch. Only the pulse calls it."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._own: deque[tuple[int, Run]] = deque()
        self._others: tuple[Run, ...] = ()
        self._spans: dict[int, deque[float]] = {}
        self._others_spans: dict[str, list[float]] = {}
        self._seen = 0
        self._unrecorded: frozenset[int] = frozenset()
        self.fresh: list[Run] | None = None
        """What is new since the look before; None where something is gone, so all is."""

    @property
    def ended(self) -> list[Run]:
        """What has ended in this kernel."""
        unrecorded = self._unrecorded
        return [run for order, run in self._own if order not in unrecorded]

    @property
    def others(self) -> tuple[Run, ...]:
        """What other kernels ran, and this one before it was restarted."""
        return self._others

    @property
    def last_began(self) -> float:
        """When what ended last began, by `time.perf_counter`."""
        return (self._own[-1][1].started or 0.0) - self._history.epoch if self._own else 0.0

    def refresh(self) -> bool:
        """Take in what has ended since; tell whether anything is new, or gone."""
        unrecorded, self._unrecorded = self._unrecorded, self._history.unrecorded
        ended = self._history.ended()
        new = list(takewhile(lambda each: each.order >= self._seen, reversed(ended)))
        before = len(self._own)
        fresh = []
        for each in reversed(new):
            fresh.append(self._run(each))
            self._own.append((each.order, fresh[-1]))
            if each.status == "ok":
                self._spans.setdefault(each.source, deque(maxlen=MOST_SPANS)).append(each.seconds)
            self._seen = each.order + 1
        while self._own and (not ended or self._own[0][0] < ended[0].order):
            self._own.popleft()
        if not self._own:
            self._spans.clear()
        gone = not ended or unrecorded != self._unrecorded
        self.fresh = None if gone else fresh
        return bool(new) or len(self._own) != before or unrecorded != self._unrecorded

    def know(self, others: Iterable[Run]) -> None:
        """Take what other kernels ran from the record."""
        self._others = tuple(others)
        self._others_spans = {}
        for run in self._others:
            if run.source and run.seconds is not None and run.ended_well:
                self._others_spans.setdefault(run.source, []).append(run.seconds)

    def expected(self, started: Started) -> Expected | None:
        """Return how long the same source took, here or else in other kernels."""
        spans = list(self._spans.get(hash(started.code), ()))
        if not spans and self._others_spans:
            digest = hashlib.sha256(started.code.encode("utf-8", "surrogatepass")).hexdigest()
            spans = self._others_spans.get(digest, [])[-MOST_SPANS:]
        return Expected(median(spans), len(spans)) if spans else None

    def running(self, started: Started) -> Run:
        """Return what runs now as a run without an end."""
        return Run(
            number=started.number,
            kernel=HERE,
            cell=started.cell,
            source=str(hash(started.code)),
            head=started.code[:400],
            status="running",
            started=self._history.epoch + started.began,
        )

    def _run(self, each: Ended) -> Run:
        used, timing = each.used, each.timing
        began = self._history.epoch + each.began
        return Run(
            number=each.number,
            kernel=HERE,
            cell=each.cell,
            source=str(each.source),
            head=each.head,
            status=each.status,
            error=each.error,
            started=began,
            finished=began + each.seconds,
            seconds=each.seconds,
            cpu=used.cpu_ms / 1000,
            importing=_seconds(timing.importing_ms),
            collecting=_seconds(timing.gc_ms),
            writing=_seconds(timing.output_ms),
            delayed=_seconds(timing.delayed_ms),
            peak_rss=used.peak_rss_bytes,
            rss=used.rss_bytes,
            disk_bytes=(used.read_bytes or 0) + (used.write_bytes or 0),
        )


def _seconds(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000
