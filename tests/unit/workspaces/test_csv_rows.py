"""Rows of CSV files."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.workspaces.csv_rows import csv_rows
from jupyter_session_export.workspaces.json_rows import Torn

AT = "2025-05-02 10:15"


def rows(text: str) -> list[Any]:
    found = csv_rows(io.StringIO(text, newline=""))
    return [row if isinstance(row, Torn) else row.value for row in found]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_separators_ends_and_marks(separator: str, end: str, mark: str) -> None:
    """The usual ones are told from the heading."""
    lines = (["time", "device", "value"], [AT, "0x1", "21.5"], [], [AT, "017", ""])
    text = mark + end.join(separator.join(line) for line in lines)
    assert rows(text) == [
        {"time": AT, "device": "0x1", "value": 21.5},
        {"time": AT, "device": "017", "value": None},
    ]


def test_a_decimal_comma_goes_with_semicolons() -> None:
    """Where commas separate, `21,5` is two cells."""
    assert rows(f"time;value\n{AT};21,5\n") == [{"time": AT, "value": 21.5}]


def test_a_file_without_a_heading_is_read_by_position() -> None:
    """Its first cell is a time."""
    assert rows(f"{AT},0x1,temperature,21.5,K\n") == [
        {"time": AT, "device": "0x1", "sensor": "temperature", "value": 21.5, "unit": "K"}
    ]


def test_a_spreadsheets_own_first_line_is_passed_by() -> None:
    """It tells the separator, and is no heading."""
    assert rows(f"sep=;\ntime;value\n{AT};1\n") == [{"time": AT, "value": 1}]


def test_quotes_may_go_over_lines() -> None:
    """And hold separators and quotes."""
    assert rows(f'time,value\n{AT},"a ""b"",\nc"\n') == [{"time": AT, "value": 'a "b",\nc'}]


def test_a_quote_that_is_never_closed_costs_its_own_row_only() -> None:
    """What comes after it is read."""
    found = rows(f'time,value\n{AT},"open\n' + f"{AT},1\n" * 100)
    assert isinstance(found[0], Torn)
    assert found[1:] == [{"time": AT, "value": 1}] * 100


def test_rows_that_do_not_fit_the_heading_are_torn() -> None:
    """Too many cells, or too few: which is which can't be told."""
    found = rows(f"time,device,sensor,value\n{AT},a,b,1,2\n{AT}\n{AT},a,b,1,\n")
    assert [isinstance(row, Torn) for row in found] == [True, True, False]


@given(
    st.lists(
        st.fixed_dictionaries({"time": st.just(AT), "x": st.text(), "y": st.integers()}),
        min_size=1,
    )
)
def test_what_a_csv_writer_writes_is_read(written: list[dict[str, Any]]) -> None:
    """Any text comes back, but for spaces around it and what reads as a value."""
    text = io.StringIO()
    table = csv.DictWriter(text, ["time", "device", "y"], lineterminator="\n")
    table.writeheader()
    for row in written:
        name = row["x"].replace("\0", "").replace("\r", " ").replace("\n", " ").strip()
        table.writerow({"time": AT, "device": name if name[:1] != '"' else "", "y": row["y"]})
    found = rows(text.getvalue())
    assert [row["y"] for row in found] == [row["y"] for row in written]


@given(st.text())
def test_no_text_is_too_odd(text: str) -> None:
    """Whatever it holds, it comes to an end."""
    assert len(rows(text)) <= len(text) + 1
