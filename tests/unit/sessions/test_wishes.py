"""What callers say in keywords."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_session_export.errors import InvalidRequest
from jupyter_session_export.sessions.wishes import require_nothing, wanted
from jupyter_session_export.settings import SessionExport


def test_a_lifetime_comes_from_the_settings() -> None:
    """A session lives as long as the settings say, or as it is told; 0 is without end."""
    settings = SessionExport(live_session_minutes=2.0)
    assert wanted(settings, {}).lifetime == 120
    assert wanted(settings, {"lifetime": 5}).lifetime == 5
    assert wanted(settings, {"lifetime": 0}).lifetime == 0


@pytest.mark.parametrize(
    "wishes", [{"lifetime": -1}, {"lifetime": float("inf")}, {"env": {"A": 1}}, {"env": {1: "a"}}]
)
def test_what_makes_no_sense_is_told(wishes: Any) -> None:
    """Nothing is begun by a wish that can't be meant."""
    with pytest.raises(InvalidRequest):
        wanted(SessionExport(), wishes)


def test_a_session_that_exists_takes_no_wishes() -> None:
    """What a session was begun with stays; to say nothing of it is fine."""
    require_nothing({"env": None, "name": ""})
    with pytest.raises(InvalidRequest, match="cwd, env"):
        require_nothing({"env": {"A": "b"}, "cwd": "/"})
