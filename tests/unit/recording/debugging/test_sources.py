"""Which execution a debugger's file stands for."""

from __future__ import annotations

import pytest
from ipykernel.compiler import get_file_name

from jupyter_session_export.recording.debugging import sources
from jupyter_session_export.recording.debugging.sources import SourceIndex


def test_kernels_own_file_is_found() -> None:
    """A file that ipykernel names stands for the last execution of its text."""
    index = SourceIndex()
    index.note("a = 'ü'\n", "first")
    index.note("b = 2", "other")
    index.note("a = 'ü'\n", "second")
    assert index.find(get_file_name("a = 'ü'\n")) == "second"
    assert index.find(get_file_name("b = 2").replace("/", "\\")) == "other"


@pytest.mark.parametrize("path", ["", "/usr/lib/python3/json/decoder.py", "/home/1/x.py", "/9.py"])
def test_other_files_are_no_cells(path: str) -> None:
    """A module's file, or that of a text that never ran, stands for nothing."""
    index = SourceIndex()
    index.note("a = 1", "m")
    assert index.find(path) is None


def test_index_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest text goes first, and texts that take long to hash are left out."""
    monkeypatch.setattr(sources, "MOST_SOURCES", 2)
    monkeypatch.setattr(sources, "MOST_BYTES", 10)
    index = SourceIndex()
    for code in ("a", "b", "c", "d" * 11):
        index.note(code, code)
    found = [index.find(get_file_name(code)) for code in ("a", "b", "c", "d" * 11)]
    assert found == [None, "b", "c", None]
