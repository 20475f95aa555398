"""Times as texts."""

from __future__ import annotations

import pytest

from jupyter_session_export.records.times import from_iso, to_iso


@pytest.mark.parametrize("text", ["2026-01-31T12:00:00.000000Z", "0001-01-01T00:00:00.000000Z"])
def test_a_time_is_read_as_it_is_written(text: str) -> None:
    """To the microsecond."""
    assert to_iso(from_iso(text)) == text


@pytest.mark.parametrize(
    "text", ["", "yesterday", "0001-01-01T00:00:00+23:00", "9999-12-31T23:59:59-23:00"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    """What is none in UTC too."""
    with pytest.raises(ValueError, match=r"time|isoformat|outside"):
        from_iso(text)
