"""What is asked of a debugger at a stop, and what its answers become."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.recording.debugging import capture as capture_module
from jupyter_session_export.recording.debugging.capture import Capture
from tests.unit.recording.debugging.fake_debugger import FakeDebugger


def captured(debugger: FakeDebugger, answers: int = 10_000, *, modules: bool = True) -> Capture:
    """Answer so many requests, and all later ones with nothing."""
    capture = Capture(1, with_modules=modules)
    steps = capture.steps()
    answer: dict[str, Any] | None = None
    for number in range(10_000):
        try:
            ask = next(steps) if answer is None else steps.send(answer)
        except StopIteration:
            return capture
        answer = debugger.answer(ask.command, ask.arguments) if number < answers else {}
    raise AssertionError("it asks without end")


def names(scope: dict[str, Any]) -> list[str]:
    return [variable["name"] for variable in scope["variables"]]


def test_stack_scopes_and_variables() -> None:
    """Each frame has its place and variables; globals, which all share, only the first."""
    capture = captured(FakeDebugger(frames=3))
    assert [(f["name"], f["line"]) for f in capture.frames] == [("f1", 11), ("f2", 12), ("f3", 13)]
    scopes = [[scope["name"] for scope in frame["scopes"]] for frame in capture.frames]
    assert scopes == [["Locals", "Globals"], ["Locals"], ["Locals"]]
    first = capture.frames[0]["scopes"][0]["variables"][0]
    assert (first["name"], first["type"], first["value"]) == ("v0", "list", "[1]")
    assert names(first) == ["v0", "v1", "v2"]
    assert "variables" not in capture.frames[1]["scopes"][0]["variables"][0]
    assert capture.modules == ("abc", "json")
    assert capture.info is not None
    assert not capture.cuts


def test_nothing_is_asked_that_could_harm() -> None:
    """No request is ever sent that starts a debugger, changes anything or crashes a kernel."""
    debugger = FakeDebugger(frames=60, kind="DataFrame")
    captured(debugger)
    assert set(debugger.asked) == {
        "debugInfo",
        "stackTrace",
        "scopes",
        "variables",
        "richInspectVariables",
        "modules",
    }


def test_debugger_that_is_not_started_is_not_asked_on() -> None:
    """Where debugInfo says that it isn't started, that was the only request."""
    debugger = FakeDebugger(started=False)
    capture = captured(debugger)
    assert debugger.asked == ["debugInfo"]
    assert capture.cuts == ["the debugger says that nothing is stopped"]


@pytest.mark.parametrize("answers", range(12))
def test_capture_may_be_given_up_at_any_step(answers: int) -> None:
    """What was answered is kept, and nothing that wasn't looks as if it were empty."""
    capture = captured(FakeDebugger(), answers)
    for frame in capture.frames:
        for scope in frame["scopes"]:
            assert scope["variables"]
            assert all(one.get("variables", True) for one in scope["variables"])
    assert len(capture.frames) == (2 if answers >= 2 else 0)


def test_only_tables_are_shown_richly() -> None:
    """Showing anything else could have any effect; of a table only texts are kept."""
    table = captured(FakeDebugger(kind="DataFrame")).frames[0]["scopes"][0]["variables"]
    assert [one.get("rich") for one in table] == [
        {"text/html": "<b>v0</b>"},
        {"text/html": "<b>v1</b>"},
        None,
    ]
    assert "rich" not in json.dumps(captured(FakeDebugger(kind="Widget")).frames)


def test_depth_count_and_bytes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """However large a program is, a stop isn't; it says what was left out."""
    monkeypatch.setattr(capture_module, "STOP_CHARACTERS", 50_000)
    capture = captured(FakeDebugger(frames=500, variables=1000, value="x" * 10_000))
    assert any("variables of one place left out" in cut for cut in capture.cuts), capture.cuts
    assert len(capture.frames) == capture_module.MOST_FRAMES
    assert len(json.dumps(capture.frames)) < 100_000
    first = capture.frames[0]["scopes"][0]["variables"][0]
    assert len(first["value"]) == capture_module.VALUE_CHARACTERS
    assert first["truncated"]
    assert "the first 50 frames only" in capture.cuts


WORDS = (
    "name value type id line source path scopes variables stackFrames variablesReference "
    "data modules isStarted stoppedThreads totalFrames"
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(WORDS.split(" ")), inner, max_size=5)
    ),
    max_leaves=20,
)
BODIES = st.dictionaries(
    st.sampled_from(["scopes", "variables", "stackFrames", "data", "modules", "isStarted"]),
    ANYTHING,
    max_size=4,
)


@given(st.lists(BODIES, max_size=30))
def test_debugger_may_answer_anything(answers: list[dict[str, Any]]) -> None:
    """Whatever a debugger says, the capture ends, and is JSON."""
    left = iter(answers)
    debugger = FakeDebugger()
    debugger.answer = lambda command, arguments: next(left, {})  # type: ignore[method-assign]
    capture = captured(debugger)
    told = [capture.frames, capture.info, list(capture.modules)]
    assert json.loads(json.dumps(told, allow_nan=False)) == told
