"""The lines of a session's logs."""

from __future__ import annotations

from ..records.activity import LogLine
from .cells import to_json
from .database import Database


def append_line(database: Database, line: LogLine) -> None:
    """Append a line to its log."""
    text = to_json(line.to_json())
    with database.step() as position:
        database.change(
            "INSERT INTO log_lines (log, json, position) VALUES (?, ?, ?)",
            (line.log, text, position),
        )
