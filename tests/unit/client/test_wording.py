from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_session_export.client.delivery import Delivered
from jupyter_session_export.client.job import Progress
from jupyter_session_export.client.wording import (
    Unhurried,
    counted,
    duration,
    problem_line,
    progress_line,
    result_text,
    size,
)
from jupyter_session_export.errors import NoRecordingServer


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (3_400_000, "3.4 MB"),
        (5 * 10**15, "5000.0 TB"),
    ],
)
def test_sizes_are_short(count: int, text: str) -> None:
    """At most four digits, in decimal units."""
    assert size(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59.4, "59 s"), (200, "3 min 20 s"), (3600, "1 h"), (90000, "1 d 1 h")],
)
def test_time_spans_have_two_units(seconds: float, text: str) -> None:
    """Nobody needs the seconds of an hour."""
    assert duration(seconds) == text


def test_things_are_counted() -> None:
    """One is one."""
    assert [counted(1, "file"), counted(1200, "file")] == ["1 file", "1,200 files"]


def test_a_bar_tells_stage_amount_and_time() -> None:
    """One line, which a plain console shows."""
    progress = Progress("sealing", 50.0, bytes_done=1_200_000, bytes_total=2_400_000, remaining=65)
    assert progress_line(progress) == (
        "[############............]  50 %  sealing, 1.2 MB of 2.4 MB, 1 min 5 s to go"
    )


def test_entries_are_told_where_bytes_are_not_known() -> None:
    """Any number is better than none."""
    assert progress_line(Progress("planning", 0.0, 1, 2)).endswith("planning, 1 of 2 files")


def test_a_result_tells_what_was_left_out() -> None:
    """Also that nothing was."""
    assert result_text(Delivered(Path("x"), 2000, 5, 1, 0)) == (
        "1 execution, 5 files, 2.0 kB; nothing left out"
    )
    assert result_text(Delivered(Path("x"), 1, 5, 1, 2)).endswith("2 files left out")


def test_a_problem_is_one_line() -> None:
    """What, what to do, and the code, however the server broke its lines."""
    assert problem_line(NoRecordingServer("No\nserver.", "Start\none.")) == (
        "No server. Start one. [NO_RECORDING_SERVER]"
    )
    for message in ("No server.", "No server"):
        assert problem_line(NoRecordingServer(message)) == "No server. [NO_RECORDING_SERVER]"


def test_reports_pass_four_times_a_second() -> None:
    """The first always does."""
    times = iter([10.0, 10.1, 10.25, 10.3, 10.5])
    passed: list[float] = []
    report = Unhurried(lambda progress: passed.append(progress.percent), lambda: next(times))
    for percent in range(5):
        report(Progress("x", float(percent)))
    assert passed == [0.0, 2.0, 4.0]
