"""What callers say in keywords."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_session_export.errors import InvalidRequest
from jupyter_session_export.sessions.wishes import order_of, require_nothing, wanted
from jupyter_session_export.settings import SessionExport


def test_a_lifetime_comes_from_the_settings() -> None:
    """A session lives as long as the settings say, or as it is told; 0 is without end."""
    settings = SessionExport(live_session_minutes=2.0)
    assert wanted(settings, {}).lifetime == 120
    assert wanted(settings, {"lifetime": 5}).lifetime == 5
    assert wanted(settings, {"lifetime": 0}).lifetime == 0


def test_files_are_given_as_to_a_run() -> None:
    """A list of files here, or what each path is to have; over those of the template."""
    templates = {"one": {"files": {"a.txt": "/a", "b.txt": "/b"}}}
    settings = SessionExport(session_templates=templates)
    assert wanted(settings, {"files": ["in/rows.csv"]}).files == {"rows.csv": "in/rows.csv"}
    chosen = wanted(settings, {"template": "one", "files": {"b.txt": b"x"}})
    assert chosen.files == {"a.txt": "/a", "b.txt": b"x"}


@pytest.mark.parametrize("timeout", [0, -1.0, float("nan"), "5", True])
def test_a_timeout_is_a_time(timeout: Any) -> None:
    """What is none is refused before anything runs."""
    with pytest.raises(InvalidRequest, match="timeout"):
        order_of("1", {"timeout": timeout})


def test_code_is_a_text() -> None:
    """Anything else would fail in the middle of a run."""
    code: Any = b"1"
    with pytest.raises(InvalidRequest, match="code"):
        order_of(code, {})


@pytest.mark.parametrize(
    "wishes",
    [
        {"lifetime": -1},
        {"lifetime": "5"},
        {"lifetime": float("inf")},
        {"env": {"A": 1}},
        {"env": {1: "a"}},
        {"files": "a.txt"},
        {"files": [b"a"]},
        {"files": {"a.txt": 1}},
    ],
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
