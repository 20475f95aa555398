"""Breakpoints as requests and answers set, move and remove them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.recording.debugging import breakpoints
from jupyter_session_export.recording.debugging.breakpoints import (
    Breakpoints,
    confirmed,
    informed,
    requested,
)

AT = datetime(2026, 1, 31, 12, tzinfo=timezone.utc)
LATER = AT + timedelta(seconds=5)


def request(path: str, *lines: int, **more: Any) -> dict[str, Any]:
    return {"source": {"path": path}, "breakpoints": [{"line": line, **more} for line in lines]}


def set_lines(known: Breakpoints, path: str) -> list[int | None]:
    return [one.line for one in known if one.path == path and one.removed_at is None]


def test_request_names_all_of_its_file() -> None:
    """What a later request leaves out is removed, and stays in the record; other files' stay."""
    known = requested((), request("a.py", 1, 2), AT)
    known = requested(known, request("b.py", 9), AT)
    known = requested(known, request("a.py", 2, 3), LATER)
    assert set_lines(known, "a.py") == [2, 3]
    assert set_lines(known, "b.py") == [9]
    (gone,) = [one for one in known if one.removed_at]
    assert (gone.line, gone.set_at, gone.removed_at) == (1, AT, LATER)


def test_condition_makes_another_breakpoint() -> None:
    """A condition that is set, changed or taken away is told with its times."""
    known = requested((), request("a.py", 1), AT)
    known = requested(known, request("a.py", 1, condition="x > 1"), LATER)
    assert [(one.condition, one.removed_at) for one in known] == [(None, LATER), ("x > 1", None)]


def test_debugger_may_move_a_breakpoint() -> None:
    """The line is the one that the debugger really stops at."""
    asked = request("a.py", 1, 5)
    known = requested((), asked, AT)
    answer = {"breakpoints": [{"line": 2, "verified": True}, {"line": 5, "verified": False}]}
    known = confirmed(known, asked, answer)
    assert [(one.line, one.verified) for one in known] == [(2, True), (5, False)]
    assert requested(known, request("a.py", 2, 5), LATER) == known


def test_debug_info_adds_what_nobody_was_seen_to_set() -> None:
    """A breakpoint that is known keeps its condition, others come without one."""
    known = requested((), request("a.py", 1, condition="x"), AT)
    info = {"breakpoints": [{"source": "a.py", "breakpoints": [{"line": 1}, {"line": 7}]}]}
    known = informed(known, info, LATER)
    assert [(one.line, one.condition) for one in known] == [(1, "x"), (7, None)]
    assert informed(known, info, LATER) == known


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["source", "path", "breakpoints", "line", "condition", "verified"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["source", "breakpoints"]), ODD), ODD)
def test_anything_may_be_said(arguments: dict[str, Any], answer: Any) -> None:
    """Whatever clients and kernels say, there is a bounded list of breakpoints."""
    known = requested((), arguments, AT)
    known = confirmed(known, arguments, answer if isinstance(answer, dict) else {})
    known = informed(known, answer if isinstance(answer, dict) else {}, AT)
    assert len(known) <= breakpoints.MOST
    for one in known:
        assert type(one).from_json(one.to_json()) == one
