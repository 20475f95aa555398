"""Which executions show something under a display id."""

from __future__ import annotations

import pytest

from jupyter_session_export.recording import displays as module
from jupyter_session_export.recording.displays import Displays
from jupyter_session_export.records.execution import ExecutionKey


def key(number: int) -> ExecutionKey:
    return ExecutionKey("k1", 1, f"m{number}")


def test_each_execution_counts_once() -> None:
    """In the order in which they first showed it; a new process shows nothing."""
    displays = Displays()
    for number in (1, 2, 1):
        displays.show("d", key(number))
    assert displays.shown_by("d") == [key(1), key(2)]
    assert displays.shown_by("other") == []
    displays.clear()
    assert displays.shown_by("d") == []


def test_a_display_id_has_the_newest_executions_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A progress bar that all cells share doesn't grow without end."""
    monkeypatch.setattr(module, "MOST_EXECUTIONS", 3)
    displays = Displays()
    for number in range(10):
        displays.show("d", key(number))
    assert displays.shown_by("d") == [key(7), key(8), key(9)]


def test_all_display_ids_are_bounded_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those go first that nothing was shown under for longest."""
    monkeypatch.setattr(module, "MOST_SHOWN", 4)
    displays = Displays()
    for number in range(3):
        displays.show("old", key(number))
    displays.show("kept", key(0))
    displays.show("kept", key(1))
    assert displays.shown_by("old") == []
    assert displays.shown_by("kept") == [key(0), key(1)]
