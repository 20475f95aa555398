"""When a recording was made."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.records.recording import (
    FROM_MODIFICATION,
    FROM_NAME,
    FROM_NAME_DATE,
)
from jupyter_session_export.workspaces.naming import time_of

MODIFIED = datetime(2026, 1, 31, 12, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("name", "time", "source"),
    [
        ("cam1_session42_20250502.mp4", "2025-05-02T00:00:00", FROM_NAME_DATE),
        ("cam1_session42_20250502_101500.mp4", "2025-05-02T10:15:00", FROM_NAME),
        ("cam1_session42_20250502T1015Z.mp4", "2025-05-02T10:15:00", FROM_NAME),
        ("a-session42-2025-05-02 10.15.30.mp4", "2025-05-02T10:15:30", FROM_NAME),
        ("a_s42_20250502T101500+0900.mp4", "2025-05-02T01:15:00", FROM_NAME),
        ("a_s42_20251350.mp4", "2026-01-31T12:00:00", FROM_MODIFICATION),
        ("c32_livinglab_s42_video.mp4", "2026-01-31T12:00:00", FROM_MODIFICATION),
        ("a_s42_120250502.mp4", "2026-01-31T12:00:00", FROM_MODIFICATION),
        ("a_s42_20251350_20250502.mp4", "2025-05-02T00:00:00", FROM_NAME_DATE),
    ],
)
def test_a_time_is_read_from_a_name(name: str, time: str, source: str) -> None:
    """As UTC unless it names an offset; the modification time where it tells none."""
    found, from_ = time_of(name, MODIFIED)
    assert found.replace(tzinfo=None).isoformat() == time
    assert from_ == source


@given(st.datetimes(datetime(1900, 1, 1), datetime(2099, 12, 31)))
def test_every_time_of_the_calendar_is_found(time: datetime) -> None:
    """To the second."""
    found, _ = time_of(f"cam_session42_{time:%Y%m%d_%H%M%S}.mp4", MODIFIED)
    assert found == time.replace(microsecond=0, tzinfo=timezone.utc)


@given(st.text())
def test_no_name_is_too_odd(name: str) -> None:
    """Any name gives a time in UTC."""
    found, _ = time_of(name, MODIFIED)
    assert found.utcoffset() is not None
