"""What a page may tell."""

from __future__ import annotations

import pytest
from jsonschema import ValidationError

from jupyter_session_export.records.activity import Deed
from jupyter_session_export.server.activity import deeds_of, schema


def test_a_batch_becomes_deeds() -> None:
    """Attributed to who is signed in; the drive of jupyter-collaboration is no part of a path."""
    batch = {
        "events": [
            {"action": "cell.move", "notebook": "RTC:a.ipynb", "index": 2, "old_index": 0},
            {"action": "page.notebook_close", "notebook": "a.ipynb"},
        ],
        "left_out": 3,
    }
    schema().validate(batch)
    assert list(deeds_of(batch, "ada")) == [
        Deed("cell.move", "a.ipynb", "ada", {"index": 2, "old_index": 0}),
        Deed("page.notebook_close", "a.ipynb", "ada", {}),
        Deed("page.left_out", None, "ada", {"events": 3}),
    ]


@pytest.mark.parametrize("name", ["user", "user_id", "source", "time", "session_id"])
def test_who_and_when_is_not_the_pages_to_say(name: str) -> None:
    """The server knows both; and content has no place in a log."""
    with pytest.raises(ValidationError):
        schema().validate({"events": [{"action": "cell.add", "notebook": "a", name: "x"}]})


def test_a_batch_may_tell_only_what_was_left_out() -> None:
    """Of what a page could not send no event may come after."""
    batch = {"events": [], "left_out": 3}
    schema().validate(batch)
    assert list(deeds_of(batch, "ada")) == [Deed("page.left_out", None, "ada", {"events": 3})]
    with pytest.raises(ValidationError):
        schema().validate({"events": []})
