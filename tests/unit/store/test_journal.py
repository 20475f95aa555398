from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from jupyter_session_export.store import journal
from jupyter_session_export.store.journal import bears_wal, file_system_of, is_network

MOUNTS = b"""\
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
41 27 0:30 / /home rw,relatime shared:1 - nfs4 server:/home rw
42 41 0:31 / /home/ada/my\\040disk rw,relatime - fuse.sshfs ada@host: rw
43 27 0:32 / /homework rw,relatime - xfs /dev/vdb rw
"""


@pytest.fixture
def mounts(tmp_path: Path) -> Path:
    path = tmp_path / "mountinfo"
    path.write_bytes(MOUNTS)
    return path


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/srv/data", "ext4"),
        ("/home", "nfs4"),
        ("/home/ada", "nfs4"),
        ("/home/ada/my disk/data", "fuse.sshfs"),
        ("/homework/data", "xfs"),
    ],
)
def test_the_innermost_mount_counts(folder: str, kind: str, mounts: Path) -> None:
    """A folder is on the file system of the closest mount point above it."""
    assert file_system_of(Path(folder), mounts) == kind


def test_without_a_mount_table_nothing_is_known(tmp_path: Path) -> None:
    """Other systems have no /proc; there the probe decides alone."""
    assert file_system_of(tmp_path, tmp_path / "missing") == ""
    assert not is_network("")


def test_network_file_systems_get_no_log(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Hosts share no memory, whatever a probe on one of them says."""
    monkeypatch.setattr(journal, "file_system_of", lambda _: "nfs4")
    assert not bears_wal(tmp_path)


def test_a_local_folder_bears_a_log_and_the_probe_leaves_nothing(tmp_path: Path) -> None:
    """The probe really writes and reads, and cleans up."""
    assert bears_wal(tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_failed_probe_is_tried_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A full disk at one moment does not decide for the life of the process."""

    def fail(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", fail)
        assert not bears_wal(tmp_path)
    assert bears_wal(tmp_path)
