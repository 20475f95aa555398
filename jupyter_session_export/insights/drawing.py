"""A time line as bars: what a picture of it needs, in parts of its width."""

from __future__ import annotations

from typing import NamedTuple

from .timeline import Run, Timeline

MOST_BARS = 400
"""No more are told apart; what would be narrower is drawn together with what stands beside it."""


class Bar(NamedTuple):
    """`x` and `width` are from 0 to 1, `row` counts kernels from 0.

    `runs` are the numbers of the first and the last run that it stands for, `size` how many,
    and `longest` the one that took longest of them. `status` is the worst of theirs.
    """

    x: float
    width: float
    row: int
    runs: tuple[int, int]
    size: int
    longest: Run
    status: str


class Drawing(NamedTuple):
    """Bars from the time `start` to `end`, in seconds since the epoch; `rows` are kernels."""

    start: float
    end: float
    rows: tuple[str, ...]
    bars: tuple[Bar, ...]


def draw(timeline: Timeline) -> Drawing:
    """Return the picture of all runs that have begun; those that run end at the present."""
    begun = [run for run in timeline.runs if run.started is not None]
    if not begun:
        return Drawing(timeline.present, timeline.present, (), ())
    start = min(run.started or 0.0 for run in begun)
    end = max(timeline.present, *(run.finished or 0.0 for run in begun), start)
    kernels: dict[str, list[Run]] = {}
    for run in begun:
        kernels.setdefault(run.kernel, []).append(run)
    bars = [
        bar
        for row, runs in enumerate(kernels.values())
        for bar in _row(runs, row, _Scale(start, end, timeline.present), len(kernels))
    ]
    return Drawing(start, end, tuple(kernels), tuple(bars))


class _Scale(NamedTuple):
    start: float
    end: float
    present: float

    def place(self, run: Run) -> tuple[float, float]:
        """Return where a run begins and ends."""
        begin, end = run.started or 0.0, run.finished
        return self._at(begin), self._at(max(begin, self.present if end is None else end))

    def _at(self, time: float) -> float:
        span = self.end - self.start
        return min(1.0, max(0.0, (time - self.start) / span)) if span > 0 else 0.0


def _row(runs: list[Run], row: int, scale: _Scale, rows: int) -> list[Bar]:
    """Return a kernel's bars; those that are nearer than can be seen are one."""
    finest = rows / MOST_BARS
    bars: list[Bar] = []
    for run in sorted(runs, key=lambda run: (run.started or 0.0, run.number)):
        begin, end = scale.place(run)
        last = bars[-1] if bars else None
        if last is not None and end < last.x + max(last.width, finest):
            bars[-1] = _together(last, run, end)
        else:
            bars.append(Bar(begin, end - begin, row, (run.number, run.number), 1, run, run.status))
    return bars


def _together(bar: Bar, run: Run, end: float) -> Bar:
    longest = max(bar.longest, run, key=lambda each: each.seconds or 0.0)
    return bar._replace(
        width=max(bar.width, end - bar.x),
        runs=(min(bar.runs[0], run.number), max(bar.runs[1], run.number)),
        size=bar.size + 1,
        longest=longest,
        status=bar.status if run.ended_well else run.status,
    )
