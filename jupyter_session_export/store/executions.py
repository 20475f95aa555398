"""The executions of a session as the writer sees them: saved one by one, found by key."""

from __future__ import annotations

from ..records.content import Member
from ..records.execution import Execution, ExecutionKey, Kernel
from ..records.shown import Shown
from .cells import from_cell, to_cell, to_json
from .database import Database, Row
from .notebooks import Notebooks
from .rows import (
    MEMBER_COLUMNS,
    SAVE_DETAIL,
    SAVE_EXECUTION,
    SAVE_KERNEL,
    SAVE_MEMBER,
    SAVE_SUMS,
    execution_row,
    kernel_row,
    member_rows,
    sums,
    to_execution,
    to_member,
)
from .tally import Tally

_BEFORE = """SELECT status, tool, notebook_id FROM executions
    WHERE (kernel_id, incarnation, msg_id, repeat) = (?, ?, ?, ?)"""
_DETAILS = """SELECT e.number, d.json, n.path FROM executions AS e
    JOIN details AS d ON d.execution = e.number
    LEFT JOIN notebooks AS n ON n.id = e.notebook_id"""
_FIND = f"{_DETAILS} WHERE (e.kernel_id, e.incarnation, e.msg_id, e.repeat) = (?, ?, ?, ?)"
_NUMBERED = f"{_DETAILS} WHERE e.number = ?"
_UNFINISHED = """SELECT kernel_id, incarnation, msg_id, repeat FROM executions
    WHERE status = 'running' ORDER BY number"""
# Both are the package's own text.
_MEMBERS = f"SELECT {MEMBER_COLUMNS} FROM members WHERE execution = ? ORDER BY place"  # noqa: S608


class Executions:
    """Their rows, with those of their kernels and members."""

    def __init__(self, database: Database, notebooks: Notebooks) -> None:
        self._database = database
        self._notebooks = notebooks
        self._kernels: dict[str, Kernel] = {}
        self._losses = database.losses
        self.tally = Tally(database)

    def save(
        self,
        execution: Execution,
        members: list[Member] | None = None,
        source_head: str = "",
        shown: Shown | None = None,
    ) -> None:
        """Insert or replace an execution; None leaves its members alone."""
        rows = None if members is None else member_rows(execution.number, members)
        detail = to_json(execution.to_json())
        before = self._database.row(_BEFORE, _key(execution.key))
        with self._database.step() as position:
            self.note_kernel(execution.kernel)
            # Decided when it began: its notebook may have been renamed since.
            notebook = before[2] if before else None
            if notebook is None:
                notebook = self._notebooks.id_of(execution, position)
            row = execution_row(execution, notebook, source_head, shown, position)
            self._database.change(SAVE_EXECUTION, row)
            self._database.change(SAVE_DETAIL, (execution.number, detail))
            if rows is not None:
                self._replace_members(execution.number, rows, members or [])
        self.tally.take(None if before is None else (before[0], before[1]), execution)

    def has(self, key: ExecutionKey) -> bool:
        """Tell whether there is a row of this key."""
        return self._database.row(_BEFORE, _key(key)) is not None

    def find(self, key: ExecutionKey) -> tuple[Execution, list[Member]] | None:
        """Return an execution and all of its members, the record's own among them."""
        return _found(self._database, self._database.row(_FIND, _key(key)))

    def unfinished(self) -> list[ExecutionKey]:
        """Return the keys of what is noted as running, by number."""
        return [
            ExecutionKey(from_cell(kernel), incarnation, from_cell(msg_id), repeat)
            for kernel, incarnation, msg_id, repeat in self._database.rows(_UNFINISHED)
        ]

    def note_kernel(self, kernel: Kernel) -> None:
        """Note a kernel, or what changed of it; part of the caller's step."""
        if self._losses != self._database.losses:
            self._losses = self._database.losses
            self._kernels.clear()
        if self._kernels.get(kernel.id) != kernel:
            self._database.change(SAVE_KERNEL, kernel_row(kernel))
            self._kernels[kernel.id] = kernel

    def _replace_members(self, number: int, rows: list[Row], members: list[Member]) -> None:
        self._database.change("DELETE FROM members WHERE execution = ?", (number,))
        self._database.change_each(SAVE_MEMBER, rows)
        self._database.change(SAVE_SUMS, (*sums(members), number))


def find_numbered(database: Database, number: int) -> tuple[Execution, list[Member]] | None:
    """Return an execution by its number, as `Executions.find` does."""
    return _found(database, database.row(_NUMBERED, (number,)))


def _found(database: Database, row: Row | None) -> tuple[Execution, list[Member]] | None:
    if row is None:
        return None
    number, detail, path = row
    members = database.rows(_MEMBERS, (number,))
    return to_execution(detail, path), [to_member(member) for member in members]


def _key(key: ExecutionKey) -> Row:
    return (to_cell(key.kernel_id), key.incarnation, to_cell(key.msg_id), key.repeat)
