"""A time line as bars: what a picture of it needs, in parts of its width."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from typing import NamedTuple

from .timeline import Run, Timeline

MOST_BARS = 400
"""No more are told apart; what would be narrower is drawn together with what stands beside it."""
_PLACE = attrgetter("begin", "runs")


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


class Stretch(NamedTuple):
    """What becomes a bar, in seconds since the epoch; it is of one kernel."""

    begin: float
    end: float
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


def draw(timeline: Timeline, before: Iterable[Stretch] = (), most_bars: int = MOST_BARS) -> Drawing:
    """Return the picture of all runs that have begun; those that run end at the present.

    `before` are some that were put together already.
    """
    kernels: dict[str, list[Stretch]] = {}
    for stretch in (*before, *stretches(timeline.runs, timeline.present)):
        kernels.setdefault(stretch.longest.kernel, []).append(stretch)
    if not kernels:
        return Drawing(timeline.present, timeline.present, (), ())
    whole = [stretch for row in kernels.values() for stretch in row]
    start = min(stretch.begin for stretch in whole)
    end = max(timeline.present, *(stretch.end for stretch in whole))
    finest = (end - start) * len(kernels) / most_bars
    bars = [
        _bar(stretch, row, start, end)
        for row, kernel in enumerate(kernels.values())
        for stretch in together(kernel, finest)
    ]
    return Drawing(start, end, tuple(kernels), tuple(bars))


def stretches(runs: Iterable[Run], present: float) -> list[Stretch]:
    """Return runs that have begun as they are to be drawn, each for itself."""
    return [
        Stretch(
            run.started,
            max(run.started, present if run.finished is None else run.finished),
            (run.number, run.number),
            1,
            run,
            run.status,
        )
        for run in runs
        if run.started is not None
    ]


def together(row: Iterable[Stretch], finest: float) -> list[Stretch]:
    """Return those of one kernel; what is nearer than so many seconds is one."""
    found: list[Stretch] = []
    for each in sorted(row, key=_PLACE):
        last = found[-1] if found else None
        if last is not None and each.end < max(last.end, last.begin + finest):
            found[-1] = _joined(last, each)
        else:
            found.append(each)
    return found


def _joined(one: Stretch, other: Stretch) -> Stretch:
    return Stretch(
        one.begin,
        max(one.end, other.end),
        (min(one.runs[0], other.runs[0]), max(one.runs[1], other.runs[1])),
        one.size + other.size,
        max(one.longest, other.longest, key=lambda run: run.seconds or 0.0),
        one.status if other.status == "ok" else other.status,
    )


def _bar(stretch: Stretch, row: int, start: float, end: float) -> Bar:
    span = end - start
    x = min(1.0, max(0.0, (stretch.begin - start) / span)) if span > 0 else 0.0
    until = min(1.0, max(0.0, (stretch.end - start) / span)) if span > 0 else 0.0
    _, _, runs, size, longest, status = stretch
    return Bar(x, until - x, row, runs, size, longest, status)
