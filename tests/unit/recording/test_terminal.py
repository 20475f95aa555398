r"""Text with `\r` and `\b`, as JupyterLab shows and saves it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.recording.terminal import Terminal, length, shown

PIECES = st.lists(st.text("ab😀é\r\b\n", max_size=8), max_size=6)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("plain\n", "plain\n"),
        ("  0%\r 50%\r100%\n", "100%\n"),
        ("longer\rsho", "shoger"),
        ("windows\r\n", "windows\n"),
        ("abc\rX\b", "c"),  # JupyterLab takes away what stands at the cursor, too
        ("one\n\btwo", "one\ntwo"),
        ("ab\rX\nY", "Xb\nY"),
        ("😀\ra", "a\ude00"),
    ],
)
def test_text_is_shown_as_jupyterlab_shows_it(text: str, expected: str) -> None:
    """What JupyterLab 4.6's `processText` returns for the same text."""
    assert shown(text) == expected


@given(PIECES)
def test_pieces_come_to_the_same_as_the_whole(pieces: list[str]) -> None:
    """It doesn't matter in how many messages a text comes."""
    terminal = Terminal()
    assert "".join(map(terminal.feed, pieces)) + terminal.end() == shown("".join(pieces))


@given(PIECES, PIECES)
def test_a_page_goes_on_where_the_cursor_was(before: list[str], after: list[str]) -> None:
    """By returning, and writing what stands left of the cursor, it comes to the same."""
    terminal = Terminal()
    done = "".join(map(terminal.feed, before))
    left = terminal.left_of_end
    line = list(terminal.end().encode("utf-16-le", "surrogatepass"))
    until = bytes(line[: len(line) - 2 * left]).decode("utf-16-le", "surrogatepass")
    whole = bytes(line).decode("utf-16-le", "surrogatepass")
    resumed = f"{done}{whole}\r{until}"
    assert shown(resumed + "".join(after)) == shown("".join(before + after))


@given(st.text())
def test_a_page_counts_utf16_units(text: str) -> None:
    """As JavaScript does."""
    assert length(text) == len(text) + sum(char > "\uffff" for char in text)
