from __future__ import annotations

import os
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.errors import FileMissing, InvalidName
from jupyter_session_export.workspaces.names import (
    is_partial,
    new_parts,
    partial_name,
    parts_of,
)

PARTIAL = ".session_export-0123456789abcdef.part"
TRICKY = st.text(st.sampled_from("ab./\\\0~:\u2044\uff0e\u0301\u202e\ud800 C"), max_size=12)


@pytest.mark.parametrize(
    "name",
    ["plot.png", "a/b/c.csv", "Käse – 日本.txt", ".hidden", "…", "a..b", "x" * 255, "．．/x"],
)
def test_a_good_name_is_taken_as_it_is(name: str) -> None:
    """A single name or a relative path, in any script."""
    assert "/".join(new_parts(name)) == name


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "/etc/passwd", "a//b", "a/../b", "../a", "a/", "a\\b", "a\0b", "C:x", "a\nb",
     " a", "a ", "a.", "nul", "COM1.txt", "a\u202eb", "\ud800", "x" * 256, "é" * 130,
     "a/" * 70 + "b", PARTIAL],
)  # fmt: skip
def test_a_bad_name_is_refused_before_anything_is_written(name: str) -> None:
    """What leads elsewhere, and what some system could not hold."""
    with pytest.raises(InvalidName, match="can't be the name"):
        new_parts(name)


def test_paths_are_names_too() -> None:
    """pathlib's are taken, bytes are not."""
    assert new_parts(PurePosixPath("a/b.txt")) == ("a", "b.txt")
    with pytest.raises(InvalidName):
        new_parts(PureWindowsPath("C:\\x"))
    with pytest.raises(InvalidName):
        new_parts(os.fsencode("a"))  # type: ignore[arg-type]  # what callers get wrong


@given(st.text(max_size=40) | TRICKY)
def test_no_name_leads_out(text: str) -> None:
    """Whatever is asked for or made lies below the folder, at a path of its own parts."""
    for read in (parts_of, new_parts):
        try:
            parts = read(text)
        except (FileMissing, InvalidName):
            continue
        assert parts
        assert "/".join(parts) == text
        assert not {"", ".", ".."} & set(parts)
        assert not any("/" in part or "\0" in part for part in parts)
        root = Path("/root/of/it")
        assert os.path.normpath(root.joinpath(*parts)) == str(root.joinpath(*parts))


@given(st.text(max_size=40) | TRICKY)
def test_what_can_be_made_can_be_asked_for(text: str) -> None:
    """A new name is always one that a route finds again."""
    try:
        parts = new_parts(text)
    except InvalidName:
        return
    assert parts_of("/".join(parts)) == parts


def test_unfinished_files_have_names_that_nobody_else_has() -> None:
    """They are hidden, and can't be asked for."""
    assert is_partial(partial_name())
    assert partial_name() != partial_name()
    with pytest.raises(FileMissing):
        parts_of(f"single/{partial_name()}")
