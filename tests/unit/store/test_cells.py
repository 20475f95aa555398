from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.store.cells import (
    from_cell,
    from_micros,
    from_optional_cell,
    from_optional_micros,
    to_cell,
    to_integer,
    to_json,
    to_micros,
    to_optional_cell,
    to_optional_micros,
)

ANY_TEXT = st.text(st.characters(exclude_categories=()))


@given(ANY_TEXT, ANY_TEXT)
def test_any_text_comes_back_and_stays_unique(one: str, other: str) -> None:
    """SQLite keeps lone surrogates and NULs, and tells different texts apart."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE texts (text TEXT NOT NULL UNIQUE)")
        connection.execute("INSERT INTO texts VALUES (?)", (to_cell(one),))
        found = connection.execute("SELECT text FROM texts WHERE text = ?", (to_cell(one),))
        assert from_cell(found.fetchone()[0]) == one
        if one == other:
            with pytest.raises(sqlite3.IntegrityError):
                connection.execute("INSERT INTO texts VALUES (?)", (to_cell(other),))
        else:
            connection.execute("INSERT INTO texts VALUES (?)", (to_cell(other),))


@given(ANY_TEXT)
def test_json_is_ascii(text: str) -> None:
    """JSON of any text is ASCII and reads back as it was."""
    assert to_json(text).isascii()
    assert json.loads(to_json({"a": text})) == {"a": text}


@given(st.datetimes(timezones=st.just(timezone.utc)))
def test_times_are_exact(time: datetime) -> None:
    """Every time from year 1 to 9999 comes back to the microsecond."""
    assert from_micros(to_micros(time)) == time


def test_none_stays_none() -> None:
    """What isn't known is NULL."""
    assert to_optional_cell(None) is None
    assert from_optional_cell(None) is None
    assert to_optional_micros(None) is None
    assert from_optional_micros(None) is None
    assert to_integer(None) is None


def test_numbers_beyond_64_bits_are_not_known() -> None:
    """A kernel's absurd execution_count does not stop the record."""
    assert to_integer(2**63 - 1) == 2**63 - 1
    assert to_integer(2**63) is None
