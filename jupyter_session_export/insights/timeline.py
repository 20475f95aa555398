"""What ran when, and what was measured of it: all that findings rest on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from typing import NamedTuple

from .reads import names_read
from .sources import Source


class Run(NamedTuple):
    """An execution in figures: times in seconds since the epoch, spans in seconds.

    `kernel` is one process: its id with its incarnation. `source` is a hash, `cell` an id
    that is unique among notebooks. `seconds` is how long it executed; `cpu` is of all of
    the kernel's threads and children; `rss` is the memory in use when it ended; `delayed` is
    for how long no processor was free. What was not measured is None.
    """

    number: int
    kernel: str
    language: str = "python"
    notebook: str | None = None
    cell: str | None = None
    source: str | None = None
    head: str = ""
    status: str = "ok"
    error: str | None = None
    submitted: float | None = None
    started: float | None = None
    finished: float | None = None
    seconds: float | None = None
    cpu: float | None = None
    importing: float | None = None
    collecting: float | None = None
    writing: float | None = None
    peak_rss: int | None = None
    rss: int | None = None
    disk_bytes: int | None = None
    output_bytes: int = 0
    delayed: float | None = None

    @property
    def queued(self) -> float | None:
        """How long it waited for its turn; clocks that were set back make it 0."""
        if self.submitted is None or self.started is None:
            return None
        return max(0.0, self.started - self.submitted)

    @property
    def waiting(self) -> float | None:
        """How long it neither computed nor ended."""
        if self.seconds is None or self.cpu is None:
            return None
        return max(0.0, self.seconds - self.cpu)

    @property
    def waiting_elsewhere(self) -> float | None:
        """How long it waited at least, neither while it imported nor for a processor."""
        waiting = self.waiting
        if waiting is None:
            return None
        explained = (max(0.0, known or 0.0) for known in (self.importing, self.delayed))
        return max(0.0, waiting - sum(explained))

    @property
    def place(self) -> str | None:
        """What runs of the same cell share, or of the same code where there is no cell."""
        return self.cell or self.source

    @property
    def ended_well(self) -> bool:
        return self.status == "ok"


class Layout(NamedTuple):
    """The code cells of a notebook in their order, as it was saved at a time."""

    cells: tuple[str, ...]
    saved_at: float


STARTED: Callable[[Run], float] = attrgetter("started")
"""When a run started that did; a pair with its number would cost thrice as much to sort by."""


@dataclass(frozen=True)
class Timeline:
    """A session as findings see it at the time `present`.

    `runs` are in the order of their numbers. `sources` tells of sources by hash, as many as
    were looked at; `layouts` of notebooks. `kernel_ends` says when kernels went that did,
    `kernels_alive` are known to run at present; of others neither is known.
    """

    runs: tuple[Run, ...] = ()
    present: float = 0.0
    sources: Mapping[str, Source] = field(default_factory=dict)
    layouts: Mapping[str, Layout] = field(default_factory=dict)
    kernel_ends: Mapping[str, float] = field(default_factory=dict)
    kernels_alive: frozenset[str] = frozenset()
    cores: float | None = None
    memory_limit: int | None = None

    @cached_property
    def by_kernel(self) -> dict[str, list[Run]]:
        """The runs that have ended, of each kernel, in the order in which they started."""
        kernels: defaultdict[str, list[Run]] = defaultdict(list)
        for run in self.runs:
            if run.started is not None and run.finished is not None:
                kernels[run.kernel].append(run)
        for runs in kernels.values():
            # Of two that started at once the one with the lower number stays the first.
            runs.sort(key=STARTED)
        return dict(kernels)

    @cached_property
    def timed(self) -> list[Run]:
        """The runs whose time is known."""
        return [run for run in self.runs if run.seconds is not None]

    @cached_property
    def executing(self) -> float:
        """Seconds in which cells ran, of all kernels together."""
        return sum(run.seconds or 0.0 for run in self.timed)

    @cached_property
    def total(self) -> float:
        """Seconds that there are to save: of executing, or from the first to the present."""
        starts = [run.started for run in self.runs if run.started is not None]
        span = self.present - min(starts) if starts else 0.0
        return max(self.executing, span, 0.0)

    @cached_property
    def _reads(self) -> dict[int, frozenset[str]]:
        found: dict[int, frozenset[str]] = {}
        for runs in self.by_kernel.values():
            known = ((run.number, self.source_of(run)) for run in runs)
            found.update(names_read((n, source) for n, source in known if source is not None))
        return found

    def reads_of(self, run: Run) -> frozenset[str]:
        """The names that it read, also in functions; none where its code isn't known."""
        return self._reads.get(run.number, frozenset())

    def source_of(self, run: Run) -> Source | None:
        """What is known of its code; None for what is not Python or was not looked at."""
        return None if run.source is None else self.sources.get(run.source)


def by_place(runs: Iterable[Run]) -> dict[str, list[Run]]:
    """Return runs by what runs of the same cell share."""
    places: dict[str, list[Run]] = {}
    for run in runs:
        if place := run.place:
            places.setdefault(place, []).append(run)
    return places
