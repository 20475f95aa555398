"""What a person reads of an examination."""

from __future__ import annotations

import io
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.cli.doctor.finding import Level, found, well
from jupyter_session_export.cli.doctor.report import (
    LEAST_WIDTH,
    WIDTH,
    group_lines,
    may_colour,
    verdict,
    width_of,
)

LOCKS = found("LOCKS_MISSING", "Nothing can be locked here.", "mv here there")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_finding_has_its_level_title_words_remedy_and_code() -> None:
    """In columns; the title stands once, and what is well needs no code."""
    ok = well("DISK", "There is room.")
    assert list(group_lines(("disk", [ok, LOCKS]), colour=False)) == [
        "ok       disk       There is room.",
        "warning             Nothing can be locked here. [LOCKS_MISSING]",
        "                    > mv here there",
    ]


@given(
    st.text(st.characters(codec="ascii"), min_size=1).filter(str.strip),
    st.integers(LEAST_WIDTH, WIDTH),
)
def test_words_stay_within_the_width(text: str, width: int) -> None:
    """All but a word that is longer than a line by itself, such as a path."""
    group = ("disk", [found("DISK_FULL", text, "tidy up")])
    for line in group_lines(group, colour=False, width=width):
        assert len(line) <= width or " " not in line[20:].strip()


@pytest.mark.parametrize(
    ("columns", "width"), [(60, 60), (200, WIDTH), (10, LEAST_WIDTH), (0, WIDTH)]
)
def test_the_width_is_the_terminal_s(
    columns: int, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within what can be read; a file has always the same."""
    size = os.terminal_size((columns or WIDTH, 24))
    monkeypatch.setattr("shutil.get_terminal_size", lambda _: size)
    assert width_of(Terminal()) == width
    assert width_of(io.StringIO()) == WIDTH


def test_a_remedy_is_one_line_however_long() -> None:
    """So that it can be copied."""
    lines = list(group_lines(("disk", [found("DISK_FULL", "Full.", "x " * 100)]), colour=False))
    assert len(lines) == 2


def test_colour_is_for_terminals_whose_people_want_it() -> None:
    """Not where NO_COLOR is set (no-color.org), nor in files."""
    assert may_colour(Terminal(), {"TERM": "xterm"})
    assert not may_colour(Terminal(), {"TERM": "xterm", "NO_COLOR": "1"})
    assert not may_colour(Terminal(), {"TERM": "dumb"})
    assert not may_colour(io.StringIO(), {"TERM": "xterm"})
    (line,) = group_lines(("disk", [well("DISK", "There is room.")]), colour=True)
    assert line.startswith("\x1b[32mok")
    assert "\x1b" not in "".join(group_lines(("disk", [LOCKS]), colour=False))


def test_the_verdict_counts_problems_and_warnings_apart() -> None:
    """And says when there are none."""
    problem = found("DISK_FULL", "Full.", "tidy up")
    assert verdict([]) == "All is well."
    assert verdict([well("DISK", "Room.")]) == "All is well."
    assert verdict([LOCKS]) == "no problems, 1 warning."
    assert verdict([problem, LOCKS, problem]) == "2 problems, 1 warning."
    assert problem.level is Level.PROBLEM
