"""What a client may ask an export to hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.errors import InvalidRequest
from jupyter_session_export.exports.request import Asker, ExportRequest
from jupyter_session_export.records.sections import DEFAULT_INCLUDE, SECTIONS


def test_an_empty_request_takes_everything_but_the_workspace() -> None:
    """Nothing asked for is a whole session without its folder."""
    request = ExportRequest.parse({})
    assert request.scope == "session"
    assert request.include == DEFAULT_INCLUDE
    assert "workspace" not in request.sections
    assert request.compression == "maximum"


@given(st.lists(st.sampled_from(SECTIONS), min_size=1))
def test_sections_are_the_same_as_list_and_as_text(names: list[str]) -> None:
    """A query's comma list means what a JSON list means, in the ZIP's order."""
    listed = ExportRequest.parse({"include": names})
    written = ExportRequest.parse({"include": ", ".join(names)})
    assert listed == written
    assert listed.sections == [name for name in SECTIONS if name in names]


@pytest.mark.parametrize(
    "body",
    [
        {"include": ["code", "nonsense"]},
        {"include": []},
        {"include": 3},
        {"include": [3]},
        {"scope": "all"},
        {"scope": "notebook"},
        {"compression": "best"},
        {"tools": "perhaps"},
        {"tools": []},
        {"path": 3},
        {"client_id": "x" * 5000},
        {"scope": "notebook", "path": "a\0b"},
        {"asked_by": "me"},
        {"asked_by": {"kernel_id": 1, "msg_id": "x"}},
    ],
)
def test_what_is_not_allowed_is_refused(body: dict[str, object]) -> None:
    """A wrong parameter is an error that names it, never a guess."""
    with pytest.raises(InvalidRequest) as caught:
        ExportRequest.parse(body)
    assert caught.value.message


def test_the_settings_give_the_default_compression() -> None:
    """A request that says nothing of compression takes the server's default."""
    assert ExportRequest.parse({}, compression="fast").compression == "fast"
    assert ExportRequest.parse({"compression": "maximum"}, compression="fast").compression == (
        "maximum"
    )


@pytest.mark.parametrize(
    ("value", "wanted"),
    [(True, True), ("true", True), ("", False), (None, False), ("false", False)],
)
def test_tools_are_asked_for(value: object, wanted: bool) -> None:
    """In JSON and in a query; left out unless asked for."""
    assert ExportRequest.parse({"tools": value}).tools is wanted


def test_who_asked_is_kept() -> None:
    """The asking execution is known by kernel and message."""
    body = {"asked_by": {"kernel_id": "k", "msg_id": "m"}}
    assert ExportRequest.parse(body).asked_by == Asker("k", "m")
