"""What an execution used, from samples of its kernel and from what the kernel says. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..records.usage import Limits, Told, Usage

if TYPE_CHECKING:
    from .processes import Sample

CLOCK_SECONDS = 0.02
"""How exactly a system knows when a process was created."""


@dataclass(slots=True)
class Metered:
    """The samples of one execution so far: the first, the last, and the most memory.

    `began_at` is when it began, in seconds since 1970.
    """

    began_at: float = math.inf
    first: Sample | None = None
    last: Sample | None = None
    peak_rss_bytes: int = 0
    _children_before_ms: float = 0.0

    def take(self, sample: Sample | None) -> None:
        """Count a sample; None, of a process that has ended, leaves what there is."""
        if sample is not None:
            if self.first is None:
                self.first = sample
                # The first sample may be late: what was born since counts from its birth on.
                own = sum(ms for at, ms in sample.born if at >= self.began_at - CLOCK_SECONDS)
                self._children_before_ms = sample.children_cpu_ms - own
            self.last = sample
            self.peak_rss_bytes = max(self.peak_rss_bytes, sample.rss_bytes)

    def usage(self, limits: Limits, told: Told | None = None) -> Usage:
        """Return what was used.

        The kernel is exact for itself, and samples know of children that still run.
        """
        return Usage(
            cpu_ms=self._cpu_ms(told),
            peak_rss_bytes=max(self.peak_rss_bytes, _of(told, "peak_rss_bytes") or 0) or None,
            rss_bytes=_of(told, "rss_bytes"),
            read_bytes=self._bytes("read_bytes", told),
            write_bytes=self._bytes("write_bytes", told),
            memory_limit_bytes=limits.memory_bytes,
            cpu_limit=limits.cpus,
        )

    def _cpu_ms(self, told: Told | None) -> float | None:
        if self.first is None or self.last is None:
            return None if told is None else told.cpu_ms
        least = 0.0 if told is None else told.cpu_ms
        own = self.last.cpu_ms - self.first.cpu_ms if told is None else told.cpu_ms
        # A child that was waited for has become part of `own`, with all that it ever used.
        children = self.last.children_cpu_ms - self._children_before_ms
        return round(max(least, own + children), 3)

    def _bytes(self, name: str, told: Told | None) -> int | None:
        first: int | None = getattr(self.first, name, None)
        last: int | None = getattr(self.last, name, None)
        if first is None or last is None:
            return _of(told, name)
        return max(0, last - first, _of(told, name) or 0)


def _of(told: Told | None, name: str) -> int | None:
    """Return a figure that the kernel told; None where it didn't."""
    figure: int | None = getattr(told, name, None)
    return figure
