"""The lines of a session's logs, of bounded size in all."""

from __future__ import annotations

import json

from ..records.activity import ACTIVITY, AUDIT, LogLine
from .cells import to_json
from .database import Database

MOST_BYTES = {ACTIVITY: 32 << 20, AUDIT: 8 << 20}
"""Above this, the oldest quarter of a log goes."""
TRIMMED = "log.trimmed"

_BYTES = "SELECT coalesce(sum(length(json) + 1), 0) FROM log_lines WHERE log = ?"
_OLDEST = "SELECT id, length(json) + 1 FROM log_lines WHERE log = ? ORDER BY id"
_LINE = "SELECT json FROM log_lines WHERE id = ?"
_INSERT = "INSERT INTO log_lines (log, json, position) VALUES (?, ?, ?)"


class Logs:
    """Appends lines; each call is one step of the record."""

    def __init__(self, database: Database, most_bytes: dict[str, int] | None = None) -> None:
        self._database = database
        self._most_bytes = most_bytes or MOST_BYTES
        self._bytes: dict[str, int] = {}
        self._losses = database.losses

    def append(self, line: LogLine) -> None:
        """Append a line to its log; where that is full, its oldest lines make room."""
        text = to_json(line.to_json())
        size = self._size(line.log) + len(text) + 1
        if size > self._most_bytes[line.log]:
            size = self._trim(line) + len(text) + 1
        with self._database.step() as position:
            self._database.change(_INSERT, (line.log, text, position))
        self._bytes[line.log] = size

    def recount(self) -> None:
        """Forget how large the logs are: lines went otherwise."""
        self._bytes.clear()

    def _size(self, log: str) -> int:
        if self._losses != self._database.losses:
            self._losses = self._database.losses
            self.recount()
        if log not in self._bytes:
            ((size,),) = self._database.rows(_BYTES, (log,))
            self._bytes[log] = int(size)
        return self._bytes[log]

    def _trim(self, line: LogLine) -> int:
        """Remove the oldest quarter and say so; return how many bytes the log has then."""
        removed = freed = last = 0
        for row, size in self._database.rows(_OLDEST, (line.log,)):
            removed, freed, last = removed + 1, freed + size, row
            if freed * 4 >= self._most_bytes[line.log]:
                break
        ((newest,),) = self._database.rows(_LINE, (last,))
        until = json.loads(newest)["time"]
        detail = {"lines": removed, "until": until, "reason": "the log is full"}
        told = LogLine(line.log, line.time, line.session_id, None, TRIMMED, None, detail)
        text = to_json(told.to_json())
        with self._database.step() as position:
            self._database.change(
                "DELETE FROM log_lines WHERE log = ? AND id <= ?", (line.log, last)
            )
            self._database.change(_INSERT, (line.log, text, position))
        return self._size(line.log) - freed + len(text) + 1
