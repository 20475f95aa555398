"""Debug sessions in the record: kept, read, purged, and ended after a crash."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from jupyter_session_export.records.activity import AUDIT, LogLine
from jupyter_session_export.records.debugging import (
    EVENT,
    STOP,
    Breakpoint,
    Cell,
    DebugItem,
    DebugSession,
)
from jupyter_session_export.records.execution import Kernel
from jupyter_session_export.records.purge import PurgeScope
from jupyter_session_export.store.catalog import Catalog
from jupyter_session_export.store.record import Record

KERNEL = Kernel("k1", "python3", "python", ".py")


def fill(record: Record, at: datetime) -> DebugSession:
    """Record a debug session of a.ipynb with two stops and an event."""
    record.note_notebook("a.ipynb", "k1")
    cell = Cell(1, "execution_1_00000000", "cell", "a.ipynb")
    later = at + timedelta(minutes=1)
    session = DebugSession(
        number=record.next_debug_number(),
        kernel=KERNEL,
        incarnation=1,
        notebook="a.ipynb",
        started_at=at,
        info={"isStarted": True},
        breakpoints=(
            Breakpoint(path="/1.py", line=1, condition="planted", cell=cell, set_at=at),
            Breakpoint(path="/2.py", line=2, set_at=later),
        ),
        modules=("json",),
    )
    record.save_debug_session(session)
    for execution, when in ((1, at), (2, later)):
        content = {"number": execution, "value": "planted \ud800"}
        record.add_debug_item(DebugItem(session.number, STOP, when, execution, content))
    record.add_debug_item(DebugItem(session.number, EVENT, at, None, {"event": "initialized"}))
    record.commit()
    return session


def test_what_is_kept_is_read(catalog: Catalog, record: Record, at: datetime) -> None:
    """A plan has each debug session with its stops and events in their order; figures count."""
    session = fill(record, at)
    with catalog.read(record.session.id) as reader, reader.plan() as plan:
        (found,) = plan.debug
        assert found.session == session
        assert [text.partition(",")[0] for text in found.stops] == ['{"number":1', '{"number":2']
        assert found.events == ('{"event":"initialized"}',)
        figures = reader.stats()
        assert (figures.debug_sessions, figures.debug_stops) == (1, 2)
        assert figures.debug_bytes > sum(map(len, (*found.stops, *found.events)))


def test_notebook_has_its_own(catalog: Catalog, record: Record, at: datetime) -> None:
    """A debug session goes with its notebook, wherever that lies now."""
    fill(record, at)
    record.note_notebook("b.ipynb", "k2")
    record.rename_notebook("a.ipynb", "c.ipynb")
    # It may be written again by whoever doesn't know of that.
    record.end_debug_sessions(at, "server died")
    record.commit()
    with catalog.read(record.session.id) as reader:
        with reader.plan(notebook="c.ipynb") as plan:
            assert [one.session.notebook for one in plan.debug] == ["c.ipynb"]
        with reader.plan(notebook="b.ipynb") as plan:
            assert plan.debug == []


@pytest.mark.parametrize(
    ("scope", "stops", "lines"),
    [
        (PurgeScope(), 0, []),
        (PurgeScope(notebook="a.ipynb"), 0, []),
        (PurgeScope(notebook="b.ipynb"), 2, [1, 2]),
        (PurgeScope(number=1), 1, [2]),
    ],
)
def test_purge_takes_what_it_means(
    catalog: Catalog, record: Record, at: datetime, scope: PurgeScope, stops: int, lines: list[int]
) -> None:
    """Stops go with their execution, and all with the notebook; when it was used stays."""
    session = fill(record, at)
    numbers = {1} if scope.number else set()
    assert bool(record.purge_debugging(scope, numbers)) is (stops < 2)
    record.scrub()
    with catalog.read(record.session.id) as reader, reader.plan() as plan:
        (found,) = plan.debug
        assert len(found.stops) == stops
        assert [one.line for one in found.session.breakpoints] == lines
        assert found.session.truncated is (stops < 2)
        assert found.session.folder == session.folder
    files = [path for path in record.folder.path.rglob("*") if path.is_file()]
    traces = [path for path in files if b"planted" in path.read_bytes()]
    assert bool(traces) is bool(stops)


def test_purge_of_the_last_minutes(catalog: Catalog, record: Record, at: datetime) -> None:
    """What came since a time goes, and what was there before stays."""
    fill(record, at)
    record.purge_debugging(PurgeScope(since=at + timedelta(seconds=30)), ())
    record.commit()
    with catalog.read(record.session.id) as reader, reader.plan() as plan:
        (found,) = plan.debug
        assert [text.partition(",")[0] for text in found.stops] == ['{"number":1']
        assert len(found.events) == 1
        assert [one.line for one in found.session.breakpoints] == [1]
        assert found.session.info is None


def test_session_that_nobody_writes_is_purged(
    catalog: Catalog, record: Record, at: datetime
) -> None:
    """A purge under the lease takes debug sessions' values along."""
    fill(record, at)
    record.close()
    with catalog.custody(record.session.id) as custody:
        line = LogLine(AUDIT, at, record.session.id, "ada", "record.purged")
        custody.purge(PurgeScope(), lambda _: line)
    files = [path for path in record.folder.path.rglob("*") if path.is_file()]
    assert [path for path in files if b"planted" in path.read_bytes()] == []


def test_numbers_are_never_given_again(record: Record, at: datetime) -> None:
    """The number of a debug session that was not committed may be, any other isn't."""
    assert [fill(record, at).number for _ in range(2)] == [1, 2]
    record.purge_debugging(PurgeScope(), ())
    assert record.next_debug_number() == 3


def test_crash_ends_what_was_open(catalog: Catalog, record: Record, at: datetime) -> None:
    """The next writer ends what a crashed one left, and nothing that has ended."""
    session = fill(record, at)
    record.save_debug_session(replace(session, number=2, ended_at=at, end="stopped by its user"))
    record.end_debug_sessions(at, "server died")
    record.commit()
    with catalog.read(record.session.id) as reader, reader.plan() as plan:
        assert [one.session.end for one in plan.debug] == ["server died", "stopped by its user"]


def test_lost_transaction_loses_no_session(catalog: Catalog, record: Record, at: datetime) -> None:
    """After SQLite has given up a transaction, a stop still finds its debug session."""
    session = fill(record, at)
    second = replace(session, number=2)
    record.save_debug_session(second)
    record._database._connection.rollback()
    record.add_debug_item(DebugItem(2, STOP, at, None, {"number": 1}))
    record.commit()
    with catalog.read(record.session.id) as reader, reader.plan() as plan:
        assert [len(one.stops) for one in plan.debug] == [2, 1]
