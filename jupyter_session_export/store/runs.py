"""The runs of a notebook's cells, as lists show them: no content is read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ..records.execution import Status
from ..records.shown import Shown
from .cells import from_cell, from_optional_cell, from_optional_micros, to_cell
from .database import Database, Row
from .rows import to_shown

# The source is the first member. Both are the package's own text.
_RUNS = """SELECT e.number, e.kernel_id, e.incarnation, e.msg_id, e.cell_id, n.path,
        e.execution_count, e.status, e.cause, e.submitted_at, e.started_at, e.finished_at,
        e.truncated, m.sha256, e.shown_outputs, e.shown_bytes, e.shown_sha256
    FROM executions AS e
    LEFT JOIN notebooks AS n ON n.id = e.notebook_id
    LEFT JOIN members AS m ON m.execution = e.number AND m.place = 0"""
_NEWEST = f"""{_RUNS} WHERE e.number IN (
        SELECT max(number) FROM executions
        WHERE notebook_id = (SELECT id FROM notebooks WHERE path = ?)
            AND tool = 0 AND cell_id IS NOT NULL
        GROUP BY cell_id
    ) ORDER BY e.number"""  # noqa: S608
_OF_CELL = f"""{_RUNS} WHERE n.path = ? AND e.cell_id = ? AND e.tool = 0 AND e.number < ?
    ORDER BY e.number DESC LIMIT ?"""
_OF_KERNEL = f"""{_RUNS} WHERE e.tool = 0 AND e.kernel_id = ? ORDER BY e.number"""
_MESSAGES = """SELECT msg_id FROM executions WHERE kernel_id = ? AND incarnation = (
        SELECT max(incarnation) FROM executions WHERE kernel_id = ?) ORDER BY number"""
_WITHOUT_CELLS = f"""{_RUNS} WHERE e.tool = 0 AND e.cell_id IS NULL AND n.path = ?
    ORDER BY e.number"""
_CELLS = """SELECT cell_id, count(*) FROM executions
    WHERE notebook_id = (SELECT id FROM notebooks WHERE path = ?)
        AND tool = 0 AND cell_id IS NOT NULL GROUP BY cell_id"""

_SHOWN = """SELECT DISTINCT e.cell_id, e.shown_sha256
    FROM executions AS e JOIN notebooks AS n ON n.id = e.notebook_id
    WHERE n.path = ? AND e.tool = 0 AND e.shown_sha256 IS NOT NULL"""


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """An execution as lists show it; `source_sha256` is None until it is sealed."""

    number: int
    kernel_id: str
    incarnation: int
    msg_id: str
    cell_id: str | None
    notebook: str | None
    execution_count: int | None
    status: Status
    cause: str | None
    submitted_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    truncated: bool
    source_sha256: str | None
    shown: Shown | None


def newest_runs(database: Database, notebook: str) -> list[RecordedRun]:
    """Return the last run of each cell of a notebook, by number."""
    return _runs(database.rows(_NEWEST, (to_cell(notebook),)))


def runs_of_cell(
    database: Database, notebook: str, cell_id: str, before: int, limit: int
) -> list[RecordedRun]:
    """Return runs of a cell before a number, the newest first."""
    values = (to_cell(notebook), to_cell(cell_id), before, limit)
    return _runs(database.rows(_OF_CELL, values))


def runs_of_kernel(database: Database, kernel_id: str) -> list[RecordedRun]:
    """Return all that a kernel ran, by number."""
    return _runs(database.rows(_OF_KERNEL, (to_cell(kernel_id),)))


def newest_messages(database: Database, kernel_id: str) -> list[str]:
    """Return the msg_ids of what the newest process of a kernel ran that ran anything."""
    kernel = to_cell(kernel_id)
    return [from_cell(row[0]) for row in database.rows(_MESSAGES, (kernel, kernel))]


def runs_without_cells(database: Database, notebook: str) -> list[RecordedRun]:
    """Return what was run of a notebook by whoever tells no cells, by number."""
    return _runs(database.rows(_WITHOUT_CELLS, (to_cell(notebook),)))


def count_runs(database: Database, notebook: str) -> dict[str, int]:
    """Return how often each cell of a notebook was run."""
    return {
        from_cell(cell_id): count for cell_id, count in database.rows(_CELLS, (to_cell(notebook),))
    }


def shown_by_cells(database: Database, notebook: str) -> list[tuple[str | None, str]]:
    """Return each cell with the digest of what some run of it has shown, each once."""
    rows = database.rows(_SHOWN, (to_cell(notebook),))
    return [(from_optional_cell(cell_id), sha256.hex()) for cell_id, sha256 in rows]


def _runs(rows: Iterable[Row]) -> list[RecordedRun]:
    return [_run(row) for row in rows]


def _run(row: Row) -> RecordedRun:
    number, kernel_id, incarnation, msg_id, cell_id, notebook, count, status, cause = row[:9]
    submitted, started, finished, truncated, source, outputs, size, sha256 = row[9:]
    return RecordedRun(
        number,
        from_cell(kernel_id),
        incarnation,
        from_cell(msg_id),
        from_optional_cell(cell_id),
        from_optional_cell(notebook),
        count,
        Status(status),
        from_optional_cell(cause),
        from_optional_micros(submitted),
        from_optional_micros(started),
        from_optional_micros(finished),
        bool(truncated),
        None if source is None else source.hex(),
        to_shown(outputs, size, sha256),
    )
