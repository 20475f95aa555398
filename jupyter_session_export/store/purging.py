"""Removes executions from a record for good: rows, content, and what is left of them on disk."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any

from ..errors import StoreDamaged
from ..records.purge import PurgeScope
from .cells import to_cell, to_micros
from .database import Database

LAST_NUMBER = "last_number"
_HIGHEST = """SELECT max(
    coalesce((SELECT max(number) FROM executions), 0),
    coalesce((SELECT CAST(value AS INTEGER) FROM facts WHERE name = ?), 0))"""
_SINCE = "SELECT number FROM executions WHERE finished_at IS NULL OR finished_at >= ?"
_NOTEBOOK = """SELECT number FROM executions
    WHERE notebook_id = (SELECT id FROM notebooks WHERE path = ?)"""
_SIZE = "SELECT coalesce(sum(size), 0) FROM members WHERE execution = ?"
_TOLD = """SELECT id, json FROM log_lines
    WHERE json LIKE '%"action":"execution.%'"""


def matching(database: Database, scope: PurgeScope) -> set[int]:
    """Return the numbers of what a scope means; what runs ran at any time since it began."""
    return {number for (number,) in database.rows(*_query(scope))}


def remove(database: Database, numbers: Collection[int]) -> int:
    """Remove executions with their members and activity lines; return their raw bytes.

    Content goes with `Blobs.collect`, and its last traces with `Database.wipe`.
    """
    with database.step() as position:
        _keep_numbers(database, position)
        size = sum(int(database.rows(_SIZE, (number,))[0][0]) for number in numbers)
        told = [(line,) for line in _lines_about(database, numbers)]
        database.change_each("DELETE FROM log_lines WHERE id = ?", told)
        database.change_each("DELETE FROM executions WHERE number = ?", [(n,) for n in numbers])
    return size


def last_number(database: Database) -> int:
    """Return the highest number that an execution has or had; 0 where there was none."""
    (highest,) = database.rows(_HIGHEST, (LAST_NUMBER,))[0]
    return int(highest)


def _keep_numbers(database: Database, position: int) -> None:
    """See to it that the numbers of purged executions are never given again."""
    database.change(
        "INSERT OR REPLACE INTO facts (name, value, position) VALUES (?, ?, ?)",
        (LAST_NUMBER, str(last_number(database)), position),
    )


def _query(scope: PurgeScope) -> tuple[str, tuple[Any, ...]]:
    if scope.notebook is not None:
        return _NOTEBOOK, (to_cell(scope.notebook),)
    if scope.since is not None:
        return _SINCE, (to_micros(scope.since),)
    if scope.execution is not None:
        return "SELECT number FROM executions WHERE digest = ?", (scope.execution,)
    if scope.number is not None:
        return "SELECT number FROM executions WHERE number = ?", (scope.number,)
    return "SELECT number FROM executions", ()


def _lines_about(database: Database, numbers: Collection[int]) -> Iterator[int]:
    """Yield the lines that name these executions: nobody could find what they speak of."""
    for line, text in database.rows(_TOLD):
        try:
            number = int(json.loads(text)["target"].split("_")[1])
        except (ValueError, KeyError, IndexError, AttributeError) as error:
            raise StoreDamaged("A line of the activity log is damaged.", repr(error)) from error
        if number in numbers:
            yield line
