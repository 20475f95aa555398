"""Where a ZIP is unpacked."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from jupyter_session_export.errors import DestinationUnwritable
from jupyter_session_export.importing.place import PartialFolder, Place


@pytest.mark.parametrize(
    ("archive", "name"),
    [
        ("s.zip", "s"),
        ("S.ZIP", "S"),
        ("s.tar", "s.tar"),
        (".ssh.zip", "ssh"),
        ("../../x.zip", "x"),
        (".zip", "session_export"),
        ("", "session_export"),
        ("CON.zip", "_CON"),
        ("a:b\n.zip", "a_b_"),
    ],
)
def test_the_folder_is_called_as_the_zip(archive: str, name: str, tmp_path: Path) -> None:
    """Whatever a server calls it, it is one visible folder that every system takes."""
    assert Place.parse(None, tmp_path, archive) == Place(tmp_path, name)


def test_the_folder_may_be_named(tmp_path: Path) -> None:
    """One that exists holds the new one; one that doesn't is the new one."""
    assert Place.parse(str(tmp_path), Path(), "x.zip") == Place(tmp_path, "x")
    assert Place.parse(str(tmp_path / "new"), Path(), "x.zip") == Place(tmp_path, "new")


def test_a_partial_folder_is_private_and_hidden(tmp_path: Path) -> None:
    """Nobody looks into it, and an export of the folder above leaves it out."""
    partial = PartialFolder(Place(tmp_path, "x"))
    partial.make()
    assert partial.path.name.startswith(".session_export-")
    assert partial.path.stat().st_mode & 0o777 == 0o700
    partial.discard()
    partial.discard()
    assert not any(tmp_path.iterdir())


def test_an_interrupted_removal_is_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is tired of waiting for it leaves nothing behind either."""
    partial = PartialFolder(Place(tmp_path, "x"))
    partial.make()
    rmtree, calls = shutil.rmtree, []

    def interrupted(path: Path) -> None:
        calls.append(path)
        if len(calls) == 1:
            raise KeyboardInterrupt
        rmtree(path)

    monkeypatch.setattr("shutil.rmtree", interrupted)
    with pytest.raises(KeyboardInterrupt):
        partial.discard()
    assert not any(tmp_path.iterdir())


def test_of_two_imports_neither_overwrites_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where both saw the same name free in the same moment."""
    first, second = (PartialFolder(Place(tmp_path, "x")) for _ in range(2))
    for partial in (first, second):
        partial.make()
        (partial.path / "file").write_text(partial.path.name)
    monkeypatch.setattr("os.path.lexists", lambda path: False)
    assert [first.keep(), second.keep()] == [tmp_path / "x", tmp_path / "x_2"]
    assert (tmp_path / "x/file").read_text() == first.path.name
    assert (tmp_path / "x_2/file").read_text() == second.path.name


def test_a_place_without_room_is_told(tmp_path: Path) -> None:
    """Before anything is written."""
    Place(tmp_path, "x").require_room(1)
    with pytest.raises(DestinationUnwritable, match="free"):
        Place(tmp_path, "x").require_room(1 << 62)
