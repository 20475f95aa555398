"""Which files are sent, and where fetched ones go."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jupyter_session_export.errors import FileMissing, InvalidName, InvalidRequest
from jupyter_session_export.sessions.local.files import LocalFiles
from jupyter_session_export.sessions.transfers import (
    Transfers,
    named_downloads,
    named_uploads,
)


def nobody(path: str, percent: float) -> None:
    """Nobody asks."""


@pytest.fixture
def there(tmp_path: Path) -> LocalFiles:
    """The files of a session."""
    folder = tmp_path / "there"
    folder.mkdir()
    return LocalFiles(folder)


async def test_content_decides(there: LocalFiles, tmp_path: Path) -> None:
    """Neither name nor size nor time of a file decides whether it is sent."""
    transfers, local = Transfers(), tmp_path / "a.txt"
    local.write_text("one")
    os.utime(local, (1, 1))
    assert await transfers.upload([local], there, nobody) == ["a.txt"]
    local.write_text("two")
    os.utime(local, (1, 1))
    assert await transfers.upload([local], there, nobody) == ["a.txt"]
    assert await transfers.upload({"a.txt": b"two"}, there, nobody) == []
    assert (there.folder / "a.txt").read_text() == "two"


async def test_what_changed_in_the_session_is_sent_again(there: LocalFiles) -> None:
    """What counts is what the session has now, not what it was sent once."""
    transfers = Transfers()
    await transfers.upload({"a.txt": b"mine"}, there, nobody)
    (there.folder / "a.txt").write_bytes(b"theirs")
    assert await transfers.upload({"a.txt": b"mine"}, there, nobody) == ["a.txt"]


async def test_an_upload_that_fails_leaves_the_old_file(there: LocalFiles, tmp_path: Path) -> None:
    """A file is the old one or the new one; a missing one is told."""
    transfers = Transfers()
    with pytest.raises(FileMissing, match="nothing"):
        await transfers.upload([tmp_path / "nothing.txt"], there, nobody)
    assert list(there.folder.iterdir()) == []


async def test_no_link_leads_out(there: LocalFiles, tmp_path: Path) -> None:
    """A link that a session's code has made is not followed, neither there nor back."""
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key").write_text("x")
    (there.folder / "out").symlink_to(secret)
    transfers = Transfers()
    with pytest.raises((InvalidName, FileMissing)):
        await transfers.download({"out/key": tmp_path / "got"}, there, nobody)
    with pytest.raises((InvalidName, FileMissing)):
        await transfers.upload({"out/new": b"x"}, there, nobody)
    assert not (tmp_path / "got").exists()
    assert [path.name for path in secret.iterdir()] == ["key"]


async def test_absolute_paths_are_for_who_may(there: LocalFiles, tmp_path: Path) -> None:
    """Outside of the folder only a session goes that was begun so."""
    outside = tmp_path / "outside.txt"
    with pytest.raises(InvalidName, match="absolute_paths"):
        await Transfers().upload({str(outside): b"x"}, there, nobody)
    inside = there.folder / "inside.txt"
    await Transfers().upload({str(inside): b"x"}, there, nobody)
    free = LocalFiles(there.folder, anywhere=True)
    await Transfers().upload({str(outside): b"y"}, free, nobody)
    assert (inside.read_bytes(), outside.read_bytes()) == (b"x", b"y")


async def test_a_download_that_fails_leaves_nothing(there: LocalFiles, tmp_path: Path) -> None:
    """A file that was there before stays as it was."""
    place = tmp_path / "here" / "a.txt"
    place.parent.mkdir()
    place.write_text("before")
    with pytest.raises(FileMissing):
        await Transfers().download({"missing.txt": place}, there, nobody)
    assert [path.name for path in place.parent.iterdir()] == ["a.txt"]
    assert place.read_text() == "before"


def test_files_of_one_name_are_told(tmp_path: Path) -> None:
    """A list of files has their names; two of one name need paths of their own."""
    assert named_uploads([tmp_path / "a", "b"]) == {"a": tmp_path / "a", "b": "b"}
    with pytest.raises(InvalidRequest, match="same name"):
        named_uploads(["x/a", "y/a"])
    with pytest.raises(InvalidRequest):
        named_uploads("a.txt")


def test_a_session_does_not_say_where_files_go() -> None:
    """Without a place of its own a file goes below the current folder, and nowhere else."""
    assert named_downloads(["a/b.txt"]) == {"a/b.txt": Path.cwd() / "a" / "b.txt"}
    assert named_downloads(["/etc/passwd"]) == {"/etc/passwd": Path.cwd() / "passwd"}
    for path in ("../b.txt", "a/../../b.txt"):
        with pytest.raises(InvalidRequest):
            named_downloads([path])
    with pytest.raises(InvalidRequest):
        named_downloads("a.txt")


async def test_listing_has_folders(there: LocalFiles) -> None:
    """Files are listed by their paths, all or below a folder."""
    await Transfers().upload({"a.txt": b"", "in/b.txt": b"", "in/c/d.txt": b""}, there, nobody)
    assert list(await there.list()) == ["a.txt", "in/b.txt", "in/c/d.txt"]
    assert list(await there.list("in")) == ["in/b.txt", "in/c/d.txt"]
