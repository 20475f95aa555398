"""Reading a journal's lines."""

from __future__ import annotations

import json
import time

import pytest

from jupyter_session_export.recording.journal import parse_lines


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
def test_lines_are_put_together(size: int) -> None:
    """However the bytes come, the lines are the same; a torn last one is left out."""
    data = b'{"a":1}\n\n{"b":22}\nrubbish\n{"c":333}\n{"torn'
    chunks = (data[at : at + size] for at in range(0, len(data), size))
    assert list(parse_lines(chunks)) == [{"a": 1}, {"b": 22}, {"c": 333}]


def test_a_long_line_takes_time_in_proportion() -> None:
    """A line of 16 MiB that comes in 16,384 pieces is read in seconds, not in minutes."""
    line = json.dumps({"long": "x" * (16 * 1024 * 1024)}).encode() + b"\n"
    chunks = (line[at : at + 1024] for at in range(0, len(line), 1024))
    began = time.monotonic()
    assert len(list(parse_lines(chunks))) == 1
    assert time.monotonic() - began < 5
