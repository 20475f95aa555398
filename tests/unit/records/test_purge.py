"""What a purge is asked to remove."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from jupyter_session_export.records.purge import PurgeScope
from jupyter_session_export.records.times import from_iso, now


@pytest.mark.parametrize(
    ("data", "scope"),
    [
        ({"scope": "all"}, PurgeScope()),
        ({"notebook": "a b.ipynb"}, PurgeScope(notebook="a b.ipynb")),
        ({"execution": 3}, PurgeScope(number=3)),
        ({"execution": "3"}, PurgeScope(number=3)),
        ({"execution": "0a1b2c3d"}, PurgeScope(execution="0a1b2c3d")),
        ({"execution": "12345678"}, PurgeScope(execution="12345678")),
        (
            {"since": "2026-01-31T12:00:00Z"},
            PurgeScope(since=from_iso("2026-01-31T12:00:00Z")),
        ),
    ],
)
def test_a_scope_is_read_and_written(data: dict[str, Any], scope: PurgeScope) -> None:
    """As JSON or as a query has it."""
    assert PurgeScope.parse(data) == scope
    assert PurgeScope.parse(scope.to_json()) == scope
    assert scope.is_all == (data == {"scope": "all"})
    assert scope.takes_readings == (data.keys() <= {"scope", "since"})


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"scope": "everything"},
        {"scope": None},
        {"scope": "all", "notebook": "a.ipynb"},
        {"notebook": ""},
        {"notebook": 3},
        {"execution": True},
        {"execution": -1},
        {"execution": 1.5},
        {"execution": "x"},
        {"execution": "1" * 30},
        {"execution": [1]},
        {"since": "yesterday"},
        {"since": 0},
        {"last_seconds": -1},
        {"last_seconds": "soon"},
        {"last_seconds": True},
    ],
)
def test_what_is_not_clear_is_refused(data: dict[str, Any]) -> None:
    """A purge can't be undone."""
    with pytest.raises(ValueError, match=r"\w"):
        PurgeScope.parse(data)


def test_the_last_seconds_are_counted_from_this_clock() -> None:
    """Whoever asks needs no clock of its own that is right."""
    before = now()
    scope = PurgeScope.parse({"last_seconds": "600"})
    assert scope.since is not None
    assert before - timedelta(seconds=600) <= scope.since <= now() - timedelta(seconds=600)
    assert scope.takes_readings
