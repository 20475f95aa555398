"""What repeated measurements say: medians, percentiles, intervals, runs in turn."""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")
RESAMPLES = 2000


def median(values: Sequence[float]) -> float:
    """Return the median. Raises StatisticsError for no values."""
    return statistics.median(values)


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the nearest-rank percentile, so that a figure is one that was measured."""
    ordered = sorted(values)
    rank = round(percent / 100 * len(ordered) + 0.5) - 1
    return ordered[min(len(ordered) - 1, max(0, rank))]


def interval(values: Sequence[float], coverage: float = 95.0) -> tuple[float, float]:
    """Return the bootstrap interval of the median."""
    draw = random.Random(len(values))  # noqa: S311  # not for secrets, and the same at each run
    medians = [median(draw.choices(values, k=len(values))) for _ in range(RESAMPLES)]
    tail = (100 - coverage) / 2
    return percentile(medians, tail), percentile(medians, 100 - tail)


def in_turn(
    contenders: Mapping[str, Callable[[], T]],
    rounds: int,
    fewer: Mapping[str, int] | None = None,
) -> dict[str, list[T]]:
    """Run all contenders round by round, so that a slow minute of the machine hits them alike.

    `fewer` limits the rounds of slow ones. The order is turned at each round.
    """
    runs: dict[str, list[T]] = {name: [] for name in contenders}
    for turn in range(rounds):
        names = list(contenders)
        if turn % 2:
            names.reverse()
        for name in names:
            if turn < (fewer or {}).get(name, rounds):
                runs[name].append(contenders[name]())
    return runs
