"""Debug sessions: the rows of the one writer, and what exports and figures read of them."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from ..errors import StoreDamaged
from ..records.debugging import EVENT, STOP, DebugItem, DebugRecord, DebugSession
from ..records.purge import PurgeScope
from .cells import from_optional_cell, to_cell, to_json, to_micros, to_optional_micros
from .database import Database
from .notebooks import Notebooks

_SAVE = """INSERT INTO debug_sessions
        (number, kernel_id, notebook_id, started_at, ended_at, json, position)
    VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (number) DO UPDATE SET notebook_id = coalesce(notebook_id, excluded.notebook_id),
        ended_at = excluded.ended_at, json = excluded.json, position = excluded.position"""
_ADD = """INSERT INTO debug_items (session, kind, at, execution, json, position)
    VALUES (?, ?, ?, ?, ?, ?)"""
_LAST = "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'debug_sessions'), 0)"
_SESSIONS = """SELECT d.json, n.path FROM debug_sessions AS d
    LEFT JOIN notebooks AS n ON n.id = d.notebook_id
    WHERE ? OR n.path = ? ORDER BY d.number"""
_ITEMS = "SELECT kind, json FROM debug_items WHERE session = ? ORDER BY id"
_SIZE = "SELECT coalesce(sum(length(json)), 0) FROM debug_items"
_FIGURES = """SELECT (SELECT count(*) FROM debug_sessions),
    (SELECT count(*) FROM debug_items WHERE kind = 'stop'),
    (SELECT coalesce(sum(length(json)), 0) FROM debug_sessions)
        + (SELECT coalesce(sum(length(json)), 0) FROM debug_items)"""


class DebugSessions:
    """Of the writer, whose thread alone calls it."""

    def __init__(self, database: Database, notebooks: Notebooks) -> None:
        self._database = database
        self._notebooks = notebooks
        self._losses = database.losses
        self._open: dict[int, DebugSession] = {}

    def next_number(self) -> int:
        """Return a number that no debug session of this record had before."""
        return int(self._database.rows(_LAST)[0][0]) + 1

    def save(self, session: DebugSession) -> None:
        """Insert or replace a debug session; its stops and events stay."""
        with self._database.step() as position:
            self._write(session, position)
        if session.ended_at is None:
            self._open[session.number] = session
        else:
            self._open.pop(session.number, None)

    def add(self, item: DebugItem) -> None:
        """Add a stop or an event to its debug session."""
        with self._database.step() as position:
            if self._losses != self._database.losses:
                # SQLite has given up a transaction, and what it held of them.
                for session in self._open.values():
                    self._write(session, position)
                self._losses = self._database.losses
            content = to_json(item.content)
            row = (item.session, item.kind, to_micros(item.at), item.execution, content, position)
            self._database.change(_ADD, row)

    def end_all(self, at: datetime, cause: str) -> None:
        """End those that a crashed writer left open."""
        for (text,) in self._database.rows(
            "SELECT json FROM debug_sessions WHERE ended_at IS NULL"
        ):
            self.save(replace(_read(text), ended_at=at, end=cause))

    def _write(self, session: DebugSession, position: int) -> None:
        notebook = self._notebooks.find(session.notebook) if session.notebook else None
        row = (
            session.number,
            to_cell(session.kernel.id),
            notebook,
            to_micros(session.started_at),
            to_optional_micros(session.ended_at),
            to_json(session.to_json()),
            position,
        )
        self._database.change(_SAVE, row)


def remove(database: Database, scope: PurgeScope, numbers: Collection[int]) -> int:
    """Remove stops and events of a scope and of these executions; return their bytes.

    What is left of a debug session is when it was used.
    """
    before = int(database.rows(_SIZE)[0][0])
    with database.step() as position:
        _remove_items(database, scope, numbers)
        for text, path in database.rows(_SESSIONS, (True, "")):
            session = replace(_read(text), notebook=from_optional_cell(path))
            left = session.without(scope, numbers)
            if left is not session:
                database.change(
                    "UPDATE debug_sessions SET json = ?, position = ? WHERE number = ?",
                    (to_json(left.to_json()), position, session.number),
                )
    return before - int(database.rows(_SIZE)[0][0])


def read_debug(database: Database, notebook: str | None) -> list[DebugRecord]:
    """Return the debug sessions by number, or those of one notebook. Raises StoreDamaged."""
    found = []
    for text, path in database.rows(_SESSIONS, (notebook is None, to_cell(notebook or ""))):
        session = replace(_read(text), notebook=from_optional_cell(path))
        items = database.rows(_ITEMS, (session.number,))
        stops = tuple(content for kind, content in items if kind == STOP)
        events = tuple(content for kind, content in items if kind == EVENT)
        found.append(DebugRecord(session, stops, events))
    return found


def debug_figures(database: Database) -> tuple[int, int, int]:
    """Return how many debug sessions and stops there are, and their bytes."""
    ((sessions, stops, size),) = database.rows(_FIGURES)
    return sessions, stops, size


def _remove_items(database: Database, scope: PurgeScope, numbers: Collection[int]) -> None:
    database.change_each(
        "DELETE FROM debug_items WHERE execution = ?", [(number,) for number in numbers]
    )
    if scope.is_all:
        database.change("DELETE FROM debug_items")
    elif scope.since is not None:
        database.change("DELETE FROM debug_items WHERE at >= ?", (to_micros(scope.since),))
    elif scope.notebook is not None:
        database.change(
            """DELETE FROM debug_items WHERE session IN (
                SELECT d.number FROM debug_sessions AS d
                JOIN notebooks AS n ON n.id = d.notebook_id WHERE n.path = ?)""",
            (to_cell(scope.notebook),),
        )


def _read(text: str) -> DebugSession:
    try:
        return DebugSession.from_json(json.loads(text))
    except (KeyError, ValueError, TypeError) as error:
        raise StoreDamaged("The record of a debug session is damaged.", repr(error)) from error
