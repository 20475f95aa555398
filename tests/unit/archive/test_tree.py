"""Walking a folder without leaving its root."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from jupyter_session_export.archive.folders import OpenFolder
from jupyter_session_export.archive.tree import Found, PassedBy, Tree


def walk(folder: Path, root: Path | None = None, *, hidden: bool = False) -> dict[str, str]:
    """Return what becomes of each name: its disposition and reason, or `found`."""
    seen = {}
    for step in Tree(folder, root or folder, include_hidden=hidden):
        assert step.relative not in seen
        if isinstance(step, Found):
            seen[step.relative] = "found"
        else:
            seen[step.relative] = f"{step.disposition}: {step.reason}"
    return seen


def test_files_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    """A folder's own files first, then what is below it."""
    for name in ("b/x", "b/a", "a", "c"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    assert list(walk(tmp_path)) == ["a", "c", "b/a", "b/x"]


def test_hidden_things_are_passed_by_once(tmp_path: Path) -> None:
    """A hidden folder is one line, not one for each file in it."""
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/a").write_text("a")
    (tmp_path / ".env").write_text("SECRET")
    assert walk(tmp_path) == {".git": "skipped: hidden", ".env": "skipped: hidden"}
    assert walk(tmp_path, hidden=True) == {".git/a": "found", ".env": "found"}


def test_links(tmp_path: Path) -> None:
    """Links within the root are followed, each target once; all others are named."""
    folder, root = tmp_path / "root/work", tmp_path / "root"
    (folder / "sub").mkdir(parents=True)
    (root / "shared").mkdir()
    (root / "shared/s").write_text("s")
    (root / ".secret").write_text("s")
    (tmp_path / "outside").write_text("o")
    (folder / "file").write_text("f")
    for name, target in {
        "l1": "file",
        "l2": "file",
        "dangling": "nowhere",
        "self": "self",
        "up": "..",
        "here": "sub",
        "out": "../../outside",
        "passwd": "/etc/passwd",
        "secret": "../.secret",
        "shared1": "../shared",
        "shared2": "../shared",
    }.items():
        (folder / name).symlink_to(target)
    assert walk(folder, root) == {
        "dangling": "skipped: dangling link",
        "file": "found",
        "here": "skipped: link to sub, which is packed itself",
        "l1": "found",
        "l2": "skipped: link to the same file as l1",
        "out": "skipped: link out of the root folder",
        "passwd": "skipped: link out of the root folder",
        "secret": "skipped: link to something hidden",
        "self": "skipped: link loop",
        "shared1/s": "found",
        "shared2": "skipped: folder that is packed under another name",
        "up": "skipped: link loop",
    }


def test_what_is_no_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """FIFOs and sockets are neither opened nor forgotten."""
    os.mkfifo(tmp_path / "fifo")
    monkeypatch.chdir(tmp_path)  # a socket's path must be short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        assert walk(tmp_path) == {"fifo": "skipped: FIFO", "socket": "skipped: socket"}


def test_devices_are_named() -> None:
    """A device is never read."""
    steps = {step.relative: step for step in Tree(Path("/dev"), Path("/dev"), include_hidden=True)}
    assert steps["null"] == PassedBy("null", "skipped", "device")


def test_a_folder_that_cannot_be_listed_fails_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rest of the tree is complete."""
    (tmp_path / "closed").mkdir()
    (tmp_path / "open").write_text("o")
    names = OpenFolder.names

    def refuse(self: OpenFolder) -> list[str]:
        if "open" not in names(self):
            raise PermissionError(13, "Permission denied")
        return names(self)

    monkeypatch.setattr(OpenFolder, "names", refuse)
    assert walk(tmp_path) == {
        "closed": "failed: unreadable folder: Permission denied",
        "open": "found",
    }


def test_a_folder_outside_of_its_root_is_not_walked(tmp_path: Path) -> None:
    """The folder itself may be a link that leads out."""
    (tmp_path / "root").mkdir()
    (tmp_path / "root/out").symlink_to("/etc")
    assert walk(tmp_path / "root/out", tmp_path / "root") == {
        "": "skipped: folder outside of the root folder"
    }


def test_a_deep_tree_is_walked(tmp_path: Path) -> None:
    """Depth is bounded by the system, not by Python's stack."""
    folder = tmp_path
    for _ in range(500):
        folder /= "d"
    folder.mkdir(parents=True)
    (folder / "f").write_text("f")
    assert walk(tmp_path) == {"d/" * 500 + "f": "found"}


def test_a_time_before_1970_does_not_stop_the_walk(tmp_path: Path) -> None:
    """Time stamps that no calendar has count as the epoch."""
    (tmp_path / "old").write_text("o")
    os.utime(tmp_path / "old", (-(1 << 40), -(1 << 40)))
    assert walk(tmp_path) == {"old": "found"}


def test_a_folder_that_is_replaced_by_a_link_is_not_followed(tmp_path: Path) -> None:
    """Between being seen and being listed it may have become a way out of the root."""
    (tmp_path / "root/sub").mkdir(parents=True)
    (tmp_path / "root/z").write_text("f")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/secret").write_text("s")
    steps = iter(Tree(tmp_path / "root", tmp_path / "root", include_hidden=False))
    assert next(steps).relative == "z"
    (tmp_path / "root/sub").rmdir()
    (tmp_path / "root/sub").symlink_to(tmp_path / "outside")
    (step,) = steps
    assert isinstance(step, PassedBy)
    assert (step.relative, step.disposition) == ("sub", "failed")


def test_a_folder_above_that_is_replaced_by_a_link_is_not_followed(tmp_path: Path) -> None:
    """Where an open folder really is counts, not what its name was."""
    (tmp_path / "root/a/b").mkdir(parents=True)
    (tmp_path / "root/file").write_text("f")
    (tmp_path / "outside/b").mkdir(parents=True)
    (tmp_path / "outside/b/secret").write_text("s")
    (tmp_path / "root/a").rename(tmp_path / "gone")
    (tmp_path / "root/a").symlink_to(tmp_path / "outside")
    with pytest.raises(OSError, match="out of the root"):
        OpenFolder(str(tmp_path / "root/a/b"), str(tmp_path / "root"))


def test_walking_leaves_no_folder_open(tmp_path: Path) -> None:
    """Also when it is given up half-way."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a/f").write_text("f")
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - a count
    steps = iter(Tree(tmp_path, tmp_path, include_hidden=False))
    next(steps)
    steps.close()  # type: ignore[attr-defined]
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208 - a count


def test_an_excluded_folder_is_passed_by_however_it_is_reached(tmp_path: Path) -> None:
    """Jupyter's own data lies below many a root; neither its name nor a link leads into it."""
    (tmp_path / "own" / "deep").mkdir(parents=True)
    (tmp_path / "own" / "deep" / "key.json").write_text("secret")
    (tmp_path / "link").symlink_to(tmp_path / "own")
    (tmp_path / "file").symlink_to(tmp_path / "own" / "deep" / "key.json")
    excluded = [tmp_path / "own"]
    steps = list(Tree(tmp_path, tmp_path, include_hidden=True, excluded=excluded))
    assert {step.relative for step in steps} == {"own", "link", "file"}
    assert all(isinstance(step, PassedBy) for step in steps)
    inside = Tree(tmp_path / "own" / "deep", tmp_path, include_hidden=True, excluded=excluded)
    assert [type(step) for step in inside] == [PassedBy]
