"""Names that every system can extract."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.archive.names import Names, safe_component, safe_path

ANY_TEXT = st.text(st.characters(), max_size=400)  # lone surrogates too


@pytest.mark.parametrize(
    "name", ["a.txt", "Ünï.py", ".hidden", "two words.csv", "日本語", "a~b", "content.py", "a" * 64]
)
def test_a_harmless_name_stays_as_it_is(name: str) -> None:
    """What every system takes is not changed."""
    assert safe_component(name) == name


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("..", "__"),
        ("a\nb", "a_b"),
        ("C:x", "C_x"),
        ("a\\b", "a_b"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("com1", "_com1"),
        ("Con .py", "_Con .py"),
        ("end.", "end_"),
        ("end ", "end_"),
        ("bad\udcff", "bad_"),
        ("gnp\u202etxt.exe", "gnp_txt.exe"),
        ("e\u0301.txt", "\u00e9.txt"),
    ],
)
def test_a_harmful_name_is_made_safe(name: str, safe: str) -> None:
    """Dots that climb, controls, drives, devices and lone surrogates are replaced."""
    assert safe_component(name) == safe


@given(ANY_TEXT)
def test_any_text_becomes_a_safe_path(text: str) -> None:
    """Whatever the name, the path is relative, of plain characters and short components."""
    path = safe_path(text)
    assert not path.startswith("/")
    for part in path.split("/"):
        assert part
        assert part.strip(".") or part == "_"
        assert part not in (".", "..")
        assert 0 < len(part.encode()) <= 255
        assert part[-1] not in ". "
        assert not re.search(r'[\x00-\x1f\x7f<>:"|?*\\]', part)


@given(st.lists(ANY_TEXT | st.sampled_from(["a", "A", "a/b", "A/b", "é", "e\u0301", "a/", "/a"])))
def test_names_of_one_archive_are_unique_on_every_system(paths: list[str]) -> None:
    """No two members are one file, and none is a folder too, where case and form don't count."""
    names = Names()
    given_names = [names.claim(path) for path in paths]
    folded = [_folded(name) for name in given_names]
    assert len(set(folded)) == len(folded)
    folders = {folded_name[:at] for folded_name in folded for at in _slashes(folded_name)}
    assert not folders & set(folded)


@given(st.lists(ANY_TEXT | st.sampled_from(["a", "A", "CON", "e\u0301/x", "\u00e9/x", "a:b"])))
def test_a_name_that_was_given_once_is_kept(paths: list[str]) -> None:
    """What is in a ZIP of ours needs no other name where it is unpacked."""
    names, again = Names(), Names()
    given_names = [names.claim(path) for path in paths]
    assert [again.claim(name) for name in given_names] == given_names


def test_files_of_one_folder_stay_together() -> None:
    """A folder that had to be renamed has the same new name for all that is in it."""
    names = Names()
    first = names.claim("CON/a")
    assert names.claim("CON/b").rpartition("/")[0] == first.rpartition("/")[0] == "_CON"


def test_folders_that_differ_in_case_are_kept_apart() -> None:
    """On a system that ignores case their files would end up in one folder."""
    names = Names()
    assert names.claim("Data/a").split("/")[0] == "Data"
    assert names.claim("data/b").split("/")[0].startswith("data~")
    assert names.claim("Data/c") == "Data/c"


def test_a_long_name_keeps_its_suffix() -> None:
    """300 characters become 255 bytes that still say what kind of file it is."""
    name = safe_component("ü" * 300 + ".ipynb")
    assert len(name.encode()) <= 255
    assert name.endswith(".ipynb")
    assert name != safe_component("ü" * 301 + ".ipynb")


def test_names_are_the_same_each_time() -> None:
    """The same paths in the same order get the same names."""
    paths = ["a", "A", "a/b", "x" * 300, "X" * 300]
    first, second = Names(), Names()
    assert [first.claim(p) for p in paths] == [second.claim(p) for p in paths]


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _slashes(name: str) -> list[int]:
    return [at for at, character in enumerate(name) if character == "/"]


def test_a_path_may_lie_deeper_than_the_stack() -> None:
    """Its folders keep their names, one by one."""
    path = "/".join(["d"] * 1900)
    assert Names(65_000).claim(path) == path
