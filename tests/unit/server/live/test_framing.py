"""Events as lines."""

from __future__ import annotations

import json

import pytest

from jupyter_session_export.records.timing import StageTiming
from jupyter_session_export.server.live.framing import (
    NDJSON,
    SSE,
    beat,
    framed,
    to_json,
    wanted_kind,
)
from jupyter_session_export.sessions.events import (
    Event,
    Finished,
    Missed,
    Output,
    Progress,
    Stderr,
    Stdout,
)
from jupyter_session_export.sessions.result import RunResult

EVENTS: list[Event] = [
    Stdout("line\n\ndata: x"),
    Stderr("\u2028"),
    Output({"output_type": "display_data", "data": {}, "metadata": {}}),
    Progress(StageTiming("executing", 0.0, 1.0)),
    Missed(5),
    Finished(RunResult(session_id="a", number=1)),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_is_one_line(event: Event) -> None:
    """Whatever was printed: nothing in it ends the line, or looks like another field."""
    told = to_json(event)
    line = framed(told, NDJSON)
    assert line.count(b"\n") == 1
    assert json.loads(line) == told
    name, data, *rest = framed(told, SSE).split(b"\n")
    assert name == b"event: " + told["event"].encode()
    assert json.loads(data.removeprefix(b"data: ")) == told
    assert rest == [b"", b""]


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("", None),
        ("*/*", None),
        ("application/json", None),
        ("application/x-ndjson", NDJSON),
        ("text/html, Text/Event-Stream;q=0.9", SSE),
    ],
)
def test_who_wants_events_says_so(accept: str, kind: str | None) -> None:
    """By the header; everybody else gets the result."""
    assert wanted_kind(accept) == kind


def test_a_beat_says_nothing() -> None:
    """An empty line, or a comment."""
    assert (beat(NDJSON), beat(SSE)) == (b"\n", b":\n\n")
