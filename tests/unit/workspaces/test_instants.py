"""Times as collectors write them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.records.times import to_iso
from jupyter_session_export.workspaces.instants import (
    AHEAD,
    NAIVE,
    UNSET,
    NoTime,
    datetime_at,
    doubted,
    iso_at,
    micros_at,
    micros_of,
)

OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))
TIMES = st.datetimes(datetime(1971, 1, 1), datetime(9998, 1, 1), timezones=OFFSETS)


@pytest.mark.parametrize(
    "given_time",
    [
        "2025-05-02T10:15:00Z",
        "2025-05-02 10:15",
        "2025-05-02T12:15:00+02:00",
        "2025-05-02T19:15:00.000+0900",
        "2025-05-02T10:15:00,0Z",
        "2025/05/02 10:15:00",
        "02.05.2025 10:15",
        "2.5.2025, 10:15:00",
        "20250502T101500Z",
        1746180900,
        1746180900.0,
        "1746180900",
        1746180900000,
        1746180900000000,
        1746180900000000000,
        "1.7461809e9",
    ],
)
def test_one_time_in_many_forms(given_time: Any) -> None:
    """Texts with and without an offset, and counts of seconds or parts of them."""
    assert iso_at(micros_of(given_time)[0]) == "2025-05-02T10:15:00.000000Z"


@pytest.mark.parametrize(
    "given_time",
    [
        None,
        "",
        "soon",
        True,
        [],
        float("nan"),
        float("inf"),
        -1,
        "2025-13-02",
        "2025-02-30T10:00",
        "2025-05-02T25:00",
        "05/02/2025 10:15",
        "2025-05-02T10:15:00+99:00",
        "1" * 30,
    ],
)
def test_what_is_no_time_is_told(given_time: Any) -> None:
    """Also a date that could be in May or in February."""
    with pytest.raises(NoTime):
        micros_of(given_time)


def test_a_time_without_an_offset_is_taken_as_utc_and_said_so() -> None:
    """One with an offset says nothing, nor does a count."""
    assert micros_of("2025-05-02 10:15")[1] == NAIVE
    assert micros_of("2025-05-02 10:15Z")[1] is None
    assert micros_of(1746180900)[1] is None


@given(TIMES)
def test_every_aware_time_is_read_to_the_microsecond(time: datetime) -> None:
    """And written as all times of the record are."""
    micros, note = micros_of(time.isoformat())
    assert note is None
    assert micros == micros_at(time)
    assert datetime_at(micros) == time
    assert iso_at(micros) == to_iso(time)


@given(st.text() | st.floats() | st.integers())
def test_nothing_but_no_time_is_raised(given_time: Any) -> None:
    """Whatever a row holds, it is a time or it is not."""
    try:
        micros, _ = micros_of(given_time)
    except NoTime:
        return
    assert iso_at(micros).endswith("Z")


def test_clocks_that_were_not_set_or_ahead_are_doubted() -> None:
    """Readings keep their times; that they can hardly be right is said."""
    present = micros_at(datetime(2026, 1, 1, tzinfo=timezone.utc))
    assert doubted(0, present) == UNSET
    assert doubted(present, present) is None
    assert doubted(present + 2 * 86_400_000_000, present) == AHEAD
