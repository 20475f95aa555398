"""Widget models in a record."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from jupyter_session_export.records.purge import PurgeScope
from jupyter_session_export.records.session import SessionKey
from jupyter_session_export.records.widgets import UNKNOWN, WidgetModel
from jupyter_session_export.store import widgets as module
from jupyter_session_export.store.catalog import Catalog
from jupyter_session_export.store.record import Record

AT = datetime(2026, 1, 31, 12, tzinfo=timezone.utc)


def model(id_: str, *executions: int, document: str = "{}", later: int = 0) -> WidgetModel:
    return WidgetModel("k", id_, document, frozenset(executions), AT + timedelta(minutes=later))


@pytest.fixture
def record(tmp_path: Any) -> Any:
    record = Catalog(tmp_path).open(SessionKey("ada", ""))
    yield record
    record.close()


def read(record: Record) -> dict[str, str]:
    record.commit()
    catalog = Catalog(record.folder.path.parents[1])
    with catalog.read(record.session.id) as reader, reader.plan() as plan:
        return plan.widgets


def test_models_are_read_as_they_stand(record: Record) -> None:
    """A plan has each model's newest JSON, the oldest model first, and none that is gone."""
    record.write_widgets([model("a"), model("b"), model("c")], [])
    record.write_widgets([replace(model("a"), document='{"state":{}}')], [("k", "c")])
    assert read(record) == {"a": '{"state":{}}', "b": "{}"}
    assert list(read(record)) == ["a", "b"]


def test_names_with_lone_surrogates_come_back(record: Record) -> None:
    """Whatever a kernel calls its models comes back as it was."""
    record.write_widgets([model("\udc80")], [])
    assert list(read(record)) == ["\udc80"]


def test_a_plan_keeps_to_its_position(record: Record) -> None:
    """What is written after a plan was read is not in it."""
    record.write_widgets([model("a", document='"before"')], [])
    record.commit()
    catalog = Catalog(record.folder.path.parents[1])
    with catalog.read(record.session.id) as reader, reader.plan() as plan:
        record.write_widgets([model("a", document='"after"')], [])
        record.commit()
        assert plan.widgets == {"a": '"before"'}


def test_the_oldest_go_where_there_are_too_many(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A session's models are bounded by their number and their bytes; one written again stays."""
    monkeypatch.setattr(module, "MOST_MODELS", 3)
    record.write_widgets([model(id_) for id_ in "abcde"], [])
    assert list(read(record)) == ["c", "d", "e"]
    monkeypatch.setattr(module, "MOST_BYTES", 250)
    record.write_widgets([model("f", document="x" * 200)], [])
    assert list(read(record)) == ["d", "e", "f"]
    record.write_widgets([model("e", document="x" * 100)], [])
    assert list(read(record)) == ["f"]


@pytest.mark.parametrize(
    ("scope", "numbers", "left"),
    [
        (PurgeScope(), {1, 2, 3}, []),
        (PurgeScope(number=1), {1}, ["of 2", "later"]),
        (PurgeScope(notebook="n.ipynb"), {2}, ["of 1", "later"]),
        (PurgeScope(since=AT + timedelta(minutes=3)), set(), ["of 1", "of 2", "of both"]),
        (PurgeScope(number=9), {9}, ["of 1", "of 2", "of both", "later"]),
    ],
)
def test_a_purge_takes_what_its_executions_made_or_changed(
    record: Record, scope: PurgeScope, numbers: set[int], left: list[str]
) -> None:
    """So does one since a time what changed since; a model of unknown origin goes with any."""
    models = [
        model("of 1", 1),
        model("of 2", 2),
        model("of both", 1, 2),
        model("later", 3, later=5),
        model("?", UNKNOWN),
    ]
    record.write_widgets(models, [])
    record.forget_widgets(scope, numbers)
    assert list(read(record)) == left
