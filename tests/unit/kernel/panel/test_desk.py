"""The thread that asks the record: what it asks for, how often, and what goes wrong there."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from jupyter_session_export.errors import NoRecordingServer, ServerUnreachable
from jupyter_session_export.kernel.panel import desk as module
from jupyter_session_export.kernel.panel.desk import Desk
from jupyter_session_export.kernel.panel.standing import AWAY, NOBODY
from tests.unit.kernel.panel.ended import FakeHistory, ended
from tests.waiting import wait_until


@dataclass
class FakeBook:
    """A record that says what a test wants, and remembers what it was asked."""

    state: str = "on"
    error: Exception | None = None
    asked: list[str] = field(default_factory=list)
    closed: bool = False
    held: threading.Event | None = None
    recorded: list[str] | None = None
    purges: int = 0

    def look(self) -> dict[str, Any]:
        self._note("look")
        queue = [{"source_head": "later()", "submitted_at": None}]
        recording = self._recording()
        return {"recording": recording, "queued": 1, "queue": queue, "purges": self.purges}

    def insights(self) -> dict[str, Any]:
        self._note("insights")
        run = {"number": 1, "kernel": "other.1", "seconds": 2.0, "of_a_newer_server": 1}
        return {"insights": [{"code": "WAITING"}], "runs": [run], "recorded": self.recorded}

    def set_recording(self, state: str) -> dict[str, Any]:
        self._note(state)
        self.state = state
        return self._recording()

    def purge(self, scope: Mapping[str, Any]) -> dict[str, Any]:
        self._note(f"purge {dict(scope)}")
        return {"removed": {"executions": 3, "bytes": 10, "running": 0}}

    def close(self) -> None:
        self.closed = True

    def _recording(self) -> dict[str, Any]:
        return {"state": self.state, "reason": None}

    def _note(self, what: str) -> None:
        self.asked.append(what)
        if self.held is not None:
            self.held.wait(60)
        if self.error is not None:
            raise self.error


class Opened:
    """A desk with what it works on."""

    def __init__(self) -> None:
        self.book = FakeBook()
        self.history = FakeHistory(ended(0))
        self.changes = 0
        self.desk = Desk(self.book, self.history, self._count, self._known)

    def _count(self) -> None:
        self.changes += 1

    def _known(self) -> dict[str, Any]:
        return {"insights": [{"code": "REPEATS"}]}

    def reaches(self, what: Callable[[], bool]) -> None:
        wait_until(what)


@pytest.fixture
def opened() -> Iterator[Opened]:
    opened = Opened()
    yield opened
    opened.desk.close()


def test_the_first_answers_are_all_that_the_panel_shows(opened: Opened) -> None:
    """State, queue, insights, and what other kernels ran."""
    opened.desk.once()
    standing = opened.desk.standing
    assert (standing.state, standing.queued, standing.queue) == ("on", 1, ("later()",))
    assert standing.insights == ({"code": "WAITING"},)
    assert [run.kernel for run in standing.others] == ["other.1"]
    assert opened.changes == 2


def test_what_is_known_is_not_asked_again_at_once(opened: Opened) -> None:
    """Insights only after something has ended, and never in quick succession."""
    for _ in range(5):
        opened.desk.once()
    opened.history.add(ended(1))
    opened.desk.once()
    assert opened.book.asked == ["look", "insights"]


def test_an_answer_that_took_long_is_asked_for_seldom(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large record costs no more than its part."""
    clock = [1000.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: clock[0])
    answer = opened.book.insights

    def slow() -> dict[str, Any]:
        clock[0] += 2.0
        return answer()

    monkeypatch.setattr(opened.book, "insights", slow)
    opened.desk.once()
    opened.book.asked.clear()
    for _ in range(20):
        clock[0] += 10
        opened.history.add(ended(opened.history.count))
        opened.desk.once()
    assert opened.book.asked.count("insights") == 1


def test_what_was_not_sealed_yet_is_asked_for_once_more(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After that an idle kernel asks for no insights."""
    clock = [1000.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: clock[0])
    for _ in range(20):
        opened.desk.once()
        clock[0] += 10
    assert opened.book.asked.count("insights") == 2


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What time it is, for a test to set."""
    clock = [1000.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: clock[0])
    return clock


def test_what_the_record_has_not_is_not_shown(opened: Opened, clock: list[float]) -> None:
    """From the second answer on: what has just ended may be on its way."""
    opened.book.recorded = []
    opened.desk.once()
    assert opened.history.unrecorded == frozenset()
    clock[0] += 10
    opened.desk.once()
    assert opened.history.unrecorded == {0}


def test_a_purge_from_elsewhere_is_followed(opened: Opened, clock: list[float]) -> None:
    """Also where nothing runs."""
    opened.book.recorded = ["m0"]
    for _ in range(5):
        clock[0] += 20
        opened.desk.once()
    opened.book.recorded, opened.book.purges = [], 1
    clock[0] += 20
    opened.desk.once()
    assert opened.history.unrecorded == {0}


def test_clicks_are_carried_out_and_told(opened: Opened) -> None:
    """In the order in which they came."""
    opened.desk.start()
    opened.desk.set_recording("paused")
    opened.reaches(lambda: opened.desk.standing.state == "paused")
    assert "not recorded" in (opened.desk.standing.said or "")
    opened.desk.set_recording("on")
    opened.reaches(lambda: opened.desk.standing.said == "Recording is on.")
    opened.desk.purge({"notebook": "a.ipynb"})
    opened.reaches(lambda: "3 executions purged" in (opened.desk.standing.said or ""))
    assert opened.history.ended() != []
    opened.desk.purge({"scope": "all"})
    opened.reaches(lambda: opened.history.ended() == [])


def test_a_server_that_hangs_holds_nobody(opened: Opened) -> None:
    """Not who clicks, however often; and the desk closes when it has its answer."""
    opened.book.held = threading.Event()
    opened.desk.start()
    opened.reaches(lambda: opened.book.asked == ["look"])
    for _ in range(50):
        opened.desk.set_recording("paused")
        opened.desk.note_change()
    assert opened.desk.standing.busy == "Pausing …"
    opened.desk.close()
    opened.book.held.set()
    opened.reaches(lambda: opened.book.closed)


def test_what_goes_wrong_is_told_and_tried_again(opened: Opened) -> None:
    """Meanwhile the kernel's own insights are shown; the error is gone with the next answer."""
    opened.desk.once()
    opened.desk._looks_at = 0.0
    opened.book.error = ServerUnreachable("The server is gone.", "Start it.")
    opened.desk.once()
    assert opened.desk.standing.problem == "The server is gone. Start it. [SERVER_UNREACHABLE]"
    assert opened.desk.standing.state == AWAY
    assert opened.desk.standing.insights == ({"code": "REPEATS"},)
    assert [run.kernel for run in opened.desk.standing.others] == ["other.1"]
    assert not opened.desk.standing.can_change
    opened.book.error = None
    opened.desk._looks_at = 0.0
    opened.desk.once()
    assert opened.desk.standing.problem is None
    assert opened.desk.standing.state == "on"
    assert opened.desk.standing.insights == ({"code": "WAITING"},)


def test_a_kernel_that_nobody_records_says_so(opened: Opened) -> None:
    """Then nothing can be paused."""
    opened.book.error = NoRecordingServer("Nobody records this kernel.")
    opened.desk.once()
    assert opened.desk.standing.state == NOBODY
    assert not opened.desk.standing.can_change


def test_what_nobody_expected_is_logged_and_told(
    opened: Opened, caplog: pytest.LogCaptureFixture
) -> None:
    """A fault of ours ends neither the thread nor the kernel."""
    opened.book.error = KeyError("recording")
    opened.desk.once()
    assert opened.desk.standing.problem == "KeyError: 'recording'"
    assert "could not ask" in caplog.text
