"""Each action has its own share of a log."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.recording.throttle import SUMMARY_SECONDS, LeftOut, Throttle
from jupyter_session_export.records.activity import ACTIVITY, AUDIT
from jupyter_session_export.records.times import from_timestamp

START = from_timestamp(0)


def test_a_flood_is_counted() -> None:
    """Beyond the burst nothing is admitted; how much, and from when to when, is told once."""
    throttle = Throttle(burst=3, per_second=1)
    times = [START + timedelta(milliseconds=n) for n in range(10)]
    assert [throttle.admits(ACTIVITY, "file.save", time, 0) for time in times].count(True) == 3
    assert throttle.take_left_out() == [LeftOut(ACTIVITY, "file.save", 7, times[3], times[9])]
    assert throttle.take_left_out() == []


def test_a_flood_hides_nothing_else() -> None:
    """Another action, or another log, has a share of its own."""
    throttle = Throttle(burst=1, per_second=0)
    assert throttle.admits(ACTIVITY, "file.save", START, 0)
    assert not throttle.admits(ACTIVITY, "file.save", START, 0)
    assert throttle.admits(ACTIVITY, "file.delete", START, 0)
    assert throttle.admits(AUDIT, "file.save", START, 0)


def test_a_flood_that_lasts_is_told_each_minute() -> None:
    """Not more often: the summary must not become a flood itself."""
    throttle = Throttle(burst=1, per_second=0)
    for _ in range(3):
        throttle.admits(ACTIVITY, "file.save", START, 0)
    assert throttle.take_left_out(SUMMARY_SECONDS - 1) == []
    (told,) = throttle.take_left_out(SUMMARY_SECONDS)
    assert told.lines == 2


@given(st.lists(st.floats(0, 100), max_size=300))
def test_every_line_is_written_or_counted(gaps: list[float]) -> None:
    """Whatever the pace, none vanishes, and no more are admitted than were allowed."""
    throttle = Throttle(burst=5, per_second=1)
    at, admitted = 0.0, 0
    for gap in gaps:
        at += gap
        admitted += throttle.admits(ACTIVITY, "file.save", START, at)
    left_out = sum(told.lines for told in throttle.take_left_out())
    assert admitted + left_out == len(gaps)
    assert admitted <= 5 + at
