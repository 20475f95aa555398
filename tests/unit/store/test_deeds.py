"""What people did with files is forgotten with what they purge."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from jupyter_session_export.errors import StoreDamaged
from jupyter_session_export.records.activity import ACTIVITY, AUDIT, LogLine
from jupyter_session_export.records.purge import PurgeScope
from jupyter_session_export.store.catalog import Catalog
from jupyter_session_export.store.record import Record

KEPT = ["kernel.start", "recording.paused", "record.purged"]


def write(record: Record, at: datetime) -> None:
    """Write a line each minute."""
    deeds: list[tuple[str, str | None, dict[str, object]]] = [
        ("notebook.save", "private.ipynb", {}),
        ("notebook.rename", "new.ipynb", {"old": "private.ipynb"}),
        ("notebook.copy", "copy.ipynb", {"from": "private.ipynb"}),
        ("cell.add", "private.ipynb", {}),
        ("page.notebook_open", "other.ipynb", {}),
        ("file.open", "b.txt", {"kind": "private.ipynb", "old": ["private.ipynb"]}),
        ("folder.delete", "c", {}),
        ("kernel.start", "private.ipynb", {"action": "file.open"}),
        ("recording.paused", "private.ipynb", {}),
    ]
    for minute, (action, target, detail) in enumerate(deeds):
        time = at + timedelta(minutes=minute)
        record.log(LogLine(ACTIVITY, time, "0" * 32, None, action, target, dict(detail)))
    record.log(LogLine(AUDIT, at, "0" * 32, None, "record.purged", "private.ipynb"))


def actions(catalog: Catalog, record: Record) -> list[str]:
    record.commit()
    with catalog.read(record.session.id) as reader:
        return [line.action for log in (ACTIVITY, AUDIT) for line in reader.log(log)]


def test_all_takes_the_kinds_that_name_files(
    catalog: Catalog, record: Record, at: datetime
) -> None:
    """Lines of kernels and of the recording stay, as does the audit log."""
    write(record, at)
    record.forget_deeds(PurgeScope())
    assert actions(catalog, record) == KEPT


def test_a_time_takes_what_was_done_since(catalog: Catalog, record: Record, at: datetime) -> None:
    """What was done before it stays."""
    write(record, at)
    record.forget_deeds(PurgeScope(since=at + timedelta(minutes=1)))
    assert actions(catalog, record) == ["notebook.save", *KEPT]


def test_a_notebook_takes_what_names_it(catalog: Catalog, record: Record, at: datetime) -> None:
    """As what it was done with, where that lay before, or what it was copied from."""
    write(record, at)
    record.forget_deeds(PurgeScope(notebook="private.ipynb"))
    left = ["page.notebook_open", "file.open", "folder.delete"]
    assert actions(catalog, record) == [*left, *KEPT]


def test_a_notebook_takes_what_names_it_by_earlier_names(
    catalog: Catalog, record: Record, at: datetime
) -> None:
    """Along all renames, of its folder too; what has such a name later is another one."""
    deeds: list[tuple[str, str, dict[str, str]]] = [
        ("notebook.save", "d/a.ipynb", {}),
        ("folder.rename", "e", {"old": "d"}),
        ("notebook.save", "e/a.ipynb", {}),
        ("notebook.rename", "b.ipynb", {"old": "e/a.ipynb"}),
        ("cell.add", "b.ipynb", {}),
        ("notebook.rename", "c.ipynb", {"old": "b.ipynb"}),
        ("notebook.create", "b.ipynb", {}),
        ("notebook.create", "d/a.ipynb", {}),
    ]
    for action, target, detail in deeds:
        record.log(LogLine(ACTIVITY, at, "0" * 32, None, action, target, dict(detail)))
    record.forget_deeds(PurgeScope(notebook="c.ipynb"))
    record.commit()
    with catalog.read(record.session.id) as reader:
        left = [(line.action, line.target) for line in reader.log(ACTIVITY)]
    assert left == [
        ("folder.rename", "e"),
        ("notebook.create", "b.ipynb"),
        ("notebook.create", "d/a.ipynb"),
    ]


@pytest.mark.parametrize("scope", [PurgeScope(number=1), PurgeScope(execution="0" * 8)])
def test_an_execution_takes_none(
    catalog: Catalog, record: Record, at: datetime, scope: PurgeScope
) -> None:
    """What was done with files is no part of it."""
    write(record, at)
    before = actions(catalog, record)
    record.forget_deeds(scope)
    assert actions(catalog, record) == before


def test_a_session_that_nobody_writes(catalog: Catalog, record: Record, at: datetime) -> None:
    """Its lines go the same way, without a trace on disk."""
    write(record, at)
    record.close()
    purged = LogLine(AUDIT, at, "0" * 32, None, "record.purged")
    with catalog.custody(record.session.id) as custody:
        custody.purge(PurgeScope(), lambda _: purged)
    with catalog.read(record.session.id) as reader:
        assert [line.action for line in reader.log(ACTIVITY)] == KEPT[:2]
    assert not [p for p in record.folder.path.rglob("*.db*") if b"copy.ipynb" in p.read_bytes()]


def test_a_damaged_line_is_told(record: Record) -> None:
    """Nothing is said to be gone that may be there."""
    text = '{"action":"file.open"}'
    record._database.change(
        "INSERT INTO log_lines (log, json, position) VALUES (?, ?, 1)", (ACTIVITY, text)
    )
    with pytest.raises(StoreDamaged):
        record.forget_deeds(PurgeScope())
