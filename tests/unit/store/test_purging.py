"""Executions that are removed leave no trace in a session's folder."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from jupyter_session_export.errors import SessionInUse
from jupyter_session_export.records.activity import ACTIVITY, AUDIT, LogLine
from jupyter_session_export.records.content import Member
from jupyter_session_export.records.execution import Execution, Status
from jupyter_session_export.records.purge import Purged, PurgeScope
from jupyter_session_export.records.session import Counts
from jupyter_session_export.records.times import now
from jupyter_session_export.store import database as database_module
from jupyter_session_export.store.catalog import Catalog
from jupyter_session_export.store.record import Record

Make = Callable[..., Execution]
Keep = Callable[..., Member]


def fill(record: Record, make: Make, keep: Keep, number: int, **more: object) -> Execution:
    """Write an execution with a small content, one of a page or so, and a large one."""
    execution = make(number, **more)
    secret = f"planted {number} ".encode()
    contents = [secret, secret + os.urandom(9000), secret + os.urandom(200_000)]
    members = [keep(record, f"{at}.bin", content) for at, content in enumerate(contents)]
    record.write(execution, members, source_head=f"planted {number}")
    record.log(line(ACTIVITY, "execution.start", execution.folder))
    return execution


def line(log: str, action: str, target: str | None = None) -> LogLine:
    at = datetime.fromisoformat("2026-01-31T12:00:00+00:00")
    return LogLine(log, at, "0" * 32, "ada", action, target)


def traces(record: Record, text: str) -> list[str]:
    files = [path for path in record.folder.path.rglob("*") if path.is_file()]
    return [path.name for path in files if text.encode() in path.read_bytes()]


def test_nothing_is_left(record: Record, make_execution: Make, keep: Keep) -> None:
    """Neither in rows, free pages, the log of the database, nor as a file."""
    for number in range(1, 30):
        fill(record, make_execution, keep, number)
    record.commit()
    assert traces(record, "planted")
    numbers = record.matching(PurgeScope())
    assert len(numbers) == 29
    assert record.purge(numbers) > 29 * 209_000
    assert record.scrub()
    assert traces(record, "planted") == []
    assert not list(record.folder.blobs.glob("[0-9a-f][0-9a-f]/*"))
    assert record.session.counts == Counts(kernels=1)


def test_the_others_stay_whole(
    catalog: Catalog, record: Record, make_execution: Make, keep: Keep
) -> None:
    """Content that two executions have stays with the one that is left."""
    shared = keep(record, "shared.bin", b"x" * 100_000)
    record.write(make_execution(1), [shared])
    record.write(make_execution(2), [keep(record, "shared.bin", b"x" * 100_000)])
    fill(record, make_execution, keep, 3)
    record.purge({1, 3})
    assert record.scrub()
    with catalog.read(record.session.id) as reader, reader.plan() as plan:
        (left,) = plan.executions
        assert left.number == 2
        assert reader.read(left.members[0].sealed) == b"x" * 100_000
        assert "execution.start" not in "".join(plan.log_lines.get(ACTIVITY, []))


def test_scopes(record: Record, make_execution: Make, keep: Keep, at: datetime) -> None:
    """What runs is part of each span of time that hasn't ended before it began."""
    later = at + timedelta(hours=1)
    record.begin(make_execution(1, notebook="a.ipynb"))
    record.begin(make_execution(2, notebook="b.ipynb", finished_at=later))
    record.begin(make_execution(3, status=Status.RUNNING, finished_at=None))
    record.rename_notebook("a.ipynb", "c.ipynb")
    digest = make_execution(2).key.digest
    assert record.matching(PurgeScope(notebook="c.ipynb")) == {1}
    assert record.matching(PurgeScope(notebook="a.ipynb")) == set()
    assert record.matching(PurgeScope(number=2)) == {2}
    assert record.matching(PurgeScope(execution=digest)) == {2}
    assert record.matching(PurgeScope(since=later)) == {2, 3}
    assert record.matching(PurgeScope(since=later + timedelta(seconds=1))) == {3}


def test_a_number_is_never_given_again(
    catalog: Catalog, record: Record, make_execution: Make
) -> None:
    """Also not by the next one who writes the session."""
    record.begin(make_execution(record.next_number()))
    record.begin(make_execution(record.next_number()))
    record.purge({1, 2})
    assert record.next_number() == 3
    record.close()
    again = catalog.open(record.session.key)
    assert again.next_number() == 3
    again.close()


def test_what_an_export_holds_is_told(
    catalog: Catalog, record: Record, make_execution: Make, keep: Keep
) -> None:
    """It goes when the export lets go of it; until then nobody says that it is gone."""
    fill(record, make_execution, keep, 1)
    record.commit()
    with catalog.read(record.session.id) as reader, reader.plan():
        record.purge({1})
        assert not record.scrub()
        assert not record.scrub(anyway=True)
        assert traces(record, "planted 1 ")
    assert record.scrub()
    assert traces(record, "planted 1 ") == []


def test_content_of_what_runs_is_kept(record: Record, make_execution: Make, keep: Keep) -> None:
    """It was put and will be written; what was put for a purged one is not needed."""
    fill(record, make_execution, keep, 1)
    needed = keep(record, "a.bin", os.urandom(100_000))
    keep(record, "b.bin", os.urandom(100_000))
    record.purge({1}, [needed.sealed])
    assert record.scrub()
    assert record.blobs.read(needed.sealed)
    (path,) = record.folder.blobs.glob("[0-9a-f][0-9a-f]/*")
    assert path.name == needed.sealed.sha256


def test_a_large_record_is_rewritten_by_way_of_a_file(
    record: Record, make_execution: Make, keep: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not in memory; the outcome is the same."""
    monkeypatch.setattr(database_module, "MEMORY_BYTES", 0)
    fill(record, make_execution, keep, 1)
    fill(record, make_execution, keep, 2)
    record.purge({1})
    assert record.scrub()
    assert traces(record, "planted 1 ") == []
    assert traces(record, "planted 2 ")
    record.check()


def test_a_session_that_nobody_writes(
    catalog: Catalog, record: Record, make_execution: Make, keep: Keep
) -> None:
    """Purged under its lease, with what a crash left; the audit log tells it."""
    fill(record, make_execution, keep, 1)
    record.close()
    spool = record.spool(7)
    spool.append("stdout.txt", b"planted by a crash")
    spool.close()
    with catalog.custody(record.session.id) as custody:
        purged = custody.purge(PurgeScope(), lambda purged: line(AUDIT, f"{purged.executions}"))
    assert purged.executions == 1
    assert traces(record, "planted") == []
    with catalog.read(record.session.id) as reader:
        assert [each.action for each in reader.log("audit")] == ["1"]
        assert reader.session.counts == Counts(kernels=1)


@pytest.mark.parametrize(("ago", "is_left"), [(60, False), (-60, True)])
def test_what_a_crash_left_goes_with_its_time(
    catalog: Catalog, record: Record, ago: int, is_left: bool
) -> None:
    """No row tells of it yet, but it would be recovered: it goes if it was written since then."""
    record.close()
    spool = record.spool(7)
    spool.append("stdout.txt", b"planted by a crash")
    spool.close()
    scope = PurgeScope(since=now() - timedelta(seconds=ago))
    with catalog.custody(record.session.id) as custody:
        custody.purge(scope, lambda _: line(AUDIT, "purged"))
    assert bool(traces(record, "planted")) == is_left


def test_a_session_that_is_written_or_exported_is_refused(
    catalog: Catalog, record: Record, make_execution: Make
) -> None:
    """By who doesn't write it."""
    record.close()
    with (
        catalog.read(record.session.id) as reader,
        reader.plan(),
        pytest.raises(SessionInUse),
    ):
        catalog.custody(record.session.id)
    assert Purged().to_json() == {"executions": 0, "running": 0, "bytes": 0}
