from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from jupyter_session_export.client.destination import Destination, PartialFile
from jupyter_session_export.errors import DestinationUnwritable


def test_nothing_given_is_the_default_folder(tmp_path: Path) -> None:
    """The name is the export's then."""
    assert Destination.parse(None, tmp_path) == Destination(tmp_path)


def test_a_folder_or_a_zip_may_be_given(tmp_path: Path) -> None:
    """A name is kept, whatever case its suffix has."""
    assert Destination.parse(str(tmp_path), Path()) == Destination(tmp_path)
    assert Destination.parse(tmp_path / "my.ZIP", Path()) == Destination(tmp_path, "my.ZIP")


def test_the_home_folder_has_its_sign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`~` is read as a shell would."""
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Destination.parse("~/x.zip", Path()) == Destination(tmp_path, "x.zip")


@pytest.mark.parametrize("wanted", ["missing", "missing/x.zip", "file.txt"])
def test_what_is_neither_is_told(tmp_path: Path, wanted: str) -> None:
    """No folder is made up, no file replaced."""
    (tmp_path / "file.txt").write_text("mine")
    with pytest.raises(DestinationUnwritable):
        Destination.parse(tmp_path / wanted, Path())


def test_an_unwritable_folder_is_told_before_anything_is_made() -> None:
    """/proc takes no files from anybody, the superuser included."""
    with pytest.raises(DestinationUnwritable, match="can't be written to /proc"):
        Destination.parse("/proc/x.zip", Path())


@pytest.mark.parametrize(
    "wanted",
    ["~nouser_xyz/a.zip", "x" * 300, "x" * 300 + ".zip", "a\0b.zip", "a\ud800.zip"],
    ids=["unknown user", "long name", "long zip", "null byte", "lone surrogate"],
)
def test_what_can_be_no_path_is_told(wanted: str, tmp_path: Path) -> None:
    """The words can be printed, and nothing was begun that could only fail at its end."""
    with pytest.raises(DestinationUnwritable) as told:
        Destination.parse(wanted, tmp_path)
    assert "can't be written to" in told.value.message
    assert told.value.message.isprintable()


def test_a_working_folder_that_is_gone_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relative path leads nowhere then."""
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(DestinationUnwritable, match=r"x\.zip"):
        Destination.parse("x.zip", tmp_path)


def test_a_name_that_no_file_can_have_is_told(tmp_path: Path) -> None:
    """The server chooses the name where a person gave only the folder."""
    partial = PartialFile(Destination(tmp_path))
    with pytest.raises(DestinationUnwritable, match="null byte"):
        partial.keep("a\0b.zip")
    partial.discard()
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """The second gets _2, the third _3; a dangling link is something, too."""
    (tmp_path / "x.zip").write_text("mine")
    (tmp_path / "x_2.zip").symlink_to("nowhere")
    destination = Destination(tmp_path, "x.zip")
    assert destination.free_path("other.zip") == tmp_path / "x_3.zip"
    partial = PartialFile(destination)
    partial.write(b"new")
    assert partial.keep("other.zip") == tmp_path / "x_3.zip"
    assert (tmp_path / "x.zip").read_text() == "mine"
    assert (tmp_path / "x_3.zip").read_bytes() == b"new"


def test_a_partial_file_is_hidden_until_it_is_whole(tmp_path: Path) -> None:
    """An export of the folder that it lies in leaves it out."""
    partial = PartialFile(Destination(tmp_path))
    assert [path.name[0] for path in tmp_path.iterdir()] == ["."]
    partial.discard()
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_could_not_be_given_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No empty ZIP is left where the last step fails."""

    def fail(self: Path, target: Path) -> Path:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    partial = PartialFile(Destination(tmp_path))
    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(DestinationUnwritable, match="Input/output"):
        partial.keep("x.zip")
    partial.discard()
    assert list(tmp_path.iterdir()) == []
