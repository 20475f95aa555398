"""What is kept of an execute_reply."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_session_export.recording.folding import Fold, RichOutput
from jupyter_session_export.recording.requests import MOST_PAGE_CHARACTERS, told_by

HELP = {"source": "page", "data": {"text/plain": "help"}, "start": 0}
NEXT = {"source": "set_next_input", "text": "code", "replace": False}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"status": "ok", "execution_count": 1, "user_expressions": {}}, None),
        ({"status": "ok", "payload": [NEXT, HELP, HELP]}, HELP["data"]),
        ({"status": "error", "payload": [HELP]}, None),
        ({"status": "ok", "payload": "what a kernel may say"}, None),
        ({"status": "ok", "payload": [{"source": "page", "data": []}]}, None),
        (
            {
                "status": "ok",
                "payload": [{**HELP, "data": {"text/plain": "x" * (MOST_PAGE_CHARACTERS + 1)}}],
            },
            None,
        ),
    ],
)
def test_help_that_was_asked_for_is_kept(content: dict[str, Any], expected: Any) -> None:
    """The first page of it, as pages show no more; nothing else that the kernel sends along."""
    told = told_by(content)
    assert told.get("page") == expected
    assert told.keys() <= {"status", "execution_count", "page"}


def test_help_is_an_output() -> None:
    """After those that came before it."""
    reply = {"type": "execute_reply", "content": told_by({"status": "ok", "payload": [HELP]})}
    idle = {"type": "status", "content": {"execution_state": "idle"}}
    (output,) = Fold().take([reply, idle]).outputs
    assert output == RichOutput("display_data", {"text/plain": "help"}, {})
