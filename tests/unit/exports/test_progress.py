"""How far an export is."""

from __future__ import annotations

import pytest

from jupyter_session_export.exports import progress as module
from jupyter_session_export.exports.progress import RATE_SECONDS, Progress


def test_percent_goes_by_bytes_and_is_100_only_at_the_end() -> None:
    """All bytes done is not ready yet."""
    progress = Progress(bytes_total=200, bytes_done=50)
    assert progress.percent == 25.0
    progress.bytes_done = 200
    assert progress.percent < 100.0
    progress.finish("ready")
    assert progress.percent == 100.0
    assert progress.remaining == 0.0


def test_entries_count_where_no_bytes_are_expected() -> None:
    """An export of empty files has progress too."""
    assert Progress(entries_total=4, entries_done=1).percent == 25.0


def test_nothing_is_estimated_from_nothing() -> None:
    """Before anything is done the rest is unknown."""
    assert Progress().remaining is None


def test_the_clock_stops_at_the_end() -> None:
    """An ended export does not get older."""
    progress = Progress()
    progress.finish("failed")
    assert progress.elapsed == progress.elapsed


def test_the_speed_is_that_of_the_last_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fast beginning is forgotten, and a stall is told."""
    clock = [1000.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: clock[0])
    progress = Progress()
    assert progress.bytes_per_second is None
    progress.advance(1, 0)
    for second in range(1, 21):
        clock[0] += 1.0
        progress.advance(second, 1_000_000_000 + second * 100)
    assert progress.bytes_per_second == 100
    clock[0] += 95.0
    assert progress.bytes_per_second == round(RATE_SECONDS * 100 / 100)
