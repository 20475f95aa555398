"""The models of a session's widgets, one row each."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable

from ..records.purge import PurgeScope
from ..records.widgets import MOST_BYTES, MOST_MODELS, WidgetModel, is_meant
from .cells import from_cell, from_micros, to_cell, to_json, to_micros
from .database import Database

# A model that is written again keeps its id, and with it its age.
_SAVE = """INSERT INTO widgets (kernel_id, model_id, json, size, executions, changed_at, position)
    VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (kernel_id, model_id) DO UPDATE SET
        json = excluded.json, size = excluded.size, executions = excluded.executions,
        changed_at = excluded.changed_at, position = excluded.position"""
_REMOVE = "DELETE FROM widgets WHERE (kernel_id, model_id) = (?, ?)"
_OLDEST = """DELETE FROM widgets WHERE id IN (SELECT id FROM (
        SELECT id, total(size) OVER newer AS bytes, count(*) OVER newer AS models
        FROM widgets WINDOW newer AS (ORDER BY id DESC)
    ) WHERE bytes > ? OR models > ?)"""


def write_models(
    database: Database, models: Iterable[WidgetModel], gone: Iterable[tuple[str, str]]
) -> None:
    """Insert or replace models, remove those gone, and the oldest where there are too many."""
    with database.step() as position:
        database.change_each(_REMOVE, [(to_cell(kernel), to_cell(id_)) for kernel, id_ in gone])
        rows = [
            (
                to_cell(model.kernel_id),
                to_cell(model.id),
                model.document,
                len(model.document),
                to_json(sorted(model.executions)),
                to_micros(model.changed_at),
                position,
            )
            for model in models
        ]
        database.change_each(_SAVE, rows)
        ((size, count),) = database.rows("SELECT total(size), count(*) FROM widgets")
        if size > MOST_BYTES or count > MOST_MODELS:
            database.change(_OLDEST, (MOST_BYTES, MOST_MODELS))


def read_models(database: Database) -> dict[str, str]:
    """Return each model's JSON by its id, the oldest first."""
    rows = database.rows("SELECT model_id, json FROM widgets ORDER BY id")
    return {from_cell(model_id): document for model_id, document in rows}


def forget_models(database: Database, scope: PurgeScope, numbers: Collection[int]) -> None:
    """Remove the models that a purge of these executions means."""
    rows = database.rows("SELECT id, executions, changed_at FROM widgets")
    meant = [
        (id_,)
        for id_, executions, changed_at in rows
        if is_meant(scope, numbers, json.loads(executions), from_micros(changed_at))
    ]
    with database.step():
        database.change_each("DELETE FROM widgets WHERE id = ?", meant)
