"""How much the store does for an answer: as many statements for many executions as for few."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest

from jupyter_session_export.records.content import Member
from jupyter_session_export.records.execution import Execution, ExecutionKey
from jupyter_session_export.records.purge import PurgeScope
from jupyter_session_export.records.session import SessionKey
from jupyter_session_export.records.widgets import WidgetModel
from jupyter_session_export.store import connection
from jupyter_session_export.store.catalog import Catalog
from jupyter_session_export.store.database import Database
from jupyter_session_export.store.record import Record

Make = Callable[..., Execution]


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """Give the statements that a database runs, as they were written."""
    ran: list[str] = []
    database._connection.set_trace_callback(ran.append)
    try:
        yield ran
    finally:
        database._connection.set_trace_callback(None)


def write(record: Record, make: Make, first: int, count: int) -> None:
    """Write executions of two members each, in two notebooks."""
    for number in range(first, first + count):
        execution = make(number, notebook=f"{number % 2}.ipynb")
        names = ("source.py", "metadata.json")
        members = [Member(n, record.blobs.put(f"{n} {number}".encode()), AT) for n in names]
        record.write(execution, members)
    record.commit()


AT = datetime.fromisoformat("2026-01-31T12:00:00+00:00")


def asked(catalog: Catalog, record: Record, ask: Callable[[Any], Any]) -> list[str]:
    """Return what a reader runs to answer."""
    with catalog.read(record.session.id) as reader, statements(reader._database) as ran:
        ask(reader)
    return ran


def planned(reader: Any) -> None:
    reader.plan(tools=True).release()


@pytest.mark.parametrize(
    "ask", [lambda reader: reader.stats(), lambda reader: reader.counts(), planned]
)
def test_an_answer_takes_as_many_statements_for_many(
    catalog: Catalog, record: Record, make_execution: Make, ask: Callable[[Any], Any]
) -> None:
    """Figures and plans are a few scans, never a statement for each execution."""
    write(record, make_execution, 1, 2)
    few = asked(catalog, record, ask)
    write(record, make_execution, 3, 200)
    assert len(asked(catalog, record, ask)) == len(few) <= 20


def test_a_list_of_sessions_opens_no_record(
    catalog: Catalog, record: Record, make_execution: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a list shows is in session.json, with the counts as of the last commit that told."""
    write(record, make_execution, 1, 3)
    record.close()

    def refuse(*_: Any) -> None:
        raise AssertionError("a record was opened")

    monkeypatch.setattr(connection, "connect_reader", refuse)
    monkeypatch.setattr("jupyter_session_export.store.database.connect_reader", refuse)
    (session,) = Catalog(catalog.data_dir).sessions()
    assert session.counts is not None
    assert session.counts.executions == 3


def test_writing_takes_as_many_statements_in_a_long_session(
    record: Record, make_execution: Make
) -> None:
    """One more execution, and the next commit, cost the same after 200 as after two."""
    database = record._database
    write(record, make_execution, 1, 2)
    with statements(database) as few:
        write(record, make_execution, 3, 1)
    write(record, make_execution, 4, 200)
    with statements(database) as many:
        write(record, make_execution, 204, 1)
    assert len(many) == len(few)


def steps(database: Database, ran: list[str]) -> list[str]:
    """Return how SQLite would carry out each of the statements that read or change."""
    found = []
    for sql in ran:
        if sql.lstrip().upper().startswith(("SELECT", "UPDATE", "DELETE", "INSERT")):
            rows = database._connection.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall()
            found += [row[3] for row in rows]
    return found


def test_nothing_is_looked_for_by_reading_all_executions(
    record: Record, make_execution: Make
) -> None:
    """An execution is found by its key, a notebook's by an index, members by their execution."""
    write(record, make_execution, 1, 5)
    database = record._database
    with statements(database) as ran:
        write(record, make_execution, 6, 1)
        assert record.find(ExecutionKey("k1", 1, "message-6"))
        record.matching(PurgeScope(notebook="1.ipynb"))
        record.matching(PurgeScope(number=3))
    found = steps(database, ran)
    assert any(step.startswith("SEARCH") for step in found)
    scans = {step for step in found if step.startswith("SCAN")}
    assert not {step for step in scans if "executions" in step or "members" in step}, scans


def test_a_plan_sorts_nothing(catalog: Catalog, record: Record, make_execution: Make) -> None:
    """Executions and members come in the order in which they lie on disk."""
    write(record, make_execution, 1, 5)
    ran = asked(catalog, record, planned)
    assert [s for s in steps(record._database, ran) if "TEMP B-TREE" in s] == []


def test_a_widget_that_moves_is_one_row(catalog: Catalog, key: SessionKey) -> None:
    """Written again it is found by its key; the others are not looked at but for their size."""
    record = catalog.open(key)
    models = [WidgetModel("k", str(n), "{}", frozenset({1}), AT) for n in range(50)]
    record.write_widgets(models, [])
    with statements(record._database) as ran:
        record.write_widgets(models[:1], [])
    found = steps(record._database, ran)
    assert [s for s in found if "SCAN widgets" in s and "COVERING INDEX" not in s] == []
    assert len(ran) < 8
    record.close()
