"""How far an export is."""

from __future__ import annotations

from jupyter_session_export.exports.progress import Progress


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
