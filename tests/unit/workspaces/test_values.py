"""Values in JSON and in cells of CSV."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.workspaces.values import (
    canonical,
    from_cell,
    text_from_cell,
    text_to_cell,
    to_cell,
    to_json,
)

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and math.isnan(one):
        return isinstance(other, float) and math.isnan(other)
    return type(one) is type(other) and one == other


@given(VALUES)
def test_a_value_survives_json(value: Any) -> None:
    """NaN and infinities too, which strict JSON has no number for."""
    kept = canonical(value)
    text = to_json(kept)
    json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    text.encode()
    assert same(canonical(json.loads(text)), kept)


@given(VALUES)
def test_a_value_survives_csv(value: Any) -> None:
    """A text that looks like a number stays a text, and nothing looks like a formula."""
    kept = canonical(value)
    cell = to_cell(kept)
    if kept == "":
        assert cell == '""'
    if isinstance(kept, str):
        assert not cell.startswith(("=", "+", "-", "@"))
    assert same(from_cell(cell), kept)


@given(st.text())
def test_a_name_survives_csv(text: str) -> None:
    """Names of devices, sensors and units are texts whatever they look like."""
    kept = canonical(text)
    if isinstance(kept, str) and kept.strip():
        assert text_from_cell(text_to_cell(kept)) == kept


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("21.5", 21.5),
        ("+3", 3),
        ("-.5", -0.5),
        ("1e3", 1000.0),
        ("007", "007"),
        ("", None),
        ("  ", None),
        ("TRUE", True),
        ("-inf", -math.inf),
        ("on", "on"),
        ('"21.5"', "21.5"),
        ('"open', '"open'),
        ("[1, 2]", [1, 2]),
        ("[1, 2", "[1, 2"),
        ("21,5", "21,5"),
    ],
)
def test_cells_are_read_as_people_mean_them(cell: str, value: Any) -> None:
    """Numbers, truth values, nothing; what is none of these is a text."""
    assert same(from_cell(cell), value)


def test_a_decimal_comma_is_read_where_commas_do_not_separate() -> None:
    """As in files of half of Europe."""
    assert from_cell("21,5", decimal_comma=True) == 21.5
    assert from_cell("1,000,000", decimal_comma=True) == "1,000,000"


def test_what_json_can_not_hold_is_refused() -> None:
    """Nothing is turned into a text behind one's back."""
    with pytest.raises(TypeError):
        canonical(object())
