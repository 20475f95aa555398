"""What runs cost, and what can be said about them."""

from __future__ import annotations

import hashlib
from collections import deque
from dataclasses import dataclass, field

from ..insights.finders import find_insights
from ..insights.sources import MOST_BYTES, look_at
from ..insights.timeline import Run, Timeline
from ..recording.processes import ProcessFamily, Sample
from ..records.finding import Finding
from ..records.timing import NOT_TIMED
from .gathering import Gathering
from .link import KernelLink
from .result import GIB, OK, Cost
from .state import Past

MOST_RUNS = 150
"""The newest; what is older is not looked at for findings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A run that has ended: when (seconds since 1970), for how long, and how."""

    number: int
    code: str
    started: float
    seconds: float
    error: str | None
    exit_code: int


class Meter:
    """Measures what a kernel uses, where that is a process of this machine."""

    def __init__(self) -> None:
        self._family: ProcessFamily | None = None
        self._pid: int | None = None
        self._told_by_kernel = False

    def begin(self, link: KernelLink) -> Sample | None:
        """Look before a run; nobody has to where the kernel itself tells."""
        return None if self._told_by_kernel else self.sample(link)

    def sample(self, link: KernelLink) -> Sample | None:
        """Return what the kernel's processes use now."""
        pid = link.pid
        if pid is None:
            return None
        if self._family is None or pid != self._pid:
            self._family, self._pid = ProcessFamily(pid), pid
        return self._family.sample()

    def cost(
        self, link: KernelLink, before: Sample | None, heard: Gathering, seconds: float
    ) -> Cost:
        """Return what was used since `before`, by the kernel's own word where there is one."""
        told = heard.usage
        self._told_by_kernel = told is not None
        if told is not None:
            memory = told.peak_rss_bytes or told.rss_bytes
            return _cost(seconds, told.cpu_ms, memory)
        after = self.sample(link)
        if before is None or after is None:
            return Cost(seconds)
        cpu = after.cpu_ms + after.children_cpu_ms - before.cpu_ms - before.children_cpu_ms
        return _cost(seconds, max(0.0, cpu), max(before.rss_bytes, after.rss_bytes))


@dataclass(slots=True)
class Account:
    """What all runs of a session used, and the newest of them."""

    total: Cost = field(default_factory=Cost)
    count: int = 0
    _runs: deque[Run] = field(default_factory=lambda: deque(maxlen=MOST_RUNS))
    _codes: dict[str, str] = field(default_factory=dict)

    def add(self, ran: Ran, link: KernelLink, heard: Gathering, cost: Cost) -> None:
        """Take a run."""
        self.total += cost
        self.count += 1
        source = hashlib.sha256(ran.code.encode("utf-8", "surrogatepass")).hexdigest()
        self._runs.append(_run(ran, link, heard, cost, source))
        if len(ran.code) <= MOST_BYTES:
            self._codes[source] = ran.code
        known = {run.source for run in self._runs}
        if len(self._codes) > 2 * MOST_RUNS:
            self._codes = {one: code for one, code in self._codes.items() if one in known}

    def history(self) -> list[Past]:
        """Return the runs that ended well, as far as they are known."""
        return [
            Past(run.number, self._codes[run.source])
            for run in self._runs
            if run.ended_well and run.source in self._codes
        ]

    def findings(self, number: int | None = None) -> tuple[Finding, ...]:
        """Return what is to be said of the runs, or of one of them."""
        # At once: another thread may ask while a run is added.
        known = tuple(self._runs)
        runs = tuple(run for run in known if number is None or run.number <= number)
        sources = {
            run.source: found
            for run in runs
            if run.source is not None
            and run.language == "python"
            and (found := look_at(self._codes.get(run.source, ""))) is not None
        }
        present = max((run.finished or 0.0 for run in runs), default=0.0)
        found_all = find_insights(Timeline(runs=runs, present=present, sources=sources))
        if number is None:
            return found_all
        return tuple(each for each in found_all if number in each.executions)


def _cost(seconds: float, cpu_ms: float, memory: int | None) -> Cost:
    gib_seconds = None if memory is None else round(memory / GIB * seconds, 6)
    return Cost(seconds, round(cpu_ms / 1000, 6), gib_seconds)


def _run(ran: Ran, link: KernelLink, heard: Gathering, cost: Cost, source: str) -> Run:
    timing, usage = heard.timing or NOT_TIMED, heard.usage
    return Run(
        number=ran.number,
        kernel=link.kernel.id,
        language=link.kernel.language,
        source=source,
        head=ran.code.lstrip().partition("\n")[0],
        status="ok" if ran.exit_code == OK else "error",
        error=ran.error,
        started=ran.started,
        finished=ran.started + ran.seconds,
        seconds=ran.seconds,
        cpu=cost.cpu_seconds,
        importing=_seconds(timing.importing_ms),
        collecting=_seconds(timing.gc_ms),
        writing=_seconds(timing.output_ms),
        peak_rss=None if usage is None else usage.peak_rss_bytes,
        rss=None if usage is None else usage.rss_bytes,
        output_bytes=heard.output_bytes,
        delayed=_seconds(timing.delayed_ms),
    )


def _seconds(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000
