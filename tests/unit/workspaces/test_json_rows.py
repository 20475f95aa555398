"""Rows of JSON files of any size and shape."""

from __future__ import annotations

import io
import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_session_export.workspaces import json_rows as module
from jupyter_session_export.workspaces.json_rows import Row, Torn, json_rows

ROWS = st.lists(st.dictionaries(st.text(max_size=5), st.integers() | st.text(), max_size=3))


def values(text: str) -> list[Any]:
    return [row.value if isinstance(row, Row) else row for row in json_rows(io.StringIO(text))]


@given(rows=ROWS, indent=st.sampled_from([None, 2]), chunk=st.integers(1, 40))
@settings(max_examples=200)
def test_an_array_gives_its_rows(rows: list[Any], indent: int | None, chunk: int) -> None:
    """However it is written, and wherever what is read at a time ends."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "CHUNK", chunk)
        assert values(json.dumps(rows, indent=indent)) == rows


@given(rows=ROWS.filter(bool), chunk=st.integers(1, 40))
def test_an_object_around_an_array_gives_its_rows(rows: list[Any], chunk: int) -> None:
    """With the member's name and what stands around it, whether it is streamed or not."""
    text = json.dumps({"device": "a", "list": rows})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "CHUNK", chunk)
        found = list(json_rows(io.StringIO(text)))
    assert found == [Row(row, "list", {"device": "a"}) for row in rows]


@given(rows=ROWS, chunk=st.integers(1, 40))
def test_an_object_a_line_gives_its_rows(rows: list[Any], chunk: int) -> None:
    """JSON lines, also without a newline at the end."""
    rows = [{"time": 1, **row} for row in rows]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "CHUNK", chunk)
        assert values("\n".join(map(json.dumps, rows))) == rows


def test_objects_by_device_give_their_rows() -> None:
    """The member's name is the device's."""
    text = '{"0x1": {"time": 1, "t": 2}, "0x2": {"time": 1, "t": 3}}'
    assert [(row.key, row.value["t"]) for row in json_rows(io.StringIO(text))] == [  # type: ignore[union-attr]
        ("0x1", 2),
        ("0x2", 3),
    ]


def test_what_is_torn_spares_the_rest() -> None:
    """A broken row is told with its text; the rows before and after are there."""
    text = '[{"a": 1}, {"b": oops}, {"c": 3}, {"d": 4'
    found = values(text)
    assert found[0] == {"a": 1}
    assert isinstance(found[1], Torn)
    assert "oops" in found[1].text
    assert found[2] == {"c": 3}
    assert isinstance(found[3], Torn)
    assert '{"d": 4' in found[3].text


def test_a_file_that_is_being_written_is_told() -> None:
    """It ends in the middle; its whole rows are there."""
    found = values('[{"a": 1},')
    assert found[0] == {"a": 1}
    assert found[1] == Torn("", "the file ends in the middle of an array")


@given(st.text())
@settings(max_examples=300)
def test_no_text_is_too_odd(text: str) -> None:
    """Whatever it holds, it comes to an end."""
    assert len(values(text)) <= len(text) + 1


def test_memory_is_bounded() -> None:
    """A file of 17 MB, all in one array, is read in a few."""
    tracemalloc.start()
    count = sum(1 for _ in json_rows(_Long()))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 200_000
    assert peak < 4_000_000


class _Long(io.TextIOBase):
    """An array of 200,000 rows that is made while it is read."""

    def __init__(self) -> None:
        row = '{"time": 1, "sensor": "a sensor", "value": 1.25, "unit": "of something, and on"},'
        self._pieces = iter(["[", *[row * 2_000] * 100, "]"])

    def read(self, size: int | None = -1) -> str:
        return next(self._pieces, "")
