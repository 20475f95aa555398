"""Reading of all executions with their members, quickly: 20,000 members are common."""

from __future__ import annotations

from collections.abc import Iterable

from ..records.execution import Kernel, Status
from .cells import (
    from_cell,
    from_optional_cell,
    from_optional_micros,
    to_cell,
    to_optional_cell,
)
from .database import Database, Row
from .plan import RecordedExecution
from .rows import MEMBER_COLUMNS

_EXECUTIONS = """SELECT e.number, e.digest, e.kernel_id, e.incarnation, e.status, e.cause, n.path,
        e.cell_id, e.execution_count, e.error_name, e.submitted_at, e.started_at, e.finished_at,
        e.cpu_ms, e.peak_rss_bytes, e.tool, e.truncated, e.recovered, e.source_head
    FROM executions AS e LEFT JOIN notebooks AS n ON n.id = e.notebook_id
    WHERE e.tool <= ? AND (? OR n.path = ?) ORDER BY e.number"""
# Both are the package's own text. A cell of bytes is a name with lone surrogates.
_MEMBERS = f"""SELECT {MEMBER_COLUMNS}, execution FROM members
    WHERE substr(name, 1, 1) NOT IN ('.', x'2e') ORDER BY execution, place"""  # noqa: S608


def read_executions(
    database: Database, kernels: Iterable[Kernel], *, tools: bool, notebook: str | None
) -> list[RecordedExecution]:
    """Return the executions by number, each with the members that an export has.

    A name that begins with `.` is the record's own.
    """
    by_id = {to_cell(kernel.id): kernel for kernel in kernels}
    statuses = {status.value: status for status in Status}
    values = (tools, notebook is None, to_optional_cell(notebook))
    executions = {
        row[0]: _execution(row, by_id, statuses) for row in database.rows(_EXECUTIONS, values)
    }
    _add_members(executions, database.rows(_MEMBERS))
    return list(executions.values())


def _add_members(executions: dict[int, RecordedExecution], rows: list[Row]) -> None:
    at, members = 0, None
    for row in rows:
        if row[-1] != at:
            at = row[-1]
            execution = executions.get(at)
            members = execution.member_rows if execution else None
        if members is not None:
            members.append(row)


def _execution(
    row: Row, kernels: dict[str | bytes, Kernel], statuses: dict[str, Status]
) -> RecordedExecution:
    (number, digest, kernel_id, incarnation, status, cause, notebook, cell_id, count) = row[:9]
    (error_name, submitted, started, finished, cpu_ms, peak) = row[9:15]
    (tool, truncated, recovered, head) = row[15:]
    return RecordedExecution(
        number,
        digest,
        kernels[kernel_id],
        incarnation,
        statuses[status],
        from_optional_cell(cause),
        from_optional_cell(notebook),
        from_optional_cell(cell_id),
        count,
        from_optional_cell(error_name),
        from_optional_micros(submitted),
        from_optional_micros(started),
        from_optional_micros(finished),
        cpu_ms,
        peak,
        bool(tool),
        bool(truncated),
        bool(recovered),
        from_cell(head),
        [],
    )
