"""What has ended in this kernel, put together as it comes: 10,000 runs are drawn as 100 are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...insights.drawing import Stretch, stretches, together
from ...insights.evidence import is_own
from ...insights.timeline import Run

MOST_STRETCHES = 1000
"""Then they are put together, to as many as can be told apart."""
MOST_APART = 500


class Place:
    """The runs of one cell."""

    __slots__ = ("head", "seconds", "times")

    def __init__(self) -> None:
        self.head = ""
        self.seconds = 0.0
        self.times = 0

    def add(self, run: Run) -> None:
        self.head, self.times = run.head, self.times + 1
        self.seconds += run.seconds or 0.0


class Crowd:
    """Only the pulse calls it."""

    def __init__(self) -> None:
        self._stretches: list[Stretch] = []
        self._places: dict[str, Place] = {}

    @property
    def stretches(self) -> Sequence[Stretch]:
        """What becomes bars."""
        return self._stretches

    @property
    def first(self) -> float | None:
        """When the first of them began."""
        return min((each.begin for each in self._stretches), default=None)

    def add(self, runs: Iterable[Run]) -> None:
        """Take in some more."""
        for run in runs:
            self._stretches += stretches([run], 0.0)
            if run.place is not None and run.seconds is not None and not is_own(run.head):
                self._places.setdefault(run.place, Place()).add(run)
            if len(self._stretches) > MOST_STRETCHES:
                self._put_together()

    def slowest(self, most: int) -> list[Place]:
        """Return the cells that took longest, all of their runs together."""
        places = sorted(self._places.values(), key=lambda place: place.seconds, reverse=True)
        return places[:most]

    def _put_together(self) -> None:
        first = min(each.begin for each in self._stretches)
        last = max(each.end for each in self._stretches)
        self._stretches = together(self._stretches, (last - first) / MOST_APART)
