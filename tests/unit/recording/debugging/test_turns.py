"""Whose turn it is at a debugger."""

from __future__ import annotations

import threading
import time

import pytest

from jupyter_session_export.recording.debugging import turns as turns_module
from jupyter_session_export.recording.debugging.turns import Turns


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch) -> Turns:
    monkeypatch.setattr(turns_module, "QUIET", 0.01)
    monkeypatch.setattr(turns_module, "SHOWN_SECONDS", 0.05)
    return Turns()


def soon(seconds: float = 0.2) -> float:
    return time.monotonic() + seconds


def test_stop_that_is_shown_may_be_asked_about(turns: Turns) -> None:
    """While nobody asks for anything and the program stays where it is, it is our turn."""
    turns.shown("stop")
    assert turns.wait("stop", soon())
    assert turns.take("stop", lambda: "sent") == "sent"


@pytest.mark.parametrize("command", ["next", "continue", "disconnect", "stepIn", "unheardOf"])
def test_stop_is_over_once_the_program_may_go_on(turns: Turns, command: str) -> None:
    """From the request on that may end a stop nothing is sent for it, at no time."""
    turns.shown("stop")
    turns.entered("m", command, {})
    turns.left("m", b"")
    # Another page gets the same stop a little later.
    turns.shown("stop")
    assert not turns.wait("stop", soon())
    assert turns.take("stop", lambda: "sent") is None
    assert turns.is_over("stop")
    turns.shown("next stop")
    assert turns.wait("next stop", soon())


def test_person_comes_first(turns: Turns) -> None:
    """While a person's request isn't answered, none of ours is sent."""
    turns.shown("stop")
    turns.entered("m", "variables", {"variablesReference": 1})
    assert turns.take("stop", lambda: "sent") is None
    assert not turns.wait("stop", soon(0.05))
    assert not turns.is_over("stop")
    threading.Timer(0.02, lambda: turns.left("m", b"{}")).start()
    assert turns.wait("stop", soon(20))


def test_stop_that_no_page_shows_is_nobodys_to_end(turns: Turns) -> None:
    """A stop that no websocket passes on is asked about after a while."""
    assert turns.wait("stop", soon(20))
    turns.reset()
    assert not turns.wait("stop", soon(20))


def test_answers_to_a_person_are_overheard(turns: Turns) -> None:
    """What a page was told of a stop is known, also when the program has gone on."""
    turns.shown("stop")
    turns.entered("a", "stackTrace", {"threadId": 1})
    turns.entered("b", "variables", {"variablesReference": 7, "start": 10})
    turns.left("a", b'{"success": true, "body": {"stackFrames": []}}')
    turns.left("b", b'{"success": true, "body": {"variables": []}}')
    turns.entered("c", "next", {"threadId": 1})
    heard = turns.overheard
    assert heard.find("stop", ("stackTrace", 1)) == {"stackFrames": []}
    assert heard.find("stop", ("variables", 7)) is None
    assert heard.find("other", ("stackTrace", 1)) is None


@pytest.mark.parametrize("content", [b"", b"[]", b'{"success": false, "body": {"a": 1}}', b"{"])
def test_answer_that_is_none_is_empty(turns: Turns, content: bytes) -> None:
    """A failure, or what can't be read, is an answer without anything in it."""
    turns.shown("stop")
    turns.entered("a", "scopes", {"frameId": 1})
    turns.left("a", content)
    assert turns.overheard.find("stop", ("scopes", 1)) == {}
