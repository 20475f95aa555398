"""The runs of a notebook's cells, over all sessions that know the notebook."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from itertools import chain
from typing import Any, TypeVar

from ..errors import InvalidRequest, SessionNotFound, StoreError
from ..recording.standing import Standing
from ..records.session import Session
from ..store.reader import RecordReader
from ..store.runs import RecordedRun
from .material import source_of
from .run import Run, given_up, ongoing_run, queued_run, recorded_run

_log = logging.getLogger(__name__)

MOST_NUMBER = 2**62
_LONG_AGO = datetime.min.replace(tzinfo=timezone.utc)

T = TypeVar("T")
Open = Callable[[str], RecordReader]
"""A session's id → a reader of its record."""


@dataclass(frozen=True, slots=True)
class Known:
    """A session that may know the notebook: by which path, and how it stands where it is open.

    `held` tells whether some process records it now.
    """

    session: Session
    path: str
    held: bool = False
    standing: Standing | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list: `before` is where the list before said that it goes on."""

    before: str | None = None
    limit: int = 50


@dataclass(slots=True)
class DeletedCell:
    """A cell that isn't in the notebook any more."""

    cell_id: str
    runs: int = 0
    last: Run | None = None
    source: str = ""

    def to_json(self) -> dict[str, Any]:
        last = None if self.last is None else {**self.last.to_json(), "source": self.source}
        return {"cell_id": self.cell_id, "runs": self.runs, "last": last}


@dataclass(frozen=True, slots=True)
class CellRuns:
    """Reads the records of several sessions. Each call blocks, and raises StoreError."""

    open: Open
    known: list[Known] = field(default_factory=list)

    def newest(self) -> list[Run]:
        """Return the last run of each cell, those that wait or go on included."""
        return _sorted(self._each(reversed(self.known), _all_newest))[0]

    def of_kernel(self, kernel_id: str) -> tuple[list[Run], list[Run]]:
        """Return the last run of each cell in a kernel, and those that tell no cell, in order.

        `kernel_id` may be the beginning of one.
        """

        def read(known: Known, reader: RecordReader) -> list[Run]:
            rows = _rows_of_kernel(reader, kernel_id)
            return list(_told(known, [_recorded(known, row) for row in rows]))

        return _sorted(self._each(reversed(self.known), read))

    def of_notebook(self) -> tuple[list[Run], list[Run]]:
        """Return the last run of each cell, and those that tell no cell, in order."""

        def read(known: Known, reader: RecordReader) -> list[Run]:
            rows = reader.runs_without_cells(known.path)
            unnamed = _told(known, [_recorded(known, row) for row in rows])
            return [*unnamed, *_all_newest(known, reader)]

        return _sorted(self._each(reversed(self.known), read))

    def digests(self, kernel_id: str | None) -> dict[str | None, set[str]]:
        """Return by cell what any of its runs has shown; of a kernel, or of the notebook."""

        def read(known: Known, reader: RecordReader) -> list[tuple[str | None, str]]:
            if not kernel_id:
                return reader.shown_by_cells(known.path)
            rows = [(row.cell_id, row.shown) for row in _rows_of_kernel(reader, kernel_id)]
            return [(cell, shown.sha256) for cell, shown in rows if shown and shown.sha256]

        found: dict[str | None, set[str]] = {}
        for cell_id, sha256 in chain.from_iterable(self._each(self.known, read)):
            found.setdefault(cell_id, set()).add(sha256)
        return found

    def of_cell(self, cell_id: str, page: Page) -> tuple[list[dict[str, Any]], str | None]:
        """Return runs of a cell with their sources, the newest first, and where to go on."""
        session_id, number = _cursor(page.before)
        # A number alone is of the newest session that knows the notebook.
        first = session_id or next((known.session.id for known in self.known), None)
        found: list[dict[str, Any]] = []

        def read(known: Known, reader: RecordReader) -> list[dict[str, Any]]:
            begin = number if known.session.id == first else MOST_NUMBER
            rest = page.limit - len(found)
            rows = reader.runs_of_cell(known.path, cell_id, before=begin, limit=rest)
            runs = _told(known, [_recorded(known, row) for row in rows])
            return [{**run.to_json(), "source": _source(run, known, reader)} for run in runs]

        for runs in self._each(self._from(first), read):
            found += runs
            if len(found) == page.limit:
                return found, f"{found[-1]['session_id']}:{found[-1]['number']}"
        return found, None

    def deleted(self, present: Collection[str]) -> list[DeletedCell]:
        """Return cells that were run and aren't present, those run last first."""
        cells: dict[str, DeletedCell] = {}

        def read(known: Known, reader: RecordReader) -> None:
            for cell_id, runs in reader.count_runs(known.path).items():
                if cell_id not in present:
                    cells.setdefault(cell_id, DeletedCell(cell_id)).runs += runs
            for run in _told(known, _newest(known, reader)):
                missing = cells.get(run.cell_id or "")
                if missing is not None and missing.last is None:
                    missing.last, missing.source = run, _source(run, known, reader)

        for _ in self._each(self.known, read):
            pass
        last = [cell for cell in cells.values() if cell.last is not None]
        return sorted(last, key=lambda cell: _begun(cell.last), reverse=True)

    def _each(
        self, every: Iterable[Known], read: Callable[[Known, RecordReader], T]
    ) -> Iterator[T]:
        """Read records one after the other; what can't be read of an older session is spared."""
        for known in every:
            try:
                with self.open(known.session.id) as reader:
                    result = read(known, reader)
            except (StoreError, SessionNotFound) as error:
                if known.standing is not None:
                    raise
                _log.warning("Session %s is left out: %s", known.session.number, error.message)
            else:
                yield result

    def _from(self, session_id: str | None) -> Iterator[Known]:
        ids = [known.session.id for known in self.known]
        yield from self.known[ids.index(session_id) if session_id in ids else 0 :]


def _rows_of_kernel(reader: RecordReader, kernel_id: str) -> list[RecordedRun]:
    ids = [kernel.id for kernel in reader.kernels() if kernel.id.startswith(kernel_id)]
    return [row for each in ids for row in reader.runs_of_kernel(each)]


def _sorted(found: Iterable[list[Run]]) -> tuple[list[Run], list[Run]]:
    """Return the last run of each cell, and those that tell none."""
    named: dict[str, Run] = {}
    unnamed: list[Run] = []
    for run in (run for runs in found for run in runs):
        if run.cell_id is None:
            unnamed.append(run)
        else:
            _keep_newer(named, run)
    return list(named.values()), unnamed


def _recorded(known: Known, row: RecordedRun) -> Run:
    alive = {} if known.standing is None else known.standing.incarnations
    return recorded_run(known.session.id, row, alive)


def _newest(known: Known, reader: RecordReader) -> list[Run]:
    return [_recorded(known, row) for row in reader.newest_runs(known.path)]


def _all_newest(known: Known, reader: RecordReader) -> list[Run]:
    return [*_told(known, _newest(known, reader)), *_waiting(known)]


def _told(known: Known, runs: Iterable[Run]) -> Iterator[Run]:
    """Yield runs as they stand now."""
    standing = known.standing
    for run in runs:
        if standing is None:
            yield run if known.held else given_up(run)
            continue
        ongoing = standing.ongoing.get(run.number or 0)
        if ongoing is None:
            yield run
        else:
            yield ongoing_run(ongoing, run.notebook).in_kernels(standing.incarnations)


def _waiting(known: Known) -> Iterator[Run]:
    standing = known.standing
    if standing is not None:
        for queued in standing.queued:
            if queued.notebook == known.path and queued.request.cell_id is not None:
                run = queued_run(known.session.id, queued)
                yield run.in_kernels(standing.incarnations)


def _source(run: Run, known: Known, reader: RecordReader) -> str:
    number = run.number or 0
    if known.standing is not None and number in known.standing.ongoing:
        return known.standing.ongoing[number].source
    return source_of(reader, number)


def _keep_newer(runs: dict[str, Run], run: Run) -> None:
    before = runs.get(run.cell_id or "")
    if run.cell_id and (before is None or _begun(before) <= _begun(run)):
        runs[run.cell_id] = run


def _begun(run: Run | None) -> datetime:
    return (run and run.begun_at) or _LONG_AGO


def _cursor(before: str | None) -> tuple[str | None, int]:
    """Read where a list is to go on. Raises InvalidRequest."""
    if before is None:
        return None, MOST_NUMBER
    session_id, _, number = before.rpartition(":")
    if not number.isdecimal() or len(number) > len(str(MOST_NUMBER)):
        raise InvalidRequest("before must be what the list before has as next.")
    return session_id or None, min(int(number), MOST_NUMBER)
