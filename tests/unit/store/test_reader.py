from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from jupyter_session_export.errors import StoreDamaged
from jupyter_session_export.records.activity import LogLine
from jupyter_session_export.records.content import Member
from jupyter_session_export.records.execution import Execution, Kernel, Status
from jupyter_session_export.store.catalog import Catalog
from jupyter_session_export.store.reader import RecordReader
from jupyter_session_export.store.record import Record

Make = Callable[..., Execution]
Keep = Callable[[Record, str, bytes], Member]


def test_a_plan_holds_what_was_committed(
    catalog: Catalog, record: Record, make_execution: Make, keep: Keep, at: datetime
) -> None:
    """Executions in order, with the members of the ZIP, and all that an export tells of them."""
    done = make_execution(1, notebook="a.ipynb", cell_id="c", execution_count=7, truncated=True)
    members = [keep(record, name, b"x" + name.encode()) for name in ("source.py", "stdout.txt")]
    running = make_execution(2, status=Status.RUNNING, finished_at=None)
    line = LogLine(
        "activity", at, record.session.id, "ada", "kernel_started", "k1", {"a": "\ud800"}
    )
    record.begin(running)
    record.write(done, [keep(record, ".raw.jsonl", b"{}"), *members], source_head="print(1)")
    record.log(line)
    record.set_value("environment", {"python": "3.11"})
    record.commit()
    with catalog.read(record.session.id) as reader, reader.plan() as plan:
        first, second = plan.executions
        assert first.folder == done.folder
        assert first.members == members
        assert (first.notebook, first.cell_id, first.execution_count) == ("a.ipynb", "c", 7)
        assert (first.kernel, first.status, first.source_head) == (
            done.kernel,
            Status.OK,
            "print(1)",
        )
        assert (first.started_at, first.finished_at, first.truncated) == (at, at, True)
        assert (second.status, second.members, second.finished_at) == (Status.RUNNING, [], None)
        assert plan.counts == {Status.OK: 1, Status.RUNNING: 1}
        assert (plan.position, plan.session.id) == (4, record.session.id)
        assert plan.facts == {"environment": {"python": "3.11"}}
        assert plan.kernels == [done.kernel]
        assert [notebook.path for notebook in plan.notebooks] == ["a.ipynb"]
        assert len(plan.log_lines["activity"]) == 1
        assert list(reader.log("activity")) == [line]
        assert list(reader.log("audit")) == []
        assert list(reader.executions()) == [done, running]
        assert b"".join(reader.open(members[0].sealed))
        assert reader.read(members[0].sealed) == b"xsource.py"


def test_tools_are_left_out_unless_asked_for(
    catalog: Catalog, record: Record, make_execution: Make, keep: Keep
) -> None:
    """What tools executed is in no plan and no count, but in the record."""
    record.write(make_execution(1), [keep(record, "a.txt", b"1")])
    record.write(make_execution(2, tool=True), [keep(record, "a.txt", b"22")])
    record.commit()
    with catalog.read(record.session.id) as reader:
        with reader.plan() as plan, reader.plan(tools=True) as full:
            assert [execution.number for execution in plan.executions] == [1]
            assert [execution.number for execution in full.executions] == [1, 2]
            assert full.executions[1].members
        assert [execution.number for execution in reader.executions(tools=True)] == [1, 2]
        stats = reader.stats()
        assert (stats.executions, stats.tools, stats.members, stats.bytes) == (
            {Status.OK: 1},
            1,
            1,
            1,
        )


def test_stats_count_without_reading(
    catalog: Catalog, record: Record, make_execution: Make, keep: Keep, at: datetime
) -> None:
    """Executions by status, bytes raw and stored, and the span of time."""
    text = b"the same line\n" * 1000
    member, own = keep(record, "stdout.txt", text), keep(record, ".raw.jsonl", b"{}")
    record.write(make_execution(1), [member, own])
    later = at + timedelta(seconds=5)
    record.write(make_execution(2, status=Status.ERROR, finished_at=later), [member])
    record.note_notebook("a.ipynb", "k1")
    record.log(LogLine("audit", at, record.session.id, None, "exported"))
    record.commit()
    with catalog.read(record.session.id) as reader:
        stats = reader.stats()
    assert stats.executions == {Status.OK: 1, Status.ERROR: 1}
    assert (stats.members, stats.bytes) == (2, 2 * len(text))
    assert stats.stored_bytes == 2 * member.sealed.stored_size < stats.bytes
    assert (stats.notebooks, stats.log_lines) == (1, {"audit": 1})
    assert (stats.first_started_at, stats.last_finished_at) == (at, later)


def test_what_is_logged_after_a_position_can_be_left_out(
    catalog: Catalog, record: Record, at: datetime
) -> None:
    """A plan's logs end where the record was frozen, even if more was committed meanwhile."""
    for action in ("export.begun", "export.downloaded"):
        record.log(LogLine("audit", at, record.session.id, None, action))
        record.commit()
    with catalog.read(record.session.id) as reader:
        until = reader.position
        record.log(LogLine("audit", at, record.session.id, None, "export.begun"))
        record.commit()
        with reader.plan(logged_until=until) as frozen, reader.plan() as newest:
            assert len(frozen.log_lines["audit"]) == 2
            assert newest.log_lines["audit"][:2] == frozen.log_lines["audit"]
            assert len(newest.log_lines["audit"]) == 3


def test_an_empty_record_has_an_empty_plan(catalog: Catalog, record: Record) -> None:
    """A session in which nothing happened can be exported too."""
    with catalog.read(record.session.id) as reader, reader.plan() as plan:
        assert (plan.executions, plan.log_lines, plan.position) == ([], {}, 0)
        assert reader.stats().first_started_at is None


def test_a_plan_is_frozen_and_its_content_pinned(
    catalog: Catalog, record: Record, make_execution: Make, keep: Keep
) -> None:
    """What is recorded later changes no plan, and its content stays until the release."""
    content = os.urandom(100_000)
    record.write(make_execution(1), [keep(record, "a.bin", content)])
    record.commit()
    with catalog.read(record.session.id) as reader:
        plan = reader.plan()
        (member,) = plan.executions[0].members
        record.write(make_execution(1), [])
        assert record.blobs.collect() == 0
        assert plan.executions[0].members == [member]
        assert reader.read(member.sealed) == content
        plan.release()
        assert record.blobs.collect() == 1
        with pytest.raises(StoreDamaged):
            reader.read(member.sealed)


def test_a_plan_of_another_catalog_pins_too(
    catalog: Catalog, record: Record, make_execution: Make, keep: Keep
) -> None:
    """Another process, which shares no memory with the writer, pins by a mark on disk."""
    record.write(make_execution(1), [keep(record, "a.txt", b"x")])
    record.commit()
    other = Catalog(catalog.data_dir)
    with other.read(record.session.id) as reader, reader.plan() as plan:
        record.write(make_execution(1), [])
        assert record.blobs.collect() == 0
        assert reader.read(plan.executions[0].members[0].sealed) == b"x"
    assert record.blobs.collect() == 1


def test_a_plan_that_fails_pins_nothing(
    catalog: Catalog, record: Record, make_execution: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader that can't read holds nothing back."""
    with catalog.read(record.session.id) as reader:
        monkeypatch.setattr(RecordReader, "facts", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            reader.plan()
    assert record._pins.pinned() == frozenset()


def test_executions_are_read_page_by_page(
    catalog: Catalog, record: Record, make_execution: Make
) -> None:
    """However many there are, each comes once, from wherever one starts."""
    for number in range(1, 502):
        record.begin(make_execution(number))
    record.commit()
    with catalog.read(record.session.id) as reader:
        assert [e.number for e in reader.executions()] == list(range(1, 502))
        assert [e.number for e in reader.executions(after=400)] == list(range(401, 502))


def test_a_damaged_detail_is_told(catalog: Catalog, record: Record, make_execution: Make) -> None:
    """An execution that can't be read is damage, not a crash."""
    record.begin(make_execution(1))
    record._database.change("UPDATE details SET json = '{}'")
    record.commit()
    with catalog.read(record.session.id) as reader, pytest.raises(StoreDamaged):
        list(reader.executions())


def test_reading_goes_on_while_it_is_written(
    catalog: Catalog, record: Record, make_execution: Make, keep: Keep
) -> None:
    """Plans made while the writer commits are each of one moment."""
    wrong: list[Any] = []
    done = threading.Event()

    def read() -> None:
        with catalog.read(record.session.id) as reader:
            while not done.is_set():
                with reader.plan() as plan:
                    if len(plan.executions) != plan.position or len(plan.executions) % 3:
                        wrong.append((len(plan.executions), plan.position))

    thread = threading.Thread(target=read)
    thread.start()
    try:
        for number in range(1, 301):
            record.write(make_execution(number), [keep(record, "a.txt", b"%d" % number)])
            if number % 3 == 0:
                record.commit()
    finally:
        done.set()
        thread.join()
    assert not wrong


def test_plans_and_stats_are_quick(
    catalog: Catalog, record: Record, make_execution: Make, keep: Keep
) -> None:
    """10,000 executions with 20,000 members: statistics by a scan, a plan in one go.

    The bounds are several times what is measured, since other work may share the machine.
    """
    members = [keep(record, name, name.encode()) for name in ("source.py", "metadata.json")]
    for number in range(1, 10_001):
        record.write(make_execution(number), members)
    record.commit()
    with catalog.read(record.session.id) as reader:
        start = time.process_time()
        assert reader.stats().members == 20_000
        after_stats = time.process_time()
        with reader.plan() as plan:
            planned = time.process_time()
            assert sum(len(execution.member_rows) for execution in plan.executions) == 20_000
    assert after_stats - start < 0.2
    assert planned - after_stats < 0.6


def test_kernels_are_noted_as_they_are_now(catalog: Catalog, record: Record) -> None:
    """A kernel whose description changed is known by the new one."""
    kernel = Kernel("k1", "python3", "python", ".py")
    record.note_kernel(kernel)
    record.note_kernel(replace(kernel, name="python-new"))
    record.commit()
    with catalog.read(record.session.id) as reader:
        assert reader.kernels() == [replace(kernel, name="python-new")]


def test_a_closed_reader_says_so(catalog: Catalog, record: Record) -> None:
    """Reading after closing is a bug of the caller."""
    reader = catalog.read(record.session.id)
    reader.close()
    with pytest.raises(sqlite3.ProgrammingError):
        reader.stats()
