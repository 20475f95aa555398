"""Lines are in order, bounded, and hold no secret."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from jupyter_session_export.recording import logbook as module
from jupyter_session_export.recording.logbook import LEFT_OUT, Logbook
from jupyter_session_export.recording.throttle import Throttle
from jupyter_session_export.records.activity import AUDIT, Deed, LogLine
from jupyter_session_export.records.times import now
from tests.unit.recording.fake_sink import FakeSink


@pytest.fixture
def sink(tmp_path: Path) -> FakeSink:
    return FakeSink(tmp_path)


def test_lines_are_in_the_order_of_their_writing(
    sink: FakeSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whenever they were made, and also where the clock is set back meanwhile."""
    logbook = Logbook(sink)
    made_before = LogLine(AUDIT, now() - timedelta(hours=1), sink.session.id, "ada", "export.begun")
    logbook.note("kernel.start", "k1")
    logbook.add(made_before)
    monkeypatch.setattr(module, "now", lambda: made_before.time)
    logbook.note("kernel.restart", "k1")
    times = [line.time for line in sink.lines]
    assert len(times) == 3
    assert all(a <= b for a, b in pairwise(times))
    assert times[0] > made_before.time


def test_a_line_holds_no_secret(sink: FakeSink) -> None:
    """Neither its target nor anything in its detail."""
    Logbook(sink).note_deed(
        Deed("file.open", "x?token=SECRET", "ada", {"from": ["http://a:SECRET@host"]}), "ada"
    )
    assert "SECRET" not in str(sink.lines[0])
    assert sink.lines[0].user_id == "ada"


def test_what_is_left_out_is_a_line(sink: FakeSink) -> None:
    """It names the action, and how often that was."""
    logbook = Logbook(sink, Throttle(burst=2, per_second=0))
    for n in range(5):
        logbook.note("file.save", f"{n}.txt")
    logbook.tell_left_out(all_of_it=True)
    logbook.tell_left_out(all_of_it=True)
    assert [line.action for line in sink.lines] == ["file.save", "file.save", LEFT_OUT]
    told = sink.lines[-1]
    assert (told.target, told.detail["lines"]) == ("file.save", 3)


def test_executions_are_never_left_out(sink: FakeSink) -> None:
    """The log is as complete as the record that it tells of."""
    logbook = Logbook(sink, Throttle(burst=1, per_second=0))
    for n in range(5):
        logbook.note("execution.start", f"execution_{n}_00000000")
    assert len(sink.lines) == 5
