from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_session_export.workspaces.directory import Directory
from jupyter_session_export.workspaces.removal import Removed, empty


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def test_everything_goes(tmp_path: Path) -> None:
    """Files and folders of any name."""
    for name in ("a/b/c/1", "a/2", "3", "d/\udcff/4"):
        path = tmp_path / "x" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"12")
    with Directory.open(tmp_path / "x") as folder:
        assert empty(folder) == Removed(4, 8)
    assert names(tmp_path / "x") == []


def test_what_is_linked_stays(tmp_path: Path) -> None:
    """Links to files and folders are unlinked, wherever they lead."""
    (tmp_path / "other").mkdir()
    (tmp_path / "other/kept").write_bytes(b"kept")
    (tmp_path / "x/y").mkdir(parents=True)
    (tmp_path / "x/y/up").symlink_to(tmp_path)
    (tmp_path / "x/other").symlink_to(tmp_path / "other")
    (tmp_path / "x/kept").symlink_to(tmp_path / "other/kept")
    (tmp_path / "x/loop").symlink_to(tmp_path / "x")
    with Directory.open(tmp_path / "x") as folder:
        empty(folder)
    assert names(tmp_path / "x") == []
    assert (tmp_path / "other/kept").read_bytes() == b"kept"


def test_a_link_is_not_opened_as_the_folder_to_empty(tmp_path: Path) -> None:
    """The folder itself may have been replaced by one."""
    (tmp_path / "other").mkdir()
    (tmp_path / "x").symlink_to(tmp_path / "other")
    with pytest.raises(NotADirectoryError):
        Directory.open(tmp_path / "x")


def test_depth_costs_nothing(tmp_path: Path) -> None:
    """Far deeper than paths, stacks or open files could go."""
    (tmp_path / "x").mkdir()
    current = os.open(tmp_path / "x", os.O_RDONLY)
    for _ in range(3000):
        os.mkdir("d", dir_fd=current)
        below = os.open("d", os.O_RDONLY, dir_fd=current)
        os.close(current)
        current = below
    os.close(current)
    with Directory.open(tmp_path / "x") as folder:
        assert empty(folder) == Removed()
    assert names(tmp_path / "x") == []


def test_a_removal_that_is_cut_off_can_be_taken_up(tmp_path: Path) -> None:
    """Whatever is left, the next one removes."""
    for number in range(20):
        path = tmp_path / f"x/{number}/sub/file"
        path.parent.mkdir(parents=True)
        path.write_bytes(b"1")
    calls = iter(range(7))

    def check() -> None:
        if next(calls, None) is None:
            raise KeyboardInterrupt

    with Directory.open(tmp_path / "x") as folder:
        with pytest.raises(KeyboardInterrupt):
            empty(folder, check)
        assert names(tmp_path / "x")
        empty(folder)
    assert names(tmp_path / "x") == []


def test_permissions_keep_nothing(tmp_path: Path) -> None:
    """An account may remove its own folders, whatever it did to their permissions."""
    for name in ("a/b/1", "c/2", "d/e/f/3"):
        (tmp_path / "x" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "x" / name).write_bytes(b"1")
    code = """
import os
import subprocess
import sys
from pathlib import Path
from jupyter_session_export.workspaces.directory import Directory
from jupyter_session_export.workspaces.removal import empty
if os.getuid() == 0:
    for folder, folders, files in os.walk("."):
        for name in (".", *folders, *files):
            os.chown(os.path.join(folder, name), 65534, 65534)
    os.setuid(65534)
for path, mode in (("a/b", 0), ("a", 0o500), ("c", 0o400), ("d/e/f", 0), ("d/e", 0o100), ("d", 0)):
    os.chmod(path, mode)
os.chmod(".", 0o500)
with Directory.open(".") as folder:
    print(empty(folder).files)
"""
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path / "x",
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stdout == "3\n", run.stderr
    assert names(tmp_path / "x") == []
