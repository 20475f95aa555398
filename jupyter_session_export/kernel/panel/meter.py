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
    """At a time of `time.perf_counter`: bytes of memory, and seconds of the processor so far.

    `peak` is the most memory since the sample before; children that ended are in `cpu`.
    """

    clock: float
    rss: int | None
    cpu: float
    peak: int | None = None


class Meter:
    """Holds samples of all the time there was: the more of it, the farther apart."""

    def __init__(self, ended: Iterable[Ended] = ()) -> None:
        """Begin with what is known of the time before."""
        self._cpu, self._children = processor_seconds()
        self._samples = samples_of(ended, self._cpu + self._children)
        self._memory = _memory()
        self._most = 0
        self._rss()
        self._apart = 0.0
        self._thin()

    @property
    def samples(self) -> list[Sample]:
        return list(self._samples)

    def look(self, clock: float, since: float) -> None:
        """Take a sample; what runs, or ended last, has done so since then."""
        own, children = processor_seconds()
        if children > self._children:
            self._spread(children - self._children, since, clock)
            self._children = children
        self.add(clock, own + children)

    def add(self, clock: float, cpu: float) -> None:
        """Take a sample of memory, by which the processor had worked so long."""
        if len(self._samples) > 1:
            before, last = self._samples[-2:]
            if last.clock - before.clock < self._apart:
                self._samples[-2:] = [_merged(before, last)]
        rss, peak = self._rss()
        self._samples.append(Sample(clock, rss, cpu, peak))
        self._thin()

    def _spread(self, seconds: float, since: float, until: float) -> None:
        """Have a child's work, told at its end, lie in the time in which it may have been."""
        if until > since:
            self._samples = [
                each._replace(cpu=each.cpu + seconds * (each.clock - since) / (until - since))
                if each.clock > since
                else each
                for each in self._samples
            ]

    def _rss(self) -> tuple[int | None, int | None]:
        """Return how much memory there is, and what it was at most since this was called last."""
        found = None if self._memory is None else self._memory.look()
        if found is None:
            return None, None
        rss, most = found
        before, self._most = self._most, most
        return rss, max(rss, most) if most > before else rss

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
    peaks = [each.peak for each in (one, other) if each.peak is not None]
    return one._replace(rss=max(known, default=None), peak=max(peaks, default=None))


def samples_of(ended: Iterable[Ended], cpu: float) -> list[Sample]:
    """Return two samples for each execution, the processor's time counted back from `cpu`."""
    samples: list[Sample] = []
    for each in sorted(ended, key=lambda each: each.began, reverse=True):
        used = each.used
        end = each.began + each.seconds
        samples.append(Sample(end, used.rss_bytes, cpu, used.peak_rss_bytes))
        cpu -= used.cpu_ms / 1000
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


def processor_seconds() -> tuple[float, float]:
    """Return how long this process has worked, and its children that have ended."""
    if os.name != "posix":
        return time.process_time(), 0.0
    import resource  # noqa: PLC0415  # POSIX's alone

    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time(), ended.ru_utime + ended.ru_stime


def _memory() -> Memory | None:
    if os.name != "posix":
        return None
    from ..cell_usage import Memory  # noqa: PLC0415  # `resource` is POSIX's alone

    return Memory()
