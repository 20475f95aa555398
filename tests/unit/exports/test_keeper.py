"""Exports outlive the process that made them."""

from __future__ import annotations

import errno
import json
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_session_export.archive.staging import StagingFile
from jupyter_session_export.errors import (
    CancelledByUser,
    ExportCancelled,
    ExportExpired,
    ExportFailed,
    SourceChanged,
    StoreUnavailable,
)
from jupyter_session_export.exports.archiver import Archiver
from jupyter_session_export.exports.clients import Origin
from jupyter_session_export.exports.job import ExportJob
from jupyter_session_export.exports.request import ExportRequest
from jupyter_session_export.exports.transfer import Transfer
from jupyter_session_export.records.purge import PurgeScope
from jupyter_session_export.store.catalog import Catalog
from jupyter_session_export.upkeep.purging import purged_line
from tests.unit.exports.recorded_session import OWNER, RecordedSession, recorded_session

ORIGIN = Origin("0" * 32, "tab", 3)


@pytest.fixture
def recorded(tmp_path: Path) -> Iterator[RecordedSession]:
    recorded = recorded_session(tmp_path)
    yield recorded
    # A test may have closed it already.
    with suppress(Exception):
        recorded.record.close()


@pytest.fixture
def archiver(recorded: RecordedSession) -> Archiver:
    return Archiver(recorded.catalog)


def ready(archiver: Archiver, recorded: RecordedSession, **request: object) -> ExportJob:
    job = ExportJob(recorded.session, ExportRequest.parse(request), ORIGIN)
    job.ready(archiver.prepare(job))
    return job


def sent(transfer: Transfer) -> bytes:
    data = b"".join(transfer)
    transfer.end()
    return data


def end(archiver: Archiver, job: ExportJob) -> None:
    """Let go of an export as the registry does."""
    job.expire()
    archiver.keeper.discard(job)


def restored(recorded: RecordedSession) -> tuple[Archiver, list[ExportJob]]:
    """Do what a new server does."""
    archiver = Archiver(Catalog(recorded.catalog.data_dir))
    return archiver, archiver.keeper.restore(OWNER)


def test_a_zip_that_was_ready_is_ready_again(recorded: RecordedSession, archiver: Archiver) -> None:
    """Same job, same tag, same bytes, same ledger."""
    job = ready(archiver, recorded, client_id="tab", asked_by={"kernel_id": "k", "msg_id": "m"})
    whole, told = sent(archiver.send(job)), job.to_json()
    lines = job.archive().left_out_lines(0, 10)
    archiver.keeper.put_down(job)
    assert recorded.files() == {".json", ".staging", ".table"}
    other, (again,) = restored(recorded)
    assert (again.request, again.origin) == (job.request, ORIGIN)
    assert again.last_used_at.timestamp() == pytest.approx(job.last_used_at.timestamp(), abs=60)
    for name in ("id", "state", "epoch", "client_id", "created_at", "bytes", "etag", "left_out"):
        assert again.to_json()[name] == told[name]
    assert again.to_json()["progress"]["percent"] == 100.0
    assert again.finished_at is not None
    assert again.archive().left_out_lines(0, 10) == lines
    assert len(lines) == 1
    assert sent(other.send(again)) == whole
    end(other, again)


def test_any_range_is_the_same_after_a_restart(
    recorded: RecordedSession, archiver: Archiver
) -> None:
    """A download goes on anywhere, with what another process had made."""
    job = ready(archiver, recorded)
    whole = sent(archiver.send(job))
    archiver.keeper.put_down(job)
    other, (again,) = restored(recorded)

    @settings(suppress_health_check=list(HealthCheck), deadline=None)
    @given(start=st.integers(0, len(whole) - 1), length=st.integers(1, len(whole)))
    def check(start: int, length: int) -> None:
        end = min(start + length, len(whole))
        transfer = other.send(again, start, end)
        assert (transfer.first_byte, transfer.length) == (start, end - start)
        assert sent(transfer) == whole[start:end]

    check()
    end(other, again)


def test_what_a_zip_needs_is_never_collected(recorded: RecordedSession, archiver: Archiver) -> None:
    """Content that the record gave up stays until the export goes, also while nobody runs."""
    job = ready(archiver, recorded)
    whole = sent(archiver.send(job))
    archiver.keeper.put_down(job)
    recorded.write({"source.py": b"print()"})
    recorded.record.collect()
    assert recorded.blobs() == 2
    other, (again,) = restored(recorded)
    recorded.record.collect()
    assert sent(other.send(again)) == whole
    end(other, again)
    recorded.record.collect()
    assert recorded.blobs() == 0
    assert not any(recorded.record.folder.pins.iterdir())


def test_a_purge_takes_what_a_dead_server_had_prepared(
    recorded: RecordedSession, archiver: Archiver
) -> None:
    """The ZIP holds what is purged, so it goes too, with the content that it pinned."""
    archiver.keeper.put_down(ready(archiver, recorded))
    recorded.record.close()
    session = recorded.session
    with recorded.catalog.custody(session.id) as custody:
        custody.purge(PurgeScope(), lambda purged: purged_line(session, PurgeScope(), purged))
    assert recorded.files() == set()
    assert recorded.blobs() == 0


def test_nobody_takes_what_a_live_process_has(
    recorded: RecordedSession, archiver: Archiver
) -> None:
    """Neither a ZIP that is ready nor one that is being made."""
    job = ready(archiver, recorded)
    preparing = ExportJob(recorded.session, ExportRequest())
    archiver.keeper.begin(preparing)
    assert restored(recorded)[1] == []
    assert sent(archiver.send(job))
    for each in (job, preparing):
        archiver.keeper.put_down(each)
    other, jobs = restored(recorded)
    assert {each.id: each.state for each in jobs} == {job.id: "ready", preparing.id: "failed"}
    for each in jobs:
        end(other, each)


def test_what_was_being_prepared_has_failed(recorded: RecordedSession, archiver: Archiver) -> None:
    """A server that died in the middle is told as the reason; its files are gone."""
    job = ExportJob(recorded.session, ExportRequest())
    archiver.keeper.begin(job)
    for name in (f"{job.id}.staging", f"{job.id}.readings", f".{job.id}.json.abc"):
        (recorded.exports / name).write_bytes(b"half")
    archiver.keeper.put_down(job)
    _, (again,) = restored(recorded)
    assert again.state == "failed"
    with pytest.raises(ExportFailed, match="server stopped"):
        again.archive()
    assert recorded.files() == {".json"}
    _, (once_more,) = restored(recorded)
    assert once_more.to_json()["error"] == again.to_json()["error"]


def test_what_has_ended_is_remembered(recorded: RecordedSession, archiver: Archiver) -> None:
    """With its code; nothing but that is on disk, and forgetting removes it too."""
    job = ready(archiver, recorded)
    job.cancel(CancelledByUser("The export was cancelled."))
    archiver.keeper.discard(job)
    archiver.keeper.discard(job)
    assert recorded.files() == {".json"}
    assert (recorded.exports / f"{job.id}.json").stat().st_mode & 0o777 == 0o600
    other, (again,) = restored(recorded)
    with pytest.raises(ExportCancelled):
        again.archive()
    assert again.to_json()["error"] == job.to_json()["error"]
    assert again.to_json()["created_at"] == job.to_json()["created_at"]
    other.keeper.forget(again)
    assert recorded.files() == set()


def test_what_belongs_to_no_export_is_swept_away(recorded: RecordedSession) -> None:
    """Files without a state, but nothing that isn't ours."""
    for name in (f"{'a' * 32}.staging", f"{'b' * 32}.readings", "notes.json", "x.staging"):
        (recorded.exports / name).write_bytes(b"?")
    assert restored(recorded)[1] == []
    assert {path.name for path in recorded.exports.iterdir()} == {"notes.json", "x.staging"}


def damage_state(path: Path) -> None:
    path.with_suffix(".json").write_bytes(b"\xff{")


def newer_state(path: Path) -> None:
    state = json.loads(path.with_suffix(".json").read_text())
    path.with_suffix(".json").write_text(json.dumps({**state, "version": 99}))


def foreign_state(path: Path) -> None:
    state = json.loads(path.with_suffix(".json").read_text())
    path.with_suffix(".json").write_text(json.dumps({**state, "id": "f" * 32}))


def list_for_state(path: Path) -> None:
    path.with_suffix(".json").write_text("[]")


def link_for_state(path: Path) -> None:
    path.with_suffix(".json").rename(path.with_suffix(".elsewhere"))
    path.with_suffix(".json").symlink_to(path.with_suffix(".elsewhere"))


def cut_table(path: Path) -> None:
    os.truncate(path.with_suffix(".table"), 300)


def no_table(path: Path) -> None:
    path.with_suffix(".table").unlink()


def odd_table(path: Path) -> None:
    table = path.with_suffix(".table")
    table.write_text(table.read_text().replace('["kept", "', '["kept", "zz'))


def no_staging(path: Path) -> None:
    path.with_suffix(".staging").unlink()


def short_staging(path: Path) -> None:
    os.truncate(path.with_suffix(".staging"), 100)


@pytest.mark.parametrize(
    "damage",
    [damage_state, newer_state, foreign_state, list_for_state, cut_table, no_table, odd_table,
     no_staging, short_staging],
)  # fmt: skip
def test_an_export_that_cannot_be_read_has_expired(
    recorded: RecordedSession,
    archiver: Archiver,
    damage: Callable[[Path], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """One warning, its files are gone, and nothing else is lost."""
    jobs = [ready(archiver, recorded) for _ in range(2)]
    for job in jobs:
        archiver.keeper.put_down(job)
    damage(recorded.exports / jobs[0].id)
    with caplog.at_level(logging.WARNING):
        other, found = restored(recorded)
    assert len(caplog.records) == 1
    states = {job.id: job for job in found}
    with pytest.raises(ExportExpired):
        states[jobs[0].id].archive()
    assert states[jobs[0].id].to_json()["state"] == "expired"
    assert [path.suffix for path in recorded.exports.glob(f"{jobs[0].id}.*")] == [".json"]
    assert sent(other.send(states[jobs[1].id]))
    end(other, states[jobs[1].id])
    caplog.clear()
    assert {job.state for job in restored(recorded)[1]} == {"expired"}
    assert not caplog.records


def test_a_state_that_cannot_be_opened_is_left_alone(
    recorded: RecordedSession, archiver: Archiver, caplog: pytest.LogCaptureFixture
) -> None:
    """A link in its place is not followed; one warning, and the others are there."""
    jobs = [ready(archiver, recorded) for _ in range(2)]
    for job in jobs:
        archiver.keeper.put_down(job)
    link_for_state(recorded.exports / jobs[0].id)
    other, found = restored(recorded)
    assert [job.id for job in found] == [jobs[1].id]
    assert len(caplog.records) == 1
    end(other, found[0])


def test_a_source_that_changed_ends_the_export(
    recorded: RecordedSession, archiver: Archiver
) -> None:
    """Also after a restart: the job says so, its files are gone, and a new one has another tag."""
    job = ready(archiver, recorded)
    tag = job.archive().etag
    archiver.keeper.put_down(job)
    recorded.media.write_bytes(os.urandom(1200 * 1024))
    other, (again,) = restored(recorded)
    transfer = other.send(again)
    got: list[bytes] = []
    with pytest.raises(SourceChanged):
        got.extend(transfer)
    transfer.end()
    assert len(b"".join(got)) < (transfer.length or 0)
    assert again.to_json()["error"]["code"] == "SOURCE_CHANGED"
    assert again.state == "failed"
    assert recorded.files() == {".json"}
    new = ready(other, recorded)
    assert new.archive().etag != tag
    end(other, new)


def test_a_sending_that_is_stopped_has_nothing_open(
    recorded: RecordedSession, archiver: Archiver
) -> None:
    """Its file is closed at once, not when the error that stopped it is let go."""
    job = ready(archiver, recorded)
    whole = sent(archiver.send(job))
    at = whole.index(recorded.media.read_bytes()[:64])
    transfer = archiver.send(job, at + 1)
    next(transfer)
    assert is_open(recorded.media)
    transfer.stop(CancelledByUser("enough"))
    with pytest.raises(CancelledByUser):
        next(transfer)
    assert not is_open(recorded.media)
    end(archiver, job)


def is_open(path: Path) -> bool:
    return str(path) in {file.path for file in psutil.Process().open_files()}


def test_a_sending_makes_its_lifetime_begin_anew(
    recorded: RecordedSession, archiver: Archiver
) -> None:
    """What was being fetched when the server died is kept as long as if it had just been used."""
    job = ready(archiver, recorded)
    state = recorded.exports / f"{job.id}.json"
    os.utime(state, (0, 0))
    transfer = archiver.send(job)
    next(transfer)
    assert state.stat().st_mtime > 0
    os.utime(state, (0, 0))
    transfer.close()
    assert state.stat().st_mtime > 0
    end(archiver, job)


@pytest.mark.parametrize("at", [3, 6, 9])
def test_an_export_that_ends_while_it_is_made_leaves_nothing(
    recorded: RecordedSession, archiver: Archiver, at: int
) -> None:
    """Even where it was discarded before its worker noticed."""
    job = ExportJob(recorded.session, ExportRequest())
    calls = 0

    def check() -> None:
        nonlocal calls
        calls += 1
        if calls == at:
            job.cancel(CancelledByUser("enough"))
            archiver.keeper.discard(job)
        ExportJob.check(job)

    job.check = check  # type: ignore[method-assign]
    with pytest.raises(CancelledByUser):
        archiver.prepare(job)
    assert recorded.files() == {".json"}
    assert not any(recorded.record.folder.pins.iterdir())


@pytest.mark.parametrize("before", ["expect", "begin"])
def test_a_worker_that_comes_too_late_writes_nothing(
    recorded: RecordedSession, archiver: Archiver, before: str
) -> None:
    """How an export ended is what stays, whatever had been done before that."""
    job = ExportJob(recorded.session, ExportRequest())
    getattr(archiver.keeper, before)(job)
    job.cancel(CancelledByUser("enough"))
    with pytest.raises(CancelledByUser):
        archiver.prepare(job)
    archiver.keeper.discard(job)
    with pytest.raises(CancelledByUser):
        archiver.prepare(job)
    assert recorded.files() == {".json"}
    _, (again,) = restored(recorded)
    assert (again.id, again.state) == (job.id, "cancelled")


def test_a_full_disk_is_told_and_left_as_it_was(
    recorded: RecordedSession, archiver: Archiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was written so far is gone, and no file of it is open."""
    job = ExportJob(recorded.session, ExportRequest())

    def full(staging: StagingFile, data: bytes) -> None:
        staging._open()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(StagingFile, "_write", full)
    with pytest.raises(StoreUnavailable) as told:
        archiver.prepare(job)
    assert "The disk is full" in str(told.value.detail)
    assert recorded.files() == {".json", ".lock"}
    assert not [file for file in psutil.Process().open_files() if file.path.endswith(".staging")]
