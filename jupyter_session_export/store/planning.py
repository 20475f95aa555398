"""Reading of all executions with their members, quickly: 20,000 members are common."""

from __future__ import annotations

from collections.abc import Iterable

from ..records.content import Member, Sealed
from ..records.execution import Kernel, Status
from .cells import (
    from_cell,
    from_micros,
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
        e.tool, e.truncated, e.recovered, e.source_head
    FROM executions AS e LEFT JOIN notebooks AS n ON n.id = e.notebook_id
    WHERE e.tool <= ? AND (? OR n.path = ?) ORDER BY e.number"""
# Both are the package's own text.
_MEMBERS = f"SELECT execution, {MEMBER_COLUMNS} FROM members ORDER BY execution, place"  # noqa: S608


def read_executions(
    database: Database, kernels: Iterable[Kernel], *, tools: bool, notebook: str | None
) -> list[RecordedExecution]:
    """Return the executions by number, each with the members that an export has."""
    by_id = {to_cell(kernel.id): kernel for kernel in kernels}
    statuses = {status.value: status for status in Status}
    values = (tools, notebook is None, to_optional_cell(notebook))
    executions = {
        row[0]: _execution(row, by_id, statuses) for row in database.rows(_EXECUTIONS, values)
    }
    _add_members(executions, database.rows(_MEMBERS))
    return list(executions.values())


def _add_members(executions: dict[int, RecordedExecution], rows: list[Row]) -> None:
    # Sealed at the same moment, an execution's members share their time.
    micros, modified = 0, from_micros(0)
    names: dict[str | bytes, str | None] = {}
    at, members = 0, None
    for number, cell, sha256, size, stored_size, crc32, method, when in rows:
        if number != at:
            execution = executions.get(number)
            at, members = number, execution.members if execution else None
        if members is None:
            continue
        name = names.get(cell, "")
        if name == "":
            name = names[cell] = _exported_name(cell)
        if name is None:
            continue
        if when != micros:
            micros, modified = when, from_micros(when)
        sealed = Sealed(sha256.hex(), size, stored_size, crc32, method)
        members.append(Member(name, sealed, modified))


def _exported_name(cell: str | bytes) -> str | None:
    name = from_cell(cell)
    return None if name.startswith(".") else name


def _execution(
    row: Row, kernels: dict[str | bytes, Kernel], statuses: dict[str, Status]
) -> RecordedExecution:
    (number, digest, kernel_id, incarnation, status, cause, notebook, cell_id, count) = row[:9]
    (error_name, submitted, started, finished, tool, truncated, recovered, head) = row[9:]
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
        bool(tool),
        bool(truncated),
        bool(recovered),
        from_cell(head),
        [],
    )
