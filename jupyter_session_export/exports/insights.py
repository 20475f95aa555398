"""Insights into a recorded session: its record becomes a time line, in which findings are made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ..errors import ContentDamaged
from ..insights.finders import find_insights
from ..insights.sources import MOST_BYTES, Source, look_at, silence_warnings
from ..insights.timeline import Run, Timeline
from ..insights.totals import total_timing
from ..records.content import Member
from ..records.execution import Status
from ..records.finding import Insights
from ..store.measured import Measured, Times, measurements
from ..store.plan import RecordedExecution, RecordPlan
from ..store.reader import RecordReader
from ..store.rows import SIZE_COLUMN, to_member
from .facts import environment_of
from .layouts import layouts
from .lifelines import lifelines

MOST_SOURCES = 150
"""So many different sources are looked at, the newest; what is older counts as not known."""
CHECK_EXECUTIONS = 512
MADE = frozenset({"metadata.json", "outputs.json"})
"""Members that the recorder makes; all others but the source are output."""


def session_insights(
    reader: RecordReader,
    plan: RecordPlan,
    present: float,
    *,
    check: Callable[[], None] = lambda: None,
) -> Insights:
    """Return the insights of what a plan holds, tools left out. Raises what `check` raises."""
    return insights_of(session_timeline(reader, plan, present, check=check))


def insights_of(timeline: Timeline) -> Insights:
    """Return where a time line's time went, and what is worth changing."""
    return Insights(total_timing(timeline), find_insights(timeline))


def session_timeline(
    reader: RecordReader,
    plan: RecordPlan,
    present: float,
    *,
    check: Callable[[], None] = lambda: None,
) -> Timeline:
    """Return what a plan holds as a time line, tools left out. Raises what `check` raises."""
    gatherer = _Gatherer(reader, plan, check)
    runs = tuple(gatherer.runs())
    kernels = lifelines(reader, plan, runs)
    cores, memory = _capacity(plan, gatherer.limits)
    return Timeline(
        runs=runs,
        present=present,
        sources=gatherer.sources,
        layouts=layouts(plan, check),
        kernel_ends=kernels.ends,
        kernels_alive=kernels.alive,
        cores=cores,
        memory_limit=memory,
    )


class _Gatherer:
    """Turns a plan's executions into runs, and looks at their sources."""

    def __init__(self, reader: RecordReader, plan: RecordPlan, check: Callable[[], None]) -> None:
        self.sources: dict[str, Source] = {}
        self.limits: Measured | None = None
        """What was measured of the newest execution whose limits are known."""
        self._reader = reader
        self._measured = plan.measured
        self._executions = [each for each in plan.executions if not each.tool]
        self._check = check

    def runs(self) -> Iterator[Run]:
        names = _Names()
        by_number = {each.number: each for each in self._executions}
        for count, (number, times, measured) in enumerate(measurements(self._measured)):
            if count % CHECK_EXECUTIONS == 0:
                self._check()
            if measured.memory_limit_bytes or measured.cpu_limit:
                self.limits = measured
            if execution := by_number.get(number):
                yield _run(execution, times, measured, names)
        self._look_at_sources()

    def _look_at_sources(self) -> None:
        """Look at the newest sources of Python."""
        silence_warnings()
        seen: set[bytes] = set()
        for execution in reversed(self._executions):
            for row in execution.member_rows:
                if row[0] == "source.py" and row[1] not in seen and row[SIZE_COLUMN] <= MOST_BYTES:
                    seen.add(row[1])
                    self._look_at(to_member(row))
            if len(seen) >= MOST_SOURCES:
                return

    def _look_at(self, member: Member) -> None:
        self._check()
        try:
            text = self._reader.read(member.sealed).decode("utf-8", "replace")
        except ContentDamaged:
            # The export tells of it, in its ledger; here it counts as not known.
            return
        found = look_at(text)
        if found is not None:
            self.sources[member.sealed.sha256] = found


class _Kernels(dict[tuple[str, int], str]):
    """Names of kernels' processes, one object for each: hashes are made once, too."""

    def __missing__(self, key: tuple[str, int]) -> str:
        name = self[key] = f"{key[0]}.{key[1]}"
        return name


class _Cells(dict[tuple[str | None, str], str]):
    """Ids of cells that are unique among notebooks, as `_Kernels`."""

    def __missing__(self, key: tuple[str | None, str]) -> str:
        name = self[key] = f"{key[0] or ''}#{key[1]}"
        return name


class _Digests(dict[bytes, str]):
    """Hashes of sources, as `_Kernels`."""

    def __missing__(self, key: bytes) -> str:
        digest = self[key] = key.hex()
        return digest


@dataclass(frozen=True, slots=True)
class _Names:
    """What runs are grouped by."""

    kernels: _Kernels = field(default_factory=_Kernels)
    cells: _Cells = field(default_factory=_Cells)
    digests: _Digests = field(default_factory=_Digests)


def _run(execution: RecordedExecution, times: Times, measured: Measured, names: _Names) -> Run:
    # There may be 10,000 of these: by position, and without a call for each value.
    submitted, started, finished = times
    cell, notebook, kernel = execution.cell_id, execution.notebook, execution.kernel
    executing, importing, collecting, writing, delayed, *_ = measured
    *_, cpu, peak_rss, rss, read, written, _, _ = measured
    if execution.status is Status.RUNNING:
        executing = finished = None
    source, size = _sizes(execution)
    digest = None if source is None else names.digests[source]
    return Run(
        execution.number,
        names.kernels[kernel.id, execution.incarnation],
        kernel.language,
        notebook,
        None if cell is None else names.cells[notebook, cell],
        digest,
        execution.source_head,
        execution.status,
        execution.error_name,
        None if submitted is None else submitted / 1e6,
        None if started is None else started / 1e6,
        None if finished is None else finished / 1e6,
        None if executing is None else executing / 1000,
        None if cpu is None else cpu / 1000,
        None if importing is None else importing / 1000,
        None if collecting is None else collecting / 1000,
        None if writing is None else writing / 1000,
        peak_rss,
        rss,
        None if read is None and written is None else (read or 0) + (written or 0),
        size,
        None if delayed is None else delayed / 1000,
    )


def _sizes(execution: RecordedExecution) -> tuple[bytes | None, int]:
    """Return the hash of the source, and how many bytes were put out."""
    source, size = None, 0
    for row in execution.member_rows:
        name = row[0]
        if name in MADE:
            continue
        if name[:7] == "source.":
            source = row[1]
        else:
            size += row[SIZE_COLUMN]
    return source, size


def _capacity(plan: RecordPlan, measured: Measured | None) -> tuple[float | None, int | None]:
    """Return the processors and the bytes of memory that a kernel may use."""
    there = environment_of(plan).get("capacity") or {}
    cpus, memory = there.get("cpus"), there.get("memory_bytes")
    if measured is not None:
        cpus = min((each for each in (measured.cpu_limit, cpus) if each), default=None)
        memory = measured.memory_limit_bytes or memory
    return cpus, memory
