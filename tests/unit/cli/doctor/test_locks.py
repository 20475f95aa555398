"""A lock is tried between two processes."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from filelock import BaseFileLock, SoftFileLock

from jupyter_session_export.cli.doctor import locks
from jupyter_session_export.cli.doctor.locks import examine_locks


class NoLock(BaseFileLock):
    """A lock on a file system without any."""

    def _acquire(self) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    def _release(self) -> None:
        raise AssertionError


def test_one_process_locks_out_another(tmp_path: Path) -> None:
    """Which journal SQLite would have is told, too; nothing is left."""
    (finding,) = examine_locks(tmp_path / "data")
    assert finding.code == "LOCKS"
    assert finding.facts["journal"] in ("WAL", "rollback")
    assert list(tmp_path.iterdir()) == []


def test_a_file_system_without_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it says is among the facts."""
    monkeypatch.setattr(locks, "os_lock", NoLock)
    (finding,) = examine_locks(tmp_path)
    assert finding.code == "LOCKS_MISSING"
    assert "No locks" in finding.facts["error"]


def test_a_lock_that_keeps_nobody_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on network folders that grant it on each machine: the other process has it as well."""
    monkeypatch.setattr(locks, "os_lock", lambda path: SoftFileLock(f"{path}.soft"))
    (finding,) = examine_locks(tmp_path)
    assert finding.code == "LOCKS_DISREGARDED"


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    """Nothing is known then, and why is found by another examination."""
    (tmp_path / "data").write_text("")
    (finding,) = examine_locks(tmp_path / "data")
    assert finding.code == "LOCKS_NOT_TRIED"
