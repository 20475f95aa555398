"""The runs of a notebook's cells, over sessions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from jupyter_session_export.errors import InvalidRequest
from jupyter_session_export.recording.requests import Request
from jupyter_session_export.recording.standing import Ongoing, Queued, Standing
from jupyter_session_export.records.content import Member
from jupyter_session_export.records.execution import Execution, ExecutionKey, Kernel, Status
from jupyter_session_export.records.session import SessionKey
from jupyter_session_export.records.shown import Shown
from jupyter_session_export.restoring.cells import CellRuns, Known, Page
from jupyter_session_export.restoring.run import sha256_of
from jupyter_session_export.store.catalog import Catalog
from jupyter_session_export.store.record import Record

AT = datetime(2026, 1, 31, 12, tzinfo=timezone.utc)
NOTEBOOK = "a.ipynb"


class Sessions:
    """Two sessions that know a notebook; `write` adds a run to one."""

    def __init__(self, folder: Path) -> None:
        self.catalog = Catalog(folder / "data")
        key = SessionKey("ada", "/home/ada")
        self.older = self.catalog.open(key)
        self.newer = self.catalog.open(key)
        self._count = 0

    def write(
        self, record: Record, cell_id: str | None, source: str, status: Status = Status.OK
    ) -> Execution:
        self._count += 1
        number = record.next_number()
        execution = Execution(
            key=ExecutionKey("k1", 1, f"m{self._count}"),
            number=number,
            session_id=record.session.id,
            user_id="ada",
            kernel=Kernel("k1", "python3", "python", ".py"),
            notebook=NOTEBOOK,
            cell_id=cell_id,
            status=status,
            started_at=AT + timedelta(minutes=self._count),
        )
        member = Member("source.py", record.blobs.put(source.encode()), AT)
        record.write(execution, [member], shown=Shown(1, 5, "ab" * 32))
        record.commit()
        return execution

    def runs(self, standing: Standing | None = None) -> CellRuns:
        known = [
            Known(self.newer.session, NOTEBOOK, held=True, standing=standing),
            Known(self.older.session, NOTEBOOK),
        ]
        return CellRuns(self.catalog.read, known)


@pytest.fixture
def sessions(tmp_path: Path) -> Iterator[Sessions]:
    made = Sessions(tmp_path)
    yield made
    made.older.close()
    made.newer.close()


def test_what_any_run_of_a_cell_has_shown_is_known(sessions: Sessions) -> None:
    """By the cell that it tells, in all sessions that know the notebook, or in a kernel."""
    for record, cell_id in ((sessions.older, "a"), (sessions.newer, "a"), (sessions.newer, None)):
        sessions.write(record, cell_id, "x")
    expected = {"a": {"ab" * 32}, None: {"ab" * 32}}
    assert sessions.runs().digests(None) == expected
    assert sessions.runs().digests("k") == expected
    assert sessions.runs().digests("other") == {}


def test_the_newest_run_of_each_cell_is_found(sessions: Sessions) -> None:
    """In whichever session it was; no content is needed to tell source and outputs."""
    for record, cell_id, source in (
        (sessions.older, "a", "old"),
        (sessions.older, "b", "only here"),
        (sessions.newer, "a", "new"),
        (sessions.newer, None, "by nbclient"),
    ):
        sessions.write(record, cell_id, source)
    found = {run.cell_id: run for run in sessions.runs().newest()}
    assert found.keys() == {"a", "b"}
    assert (found["a"].source_sha256, found["a"].outputs) == (sha256_of("new"), 1)
    assert found["b"].session_id == sessions.older.session.id
    _, unnamed = sessions.runs().of_notebook()
    assert [run.source_sha256 for run in unnamed] == [sha256_of("by nbclient")]


def test_what_nobody_records_any_more_is_lost(sessions: Sessions) -> None:
    """Where a server has crashed and nothing was recovered yet; elsewhere it goes on."""
    sessions.write(sessions.older, "a", "x", Status.RUNNING)
    sessions.write(sessions.newer, "b", "x", Status.RUNNING)
    found = {run.cell_id: run.status for run in sessions.runs().newest()}
    assert found == {"a": "lost", "b": "running"}


def test_what_goes_on_and_waits_is_told_as_it_is_now(sessions: Sessions) -> None:
    """The recorder knows more of it than the record."""
    ran = sessions.write(sessions.newer, "a", "x")
    ongoing = Ongoing(replace(ran, status=Status.RUNNING), "x", 7)
    request = Request(kernel_id="k1", msg_id="m9", code="y", received_at=AT, cell_id="b")
    other = replace(request, cell_id="c")
    queued = [Queued(request, NOTEBOOK, 1), Queued(other, "other.ipynb", 1)]
    standing = Standing({ran.number: ongoing}, queued, {"k1": 1})
    found = {run.cell_id: run for run in sessions.runs(standing).newest()}
    assert found.keys() == {"a", "b"}
    assert (found["a"].status, found["a"].bytes, found["a"].outputs_digest) == ("running", 7, None)
    assert (found["b"].status, found["b"].number) == ("queued", None)
    assert all(run.current_kernel for run in found.values())


def test_a_list_goes_on_where_it_ended(sessions: Sessions) -> None:
    """Over sessions, the newest run first; a number alone is of the newest session."""
    for source in "12":
        sessions.write(sessions.older, "a", source)
    for source in "345":
        sessions.write(sessions.newer, "a", source)
    before, sources = None, ""
    while True:
        page, before = sessions.runs().of_cell("a", Page(before, 2))
        sources += "".join(run["source"] for run in page)
        if before is None:
            break
    assert sources == "54321"
    page, _ = sessions.runs().of_cell("a", Page("3", 10))
    assert [run["source"] for run in page] == ["4", "3", "2", "1"]
    with pytest.raises(InvalidRequest):
        sessions.runs().of_cell("a", Page("x:y", 2))


def test_deleted_cells_are_those_that_are_not_present(sessions: Sessions) -> None:
    """With how often each ran in all sessions, and the source of its last run."""
    for record, source in ((sessions.older, "old"), (sessions.newer, "new")):
        sessions.write(record, "gone", source)
    sessions.write(sessions.newer, "there", "x")
    (cell,) = sessions.runs().deleted({"there"})
    assert (cell.cell_id, cell.runs, cell.source) == ("gone", 2, "new")


def test_an_older_session_that_is_gone_spares_the_rest(sessions: Sessions) -> None:
    """It may be removed, or damaged, at any time."""
    sessions.write(sessions.newer, "a", "x")
    runs = sessions.runs()
    unknown = replace(sessions.older.session, id="f" * 32)
    runs.known.append(Known(unknown, NOTEBOOK))
    assert [run.cell_id for run in runs.newest()] == ["a"]
