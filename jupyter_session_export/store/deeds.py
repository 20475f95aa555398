"""The lines of the activity log about what people did with files and in pages."""

from __future__ import annotations

import json

from ..errors import StoreDamaged
from ..records.activity import ACTIVITY, WITH_FILES, LogLine, meant
from ..records.purge import PurgeScope
from .database import Database

_LIKELY = " OR ".join("json LIKE ?" for _ in WITH_FILES)
_TOLD = f"SELECT id, json FROM log_lines WHERE log = ? AND ({_LIKELY}) ORDER BY id DESC"  # noqa: S608
_VALUES = (ACTIVITY, *(f'%"action":"{prefix}%' for prefix in WITH_FILES))


def forget_deeds(database: Database, scope: PurgeScope) -> None:
    """Remove the lines that a purge means. Raises StoreDamaged.

    The caller sees to it that `Logs` count anew.
    """
    rows = database.rows(_TOLD, _VALUES)
    taken = meant(scope, (_line(text) for _, text in rows))
    gone = [(id_,) for (id_, _), is_gone in zip(rows, taken, strict=True) if is_gone]
    with database.step():
        database.change_each("DELETE FROM log_lines WHERE id = ?", gone)


def _line(text: str) -> LogLine:
    try:
        return LogLine.from_json(ACTIVITY, json.loads(text))
    except (ValueError, KeyError, TypeError) as error:
        raise StoreDamaged("A line of the activity log is damaged.", repr(error)) from error
