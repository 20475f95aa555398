"""The notebooks of a session, and where each lies now."""

from __future__ import annotations

from datetime import datetime

from ..records.execution import Execution
from ..records.times import now
from .cells import from_cell, to_cell, to_micros
from .database import Database


class Notebooks:
    """Their rows; each call is part of the caller's step."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._ids: dict[str, int] = {}
        self._losses = database.losses

    def note(self, path: str, kernel_id: str, at: datetime, position: int) -> None:
        micros = to_micros(at)
        self._database.change(
            """INSERT INTO notebooks (path, kernel_id, first_seen, last_seen, position)
            VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (path) DO UPDATE SET kernel_id = excluded.kernel_id,
                last_seen = max(last_seen, excluded.last_seen), position = excluded.position""",
            (to_cell(path), to_cell(kernel_id), micros, micros, position),
        )

    def id_of(self, execution: Execution, position: int) -> int | None:
        """Return the row of an execution's notebook, made if it is not known yet."""
        path = execution.notebook
        if path is None:
            return None
        if self._losses != self._database.losses:
            self._losses = self._database.losses
            self._ids.clear()
        found = self._ids.get(path) or self.find(path)
        if found is None:
            seen_at = execution.started_at or execution.submitted_at or now()
            self.note(path, execution.key.kernel_id, seen_at, position)
            found = self.find(path)
        if found is not None:
            self._ids[path] = found
        return found

    def rename(self, old: str, new: str, position: int) -> bool:
        """Move a notebook, or all those below a folder; tell whether there were any.

        One that lay at the new path was overwritten, and becomes this one.
        """
        paths = [from_cell(cell) for (cell,) in self._database.rows("SELECT path FROM notebooks")]
        known = [path for path in paths if path == old or path.startswith(f"{old}/")]
        for path in known:
            self._move(path, new + path.removeprefix(old), position)
        return bool(known)

    def _move(self, old: str, new: str, position: int) -> None:
        moved, replaced = self.find(old), self.find(new)
        if moved is None or moved == replaced:
            return
        if replaced is not None:
            self._database.change(
                "UPDATE executions SET notebook_id = ? WHERE notebook_id = ?", (moved, replaced)
            )
            self._database.change(
                "UPDATE debug_sessions SET notebook_id = ? WHERE notebook_id = ?", (moved, replaced)
            )
            self._database.change("DELETE FROM notebooks WHERE id = ?", (replaced,))
        self._database.change(
            "UPDATE notebooks SET path = ?, position = ? WHERE id = ?",
            (to_cell(new), position, moved),
        )
        self._ids.clear()

    def find(self, path: str) -> int | None:
        """Return the row of the notebook at a path."""
        row = self._database.row("SELECT id FROM notebooks WHERE path = ?", (to_cell(path),))
        return row[0] if row else None
