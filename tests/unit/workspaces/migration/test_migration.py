from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_session_export.errors import InvalidRequest, MigrationFailed
from jupyter_session_export.workspaces.migration.journal import FINISHED, Journal
from jupyter_session_export.workspaces.migration.migration import Migration
from jupyter_session_export.workspaces.migration.rollback import Rollback
from tests.unit.workspaces.migration.old_layout import contents, picture

ID = "0" * 32
TAKEN = {"single/a.txt", "single/sub/b.bin", "single/empty", "bulk/run 1/0.png",
         "bulk/run 1/ümlaut.txt"}  # fmt: skip


def rollback(directory: Path, outputs: Path) -> Rollback:
    journal = Journal.newest(directory)
    assert journal is not None
    return Rollback(directory, journal, outputs)


def test_files_go_into_the_session(directory: Path, outputs: Path) -> None:
    """All that are regular; links and others stay where they are, which is told."""
    before = contents(directory / "outputs")
    result = Migration(directory, ID, outputs).run(backup=False)
    assert (result.files, result.bytes) == (5, 100_010 + 0)
    assert contents(outputs) == {path: before[path] for path in TAKEN}
    assert contents(directory / "outputs") == {"other.txt": b"beside"}
    assert result.left == {
        "bulk/link": "it is a link",
        "bulk/pipe": "it is no regular file",
    }
    assert (outputs / "single/a.txt").stat().st_mode & 0o777 == 0o600


def test_a_dry_run_changes_nothing(directory: Path, outputs: Path) -> None:
    """It says what would be done."""
    before = picture(directory)
    result = Migration(directory, ID, outputs).foresee()
    assert (result.files, result.dry_run) == (5, True)
    assert picture(directory) == before
    assert list(outputs.iterdir()) == []


@pytest.mark.parametrize("backup", [False, True])
def test_a_rollback_restores_to_the_byte(directory: Path, outputs: Path, backup: bool) -> None:
    """Content, permissions, times, empty folders; and the session is without it."""
    (outputs / "single").mkdir()
    (outputs / "single/mine.txt").write_bytes(b"mine")
    before = picture(directory)
    session = contents(outputs)
    Migration(directory, ID, outputs).run(backup=backup)
    assert picture(directory) != before
    assert rollback(directory, outputs).run().rolled_back
    assert picture(directory) == before
    assert contents(outputs) == session
    assert [path.name for path in outputs.iterdir()] == ["single"]


def test_a_backup_is_a_verified_copy(directory: Path, outputs: Path) -> None:
    """It lies in the folder itself, and is there after the migration."""
    before = picture(directory / "outputs")
    result = Migration(directory, ID, outputs).run(backup=True)
    assert result.backup is not None
    after = picture(result.backup)
    for path in after:
        assert after[path] == before[path], path
    assert set(contents(result.backup)) == TAKEN


def test_a_backup_restores_what_the_session_has_lost(directory: Path, outputs: Path) -> None:
    """Without one the rollback refuses, before it touches anything."""
    before = picture(directory)
    Migration(directory, ID, outputs).run(backup=True)
    (outputs / "single/a.txt").write_bytes(b"edited")
    (outputs / "bulk/run 1/0.png").unlink()
    rollback(directory, outputs).run()
    assert picture(directory) == before
    assert contents(outputs) == {"single/a.txt": b"edited"}

    Migration(directory, ID, outputs).run(backup=False)
    (outputs / "single/a_2.txt").unlink()
    middle = picture(directory), contents(outputs)
    with pytest.raises(MigrationFailed, match=r"single/a\.txt can't be restored"):
        rollback(directory, outputs).run()
    assert (picture(directory), contents(outputs)) == middle


def test_a_name_that_is_taken_gets_a_number(directory: Path, outputs: Path) -> None:
    """The session's own file stays as it is, also after a rollback."""
    (outputs / "single").mkdir()
    (outputs / "single/a.txt").write_bytes(b"mine")
    Migration(directory, ID, outputs).run(backup=False)
    assert (outputs / "single/a.txt").read_bytes() == b"mine"
    assert (outputs / "single/a_2.txt").read_bytes() == b"one"
    rollback(directory, outputs).run()
    assert contents(outputs) == {"single/a.txt": b"mine"}


def test_nothing_to_take_over_is_told(tmp_path: Path, outputs: Path) -> None:
    """No outputs, empty ones, or all taken already."""
    for _ in range(2):
        with pytest.raises(MigrationFailed, match="nothing to take over"):
            Migration(tmp_path / "session", ID, outputs).run(backup=True)
    assert [path.name for path in (tmp_path / "session").iterdir()] == ["outputs"]
    (tmp_path / "none").mkdir()
    with pytest.raises(MigrationFailed, match="nothing to take over"):
        Migration(tmp_path / "none", ID, outputs).foresee()


def test_what_comes_later_is_a_migration_of_its_own(directory: Path, outputs: Path) -> None:
    """The former backup stays; a rollback undoes the last one."""
    Migration(directory, ID, outputs).run(backup=True)
    (directory / "outputs/single").mkdir(exist_ok=True)
    (directory / "outputs/single/later.txt").write_bytes(b"later")
    before = contents(directory)
    Migration(directory, ID, outputs).run(backup=True)
    assert (outputs / "single/later.txt").exists()
    rollback(directory, outputs).run()
    assert contents(directory) == before
    assert (outputs / "single/a.txt").exists()


def test_what_changes_meanwhile_is_not_lost(
    directory: Path, outputs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file written after it was copied stays, and is told."""
    enter = Journal.enter

    def meddle(self: Journal, phase: str) -> None:
        if phase == "copied":
            (directory / "outputs/single/a.txt").write_bytes(b"newer")
        enter(self, phase)

    monkeypatch.setattr(Journal, "enter", meddle)
    result = Migration(directory, ID, outputs).run(backup=False)
    assert result.left["single/a.txt"] == "it changed after it was copied"
    assert (directory / "outputs/single/a.txt").read_bytes() == b"newer"
    assert (outputs / "single/a.txt").read_bytes() == b"one"
    assert rollback(directory, outputs).run().left == {
        "bulk/link": "it is a link",
        "bulk/pipe": "it is no regular file",
        "single/a.txt": "something else has its name now",
    }
    assert (directory / "outputs/single/a.txt").read_bytes() == b"newer"


def test_a_migration_goes_on_with_its_own_session(directory: Path, outputs: Path) -> None:
    """One that was cut off can't be taken into another."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Migration, "_copy", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            Migration(directory, ID, outputs).run(backup=False)
    with pytest.raises(InvalidRequest):
        Migration(directory, "1" * 32, outputs).run(backup=False)


KILLED = """
import os, signal, sys
from pathlib import Path
from jupyter_session_export.workspaces.migration.journal import Journal
from jupyter_session_export.workspaces.migration.migration import Migration
from jupyter_session_export.workspaces.migration.rollback import Rollback

what, directory, outputs, left = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])

def counted(function):
    def call(*arguments, **options):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments, **options)
    return call

for name in ("write", "fsync", "link", "unlink", "rename", "replace", "rmdir", "mkdir", "utime"):
    setattr(os, name, counted(getattr(os, name)))
if what == "migrate":
    Migration(directory, "0" * 32, outputs).run(backup=True)
else:
    Rollback(directory, Journal.newest(directory), outputs).run()
"""


def killed_after(steps: int, what: str, directory: Path, outputs: Path) -> bool:
    """Run it in a process that is killed before the next step; tell whether it was."""
    run = subprocess.run(
        [sys.executable, "-c", KILLED, what, str(directory), str(outputs), str(steps)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode in (0, -9), run.stderr
    return run.returncode == -9


def test_a_kill_at_any_moment_loses_nothing(directory: Path, outputs: Path) -> None:
    """Run again it comes to the same end; rolled back, to the former state."""
    files = {p: c for p, c in contents(directory / "outputs").items() if p in TAKEN}
    before = picture(directory / "outputs")
    steps, killed = 0, True
    while killed:
        killed = killed_after(steps, "migrate", directory, outputs)
        journal = Journal.newest(directory)
        # The kill may have come just after the last line.
        if journal is None or journal.phase != FINISHED:
            Migration(directory, ID, outputs).run(backup=True)
        assert {p: c for p, c in contents(outputs).items() if p in TAKEN} == files, steps
        assert not set(contents(directory / "outputs")) & TAKEN
        if killed_after(steps, "rollback", directory, outputs):
            again = Journal.newest(directory)
            if again is not None:
                Rollback(directory, again, outputs).run()
        Journal.tidy(directory)
        assert picture(directory / "outputs") == before, steps
        assert [path.name for path in directory.iterdir()] == ["outputs"]
        assert not set(contents(outputs)) & TAKEN
        steps += 3 if steps > 20 else 1
    assert steps > 50
