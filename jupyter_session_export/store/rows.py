"""Executions and members as rows, and back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace

from ..errors import StoreDamaged
from ..records.content import Member, Sealed
from ..records.execution import Execution, Kernel
from ..records.shown import Shown
from .cells import (
    from_cell,
    from_micros,
    to_cell,
    to_integer,
    to_micros,
    to_optional_cell,
    to_optional_micros,
)
from .database import Row
from .measured import measured_cell

SAVE_EXECUTION = """INSERT INTO executions (
        number, kernel_id, incarnation, msg_id, repeat, digest, notebook_id, cell_id,
        execution_count, status, cause, error_name, submitted_at, started_at, finished_at,
        cpu_ms, peak_rss_bytes, measured, tool, truncated, recovered, source_head,
        shown_outputs, shown_bytes, shown_sha256, position
    ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (kernel_id, incarnation, msg_id, repeat) DO UPDATE SET
        number = excluded.number, notebook_id = excluded.notebook_id,
        cell_id = excluded.cell_id, execution_count = excluded.execution_count,
        status = excluded.status, cause = excluded.cause, error_name = excluded.error_name,
        submitted_at = excluded.submitted_at, started_at = excluded.started_at,
        finished_at = excluded.finished_at, cpu_ms = excluded.cpu_ms,
        peak_rss_bytes = excluded.peak_rss_bytes, measured = excluded.measured,
        tool = excluded.tool, truncated = excluded.truncated, recovered = excluded.recovered,
        source_head = excluded.source_head, shown_outputs = excluded.shown_outputs,
        shown_bytes = excluded.shown_bytes, shown_sha256 = excluded.shown_sha256,
        position = excluded.position"""
SAVE_DETAIL = """INSERT INTO details (execution, json) VALUES (?, ?)
    ON CONFLICT (execution) DO UPDATE SET json = excluded.json"""
SAVE_MEMBER = "INSERT INTO members VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
SAVE_SUMS = "UPDATE executions SET members = ?, size = ?, stored_size = ? WHERE number = ?"
SAVE_KERNEL = """INSERT INTO kernels (id, name, language, file_extension) VALUES (?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET name = excluded.name, language = excluded.language,
        file_extension = excluded.file_extension"""
MEMBER_COLUMNS = "name, sha256, size, stored_size, crc32, method, modified"
SIZE_COLUMN = 2


def execution_row(
    execution: Execution,
    notebook_id: int | None,
    source_head: str,
    shown: Shown | None,
    position: int,
) -> Row:
    """Return the values of `SAVE_EXECUTION`."""
    key = execution.key
    return (
        execution.number,
        to_cell(key.kernel_id),
        key.incarnation,
        to_cell(key.msg_id),
        key.repeat,
        key.digest,
        notebook_id,
        to_optional_cell(execution.cell_id),
        to_integer(execution.execution_count),
        execution.status.value,
        to_optional_cell(execution.cause),
        to_optional_cell(execution.error.name if execution.error else None),
        to_optional_micros(execution.submitted_at),
        to_optional_micros(execution.started_at),
        to_optional_micros(execution.finished_at),
        execution.usage.cpu_ms,
        execution.usage.peak_rss_bytes,
        measured_cell(execution),
        execution.tool,
        execution.truncated,
        execution.recovered,
        to_cell(source_head),
        *shown_cells(shown),
        position,
    )


def shown_cells(shown: Shown | None) -> Row:
    """Return what the row has of what a notebook shows."""
    if shown is None:
        return (None, None, None)
    sha256 = None if shown.sha256 is None else bytes.fromhex(shown.sha256)
    return (shown.outputs, shown.bytes, sha256)


def to_shown(outputs: int | None, size: int | None, sha256: bytes | None) -> Shown | None:
    """Read what `shown_cells` wrote."""
    if outputs is None or size is None:
        return None
    return Shown(outputs, size, None if sha256 is None else sha256.hex())


def kernel_row(kernel: Kernel) -> Row:
    """Return the values of `SAVE_KERNEL`."""
    texts = (kernel.id, kernel.name, kernel.language, kernel.file_extension)
    return tuple(to_cell(text) for text in texts)


def sums(members: Iterable[Member]) -> tuple[int, int, int]:
    """Return count, bytes and stored bytes of the members that an export has."""
    shown = [member.sealed for member in members if not member.name.startswith(".")]
    return (
        len(shown),
        sum(sealed.size for sealed in shown),
        sum(sealed.stored_size for sealed in shown),
    )


def member_rows(number: int, members: Iterable[Member]) -> list[Row]:
    """Return the values of `SAVE_MEMBER`, one row for each member."""
    return [
        (
            number,
            place,
            to_cell(member.name),
            bytes.fromhex(member.sealed.sha256),
            member.sealed.size,
            member.sealed.stored_size,
            member.sealed.crc32,
            member.sealed.method,
            to_micros(member.modified),
        )
        for place, member in enumerate(members)
    ]


def to_member(row: Row) -> Member:
    """Read a row that begins with `MEMBER_COLUMNS`."""
    name, sha256, size, stored_size, crc32, method, modified = row[:7]
    sealed = Sealed(sha256.hex(), size, stored_size, crc32, method)
    return Member(from_cell(name), sealed, from_micros(modified))


def to_execution(detail: str, path: str | bytes | None) -> Execution:
    """Read an execution's detail; `path` is where its notebook lies now. Raises StoreDamaged."""
    try:
        execution = Execution.from_json(json.loads(detail))
    except (KeyError, ValueError, TypeError) as error:
        raise StoreDamaged("The record of an execution is damaged.", repr(error)) from error
    notebook = None if path is None else from_cell(path)
    if execution.notebook == notebook:
        return execution
    return replace(execution, notebook=notebook)
