from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from jupyter_session_export.errors import SessionInUse, StoreUnavailable
from jupyter_session_export.records.session import Session, SessionKey
from jupyter_session_export.store.catalog import Catalog
from jupyter_session_export.store.undo_files import Place, UndoFiles
from jupyter_session_export.upkeep import cleaner as module
from jupyter_session_export.upkeep.cleaner import Cleaner
from jupyter_session_export.upkeep.policy import Fate, Rules
from jupyter_session_export.workspaces.audit import AuditLog

DAY = timedelta(days=1)
RULES = Rules(idle=DAY, retention=30 * DAY)
Aged = Callable[..., Session]


def audit(catalog: Catalog) -> list[dict[str, Any]]:
    path = AuditLog(catalog.data_dir).path
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_what_is_due_ends_or_goes(catalog: Catalog, aged: Aged) -> None:
    """Each is reported, and each removal is in the audit log."""
    keep, end, remove = aged(DAY / 2), aged(2 * DAY), aged(99 * DAY, 50 * DAY)
    report = Cleaner(catalog, RULES).run()
    assert [outcome.session_id for outcome in report.ended] == [end.id]
    assert [outcome.session_id for outcome in report.removed] == [remove.id]
    assert report.bytes >= 1000
    assert {session.id for session in catalog.sessions()} == {keep.id, end.id}
    assert catalog.find(end.id).ended_at == end.last_active_at + DAY
    log = {(line["action"], line["session_id"]): line["detail"] for line in audit(catalog)}
    assert set(log) == {
        ("session.ended", end.id),
        ("session.removing", remove.id),
        ("session.removed", remove.id),
    }
    assert log["session.removed", remove.id]["reason"] == "ended more than 30 days ago"


def test_a_dry_run_changes_nothing(catalog: Catalog, aged: Aged) -> None:
    """It reports the same as the real one."""
    aged(DAY / 2), aged(2 * DAY), aged(99 * DAY, 50 * DAY)

    def state() -> set[tuple[str, bytes]]:
        return {
            (str(path), path.read_bytes()) for path in catalog.data_dir.rglob("*") if path.is_file()
        }

    before = state()
    foreseen = Cleaner(catalog, RULES).run(dry_run=True)
    assert state() == before
    done = Cleaner(catalog, RULES).run()
    assert [o.session_id for o in foreseen.removed] == [o.session_id for o in done.removed]
    assert [o.session_id for o in foreseen.ended] == [o.session_id for o in done.ended]


def test_what_a_crash_left_of_a_beginning_goes(catalog: Catalog, aged: Aged) -> None:
    """But not what somebody begins at this moment."""
    aged(DAY / 2)
    begun = catalog.open(SessionKey("ada", "1"))
    begun.close()
    begun.folder.session_json.unlink()
    with closing(catalog.open(SessionKey("ada", "2"))) as writing:
        writing.folder.session_json.unlink()
        removed = Cleaner(catalog, RULES).run().removed
    assert [outcome.session_id for outcome in removed] == [begun.session.id]
    assert not begun.folder.path.exists()
    assert writing.folder.path.exists()


def test_by_age_all_that_is_older_goes(catalog: Catalog, aged: Aged) -> None:
    """Ended or not, at once; a second run finds nothing."""
    young, old, ended = aged(DAY / 2), aged(2 * DAY), aged(3 * DAY, 2 * DAY)
    cleaner = Cleaner(catalog, Rules(idle=DAY, retention=30 * DAY, age=DAY))
    assert {outcome.session_id for outcome in cleaner.run().removed} == {old.id, ended.id}
    assert [session.id for session in catalog.sessions()] == [young.id]
    assert cleaner.run().removed == []


def test_what_this_process_writes_stays(catalog: Catalog) -> None:
    """Whatever its age."""
    record = catalog.open(SessionKey("ada", ""))
    report = Cleaner(catalog, Rules(age=timedelta(0))).run()
    record.close()
    assert [outcome.session_id for outcome in report.in_use] == [record.session.id]
    assert record.folder.path.exists()


def test_what_another_process_writes_stays(catalog: Catalog, aged: Aged) -> None:
    """Until that process is gone, however it went."""
    session = aged(99 * DAY)
    code = """
import sys
from pathlib import Path
from jupyter_session_export.store.catalog import Catalog
record = Catalog(Path(sys.argv[1])).recover(sys.argv[2])
print("held", flush=True)
sys.stdin.read()
"""
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(catalog.data_dir), session.id],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert child.stdout is not None
    child.stdout.readline()
    cleaner = Cleaner(catalog, Rules(age=DAY))
    assert [outcome.session_id for outcome in cleaner.run().in_use] == [session.id]
    child.kill()
    child.communicate()
    assert [outcome.session_id for outcome in cleaner.run().removed] == [session.id]


@pytest.mark.parametrize("elsewhere", [False, True])
def test_what_is_exported_stays(catalog: Catalog, aged: Aged, elsewhere: bool) -> None:
    """By this process or another; when that is done it goes."""
    session = aged(99 * DAY)
    exporter = Catalog(catalog.data_dir) if elsewhere else catalog
    with exporter.read(session.id) as reader, reader.plan():
        report = Cleaner(catalog, Rules(age=DAY)).run()
        assert [outcome.session_id for outcome in report.in_use] == [session.id]
        assert reader.plan is not None
    assert Cleaner(catalog, Rules(age=DAY)).run().removed


def test_an_export_that_begins_at_the_last_moment_is_not_cut_off(
    catalog: Catalog, aged: Aged, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder gets its name back, whole."""
    session = aged(99 * DAY)
    bury = module.bury

    def late(folder: Path) -> Path:
        catalog.pin(session.id)
        return bury(folder)

    monkeypatch.setattr(module, "bury", late)
    with pytest.raises(SessionInUse):
        Cleaner(catalog, RULES).remove(session.id, Fate("remove", "a test"))
    assert (catalog.folder(session.id).outputs / "file").exists()
    assert catalog.find(session.id) == session


def test_a_removal_that_was_cut_off_is_finished(
    catalog: Catalog, aged: Aged, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At any point after the rename; meanwhile the session is in no list."""
    session = aged(99 * DAY)

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(module, "dissolve", crash)
        with suppress(KeyboardInterrupt):
            Cleaner(catalog, Rules(age=DAY)).run()
    assert catalog.sessions() == []
    (outcome,) = Cleaner(catalog, RULES).run().removed
    assert outcome.session_id == session.id
    assert list(catalog.sessions_dir.iterdir()) == []
    assert audit(catalog)[-1]["action"] == "session.removed"


def test_the_oldest_go_when_room_is_needed(catalog: Catalog, aged: Aged) -> None:
    """Ended ones only, though nothing of them is due."""
    first, second = aged(5 * DAY, 4 * DAY), aged(3 * DAY, 2 * DAY)
    going_on = aged(DAY / 2)
    (catalog.folder(first.id).outputs / "big").write_bytes(b"x" * 1_000_000)
    (catalog.folder(going_on.id).outputs / "big").write_bytes(b"x" * 1_000_000)
    report = Cleaner(catalog, Rules(DAY, 30 * DAY, most_bytes=1_500_000)).run()
    assert [outcome.session_id for outcome in report.removed] == [first.id]
    assert {session.id for session in catalog.sessions()} == {second.id, going_on.id}
    assert catalog.find(going_on.id).ended_at is None


def test_links_are_removed_and_not_followed(catalog: Catalog, aged: Aged, tmp_path: Path) -> None:
    """Those in a session, and a session that is one itself."""
    session, other = aged(99 * DAY), aged(DAY / 2)
    outputs = catalog.folder(session.id).outputs
    (outputs / "other").symlink_to(catalog.folder(other.id).path)
    (outputs / "up").symlink_to(tmp_path)
    planted = "f" * 32
    (catalog.sessions_dir / planted).symlink_to(catalog.folder(other.id).path)
    (catalog.sessions_dir / f".removed-{planted}").symlink_to(catalog.folder(other.id).path)
    Cleaner(catalog, Rules(age=DAY)).run()
    assert [session.id for session in catalog.sessions()] == [other.id]
    assert (catalog.folder(other.id).outputs / "file").read_bytes() == b"x" * 1000


def test_one_that_fails_spares_the_others(
    catalog: Catalog, aged: Aged, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is reported, and taken up next time."""
    first, second = aged(99 * DAY), aged(98 * DAY)
    dissolve = module.dissolve

    def broken(tombstone: Path, check: Any) -> Any:
        if first.id in tombstone.name:
            raise StoreUnavailable("The disk fails.")
        return dissolve(tombstone, check)

    with monkeypatch.context() as patch:
        patch.setattr(module, "dissolve", broken)
        report = Cleaner(catalog, Rules(age=DAY)).run()
    assert [outcome.session_id for outcome in report.failed] == [first.id]
    assert [outcome.session_id for outcome in report.removed] == [second.id]
    assert [o.session_id for o in Cleaner(catalog, RULES).run().removed] == [first.id]


def test_what_is_no_session_is_left_alone(catalog: Catalog, aged: Aged) -> None:
    """A damaged folder too: somebody may still rescue it."""
    damaged = catalog.folder(aged(99 * DAY).id)
    damaged.session_json.write_text("{")
    (catalog.sessions_dir / "notes.txt").write_text("mine")
    (catalog.sessions_dir / "Session42").mkdir()
    report = Cleaner(catalog, Rules(age=timedelta(0))).run()
    assert (report.removed, report.failed) == ([], [])
    assert damaged.database.exists()
    assert (catalog.sessions_dir / "notes.txt").exists()
    assert (catalog.sessions_dir / "Session42").exists()


def test_a_clean_up_can_be_stopped(catalog: Catalog, aged: Aged) -> None:
    """What is left is for the next one."""
    session = aged(99 * DAY)
    cleaner = Cleaner(catalog, Rules(age=DAY))
    cleaner.stop()
    assert cleaner.run().removed == []
    assert catalog.find(session.id) == session


def test_a_full_disk_does_not_keep_sessions_from_going(
    catalog: Catalog, aged: Aged, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The audit line is written when there is room again."""
    aged(99 * DAY)
    calls = []

    def append(self: AuditLog, line: Any, **_: Any) -> None:
        calls.append(line.action)
        if len(calls) == 1:
            raise StoreUnavailable("Could not write: there is no room.")

    monkeypatch.setattr(AuditLog, "append", append)
    assert Cleaner(catalog, Rules(age=DAY)).run().removed
    assert calls == ["session.removing", "session.removed"]


def test_what_notebooks_had_before_a_restore_goes_by_age(catalog: Catalog, aged: Aged) -> None:
    """As long ago as sessions are kept, or as the age says; a guest's with the session."""
    aged(DAY / 2)
    guest = aged(3 * DAY, 2 * DAY, guest=True, owner="guest")
    files = UndoFiles(catalog.data_dir)
    places = [Place(*one) for one in (("ada", "new"), ("ada", "old"), ("guest", "new"))]
    for place in places:
        files.write(place, b"{}")
    os.utime(catalog.data_dir / "restored" / places[1].filename, (0, 0))
    Cleaner(catalog, Rules()).run(dry_run=True)
    assert [bool(files.read(place)) for place in places] == [True, True, True]
    Cleaner(catalog, RULES).run()
    assert [bool(files.read(place)) for place in places] == [True, False, False]
    assert guest.id not in {session.id for session in catalog.sessions()}


def test_with_a_session_that_is_removed_at_once_goes_what_notebooks_had(
    catalog: Catalog, aged: Aged
) -> None:
    """Its owner wants nothing of it to be left."""
    session, files = aged(DAY / 2), UndoFiles(catalog.data_dir)
    files.write(Place("ada", "/a.ipynb"), b"{}")
    Cleaner(catalog, RULES).remove(session.id, Fate("remove", "a test"))
    assert files.read(Place("ada", "/a.ipynb")) is None
