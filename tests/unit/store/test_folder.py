from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from jupyter_session_export.errors import StoreUnavailable
from jupyter_session_export.store.folder import (
    SessionFolder,
    open_private,
    private_folder,
    refuse_link,
)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_folders_are_their_owners_only(folder: SessionFolder) -> None:
    """Every folder of a session is 0700 from the start."""
    assert {mode(path) for path in (folder.path, *folder.path.iterdir())} == {0o700}


def test_creating_twice_is_no_error(folder: SessionFolder) -> None:
    """A resumed session finds its folders, with what is in them."""
    (folder.outputs / "kept.txt").write_text("kept")
    folder.create()
    assert (folder.outputs / "kept.txt").read_text() == "kept"


def test_written_files_are_private_and_whole(folder: SessionFolder) -> None:
    """A file is replaced at once, is 0600, and nothing is left beside it."""
    folder.write_private(folder.access_json, b"old", durable=True)
    folder.write_private(folder.access_json, b"new")
    assert folder.access_json.read_bytes() == b"new"
    assert mode(folder.access_json) == 0o600
    assert not list(folder.path.glob(".*"))


def test_a_failed_write_leaves_nothing(folder: SessionFolder) -> None:
    """What can't be replaced is an error of ours, and the new file is gone."""
    (folder.access_json / "in the way").mkdir(parents=True)
    with pytest.raises(StoreUnavailable):
        folder.write_private(folder.access_json, b"new")
    assert not list(folder.path.glob(".*"))


def test_writing_replaces_a_link_instead_of_following_it(
    folder: SessionFolder, tmp_path: Path
) -> None:
    """A link planted under a file's name loses its target nothing."""
    target = tmp_path / "precious"
    target.write_bytes(b"precious")
    folder.access_json.symlink_to(target)
    folder.write_private(folder.access_json, b"new")
    assert target.read_bytes() == b"precious"
    assert folder.access_json.read_bytes() == b"new"


@pytest.mark.parametrize("make", [Path.touch, lambda path: path.symlink_to(path.parent)])
def test_what_is_no_folder_is_refused(folder: SessionFolder, make: object) -> None:
    """A file or a link in the place of a folder is never written into."""
    folder.spool.rmdir()
    make(folder.spool)  # type: ignore[operator]
    with pytest.raises(StoreUnavailable, match="not a folder"):
        folder.create()


def test_a_parent_that_is_a_file_is_unavailable(tmp_path: Path) -> None:
    """A data folder that can't exist is our error, not the system's."""
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable):
        private_folder(tmp_path / "file" / "folder")


def test_links_are_not_opened(folder: SessionFolder, tmp_path: Path) -> None:
    """Opening refuses a link, dangling or not."""
    link = folder.path / "link"
    link.symlink_to(tmp_path / "nowhere")
    with pytest.raises(OSError, match="symbolic links"):
        open_private(link, os.O_WRONLY | os.O_CREAT)
    with pytest.raises(StoreUnavailable, match="link"):
        refuse_link(link)
    assert not (tmp_path / "nowhere").exists()
