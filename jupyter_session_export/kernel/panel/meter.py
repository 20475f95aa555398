"""Memory and processor of this process over time: as many samples as a curve shows."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from ..history import Ended

if TYPE_CHECKING:
    from ..cell_usage import Memory

MOST_SAMPLES = 240


class Sample(NamedTuple):
    """At a time of `time.perf_counter`: bytes of memory, and seconds of the processor so far."""

    clock: float
    rss: int | None
    cpu: float


class Meter:
    """Holds samples of all the time there was: the more of it, the farther apart."""

    def __init__(self, ended: Iterable[Ended] = ()) -> None:
        """Begin with what is known of the time before."""
        self._samples = samples_of(ended, time.process_time())
        self._memory = _memory()
        self._apart = 0.0
        self._thin()

    @property
    def samples(self) -> list[Sample]:
        return list(self._samples)

    def add(self, clock: float, cpu: float) -> None:
        """Take a sample."""
        if len(self._samples) > 1:
            before, last = self._samples[-2:]
            if last.clock - before.clock < self._apart:
                self._samples[-2:] = [_merged(before, last)]
        self._samples.append(Sample(clock, self._rss(), cpu))
        self._thin()

    def note_peak(self, rss: int | None) -> None:
        """Take in that there was more memory in use than a sample saw."""
        if rss is not None and self._samples:
            last = self._samples[-1]
            self._samples[-1] = last._replace(rss=max(rss, last.rss or 0))

    def _rss(self) -> int | None:
        found = None if self._memory is None else self._memory.look()
        return None if found is None else found[0]

    def _thin(self) -> None:
        while len(self._samples) > MOST_SAMPLES:
            self._samples = thinned(self._samples)
            span = self._samples[-1].clock - self._samples[0].clock
            self._apart = 2 * span / MOST_SAMPLES


def thinned(samples: Sequence[Sample]) -> list[Sample]:
    """Return half as many; the peaks, which one looks for, and the newest stay."""
    pairs = zip(samples[0:-1:2], samples[1:-1:2], strict=False)
    kept = [_merged(one, other) for one, other in pairs]
    odd = [] if len(samples) % 2 else [samples[-2]]
    return [*kept, *odd, samples[-1]]


def _merged(one: Sample, other: Sample) -> Sample:
    """Return the first of two, with the more of their memory."""
    known = [each.rss for each in (one, other) if each.rss is not None]
    return one._replace(rss=max(known, default=None))


def samples_of(ended: Iterable[Ended], cpu: float) -> list[Sample]:
    """Return samples of each execution: its begin, its peak and its end.

    The processor's time is counted back from `cpu`.
    """
    samples: list[Sample] = []
    for each in sorted(ended, key=lambda each: each.began, reverse=True):
        used, half = each.used, each.used.cpu_ms / 2000
        samples.append(Sample(each.began + each.seconds, used.rss_bytes, cpu))
        samples.append(Sample(each.began + each.seconds / 2, used.peak_rss_bytes, cpu - half))
        cpu -= 2 * half
        samples.append(Sample(each.began, None, cpu))
    samples.reverse()
    return samples


def loads(samples: Sequence[Sample]) -> list[tuple[float, float]]:
    """Return how many processors were busy until each sample, from the one before it."""
    return [
        (later.clock, max(0.0, later.cpu - earlier.cpu) / (later.clock - earlier.clock))
        for earlier, later in pairwise(samples)
        if later.clock > earlier.clock
    ]


def _memory() -> Memory | None:
    if os.name != "posix":
        return None
    from ..cell_usage import Memory  # noqa: PLC0415  # `resource` is POSIX's alone

    return Memory()
