"""Moments as people write them."""

from __future__ import annotations

import pytest

from jupyter_session_export.client.moments import moment
from jupyter_session_export.errors import InvalidRequest
from jupyter_session_export.records.times import from_iso

PRESENT = from_iso("2026-01-31T12:00:00Z")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90s", "2026-01-31T11:58:30.000000Z"),
        ("10m", "2026-01-31T11:50:00.000000Z"),
        ("10 min", "2026-01-31T11:50:00.000000Z"),
        ("2h", "2026-01-31T10:00:00.000000Z"),
        ("1d", "2026-01-30T12:00:00.000000Z"),
        ("2026-01-31T12:00", "2026-01-31T12:00:00.000000Z"),
        ("2026-01-31T12:00+01:00", "2026-01-31T11:00:00.000000Z"),
    ],
)
def test_a_time_or_how_long_ago(text: str, expected: str) -> None:
    """Without an offset a time is in UTC, as everything recorded."""
    assert moment(text, PRESENT) == expected


@pytest.mark.parametrize("text", ["", "yesterday", "10", "-1h", "999999d", "1h30m"])
def test_anything_else_is_refused(text: str) -> None:
    """With what may be written."""
    with pytest.raises(InvalidRequest) as told:
        moment(text, PRESENT)
    assert "10m" in (told.value.detail or "")
