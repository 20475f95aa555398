"""What a websocket tells of widgets and of questions, in each of its layouts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jupyter_client.session import Session
from jupyter_server.services.kernels.connection.base import (
    serialize_binary_message,
    serialize_msg_to_ws_v1,
)

from jupyter_session_export.recording import conversation as module
from jupyter_session_export.recording.conversation import Conversation
from jupyter_session_export.recording.layouts import V1_PROTOCOL, read_client_message
from jupyter_session_export.recording.requests import Answer, Prompt
from jupyter_session_export.recording.wire import Message


class NotingTap:
    def __init__(self) -> None:
        self.moves: list[Message] = []
        self.prompts: list[Prompt] = []
        self.answers: list[Answer] = []

    def moved(self, kernel_id: str, message: Message) -> None:
        self.moves.append(message)

    def asked(self, prompt: Prompt) -> None:
        self.prompts.append(prompt)

    def answered(self, answer: Answer) -> None:
        self.answers.append(answer)

    @property
    def values(self) -> list[str | None]:
        return [answer.value for answer in self.answers]


def message(kind: str, content: Any, parent: Any = None, buffers: Any = ()) -> dict[str, Any]:
    return {
        "channel": "shell" if kind.startswith("comm") else "stdin",
        "header": {"msg_id": "m", "msg_type": kind},
        "parent_header": parent or {},
        "metadata": {},
        "content": content,
        "buffers": list(buffers),
    }


def laid_out(told: dict[str, Any], form: str) -> tuple[str | bytes, str | None]:
    if form == "v1":
        names = ("header", "parent_header", "metadata", "content")
        parts = [*(json.dumps(told[name]).encode() for name in names), *told["buffers"]]
        return serialize_msg_to_ws_v1(parts, told["channel"]), V1_PROTOCOL
    if form == "binary":
        return serialize_binary_message(told), None
    return json.dumps({**told, "buffers": []}), None


@pytest.fixture
def tap() -> NotingTap:
    return NotingTap()


@pytest.fixture
def conversation(tap: NotingTap) -> Conversation:
    return Conversation(tap, "k")


def ask(conversation: Conversation, msg_id: str, parent: str = "cell", **content: Any) -> None:
    session = Session(key=b"key")
    asked = session.msg("input_request", content)
    asked["header"]["msg_id"] = asked["msg_id"] = msg_id
    asked["parent_header"] = {"msg_id": parent, "msg_type": "execute_request"}
    conversation.hear_kernel(("stdin", [b"ident", *session.serialize(asked)]))


def answer(conversation: Conversation, value: Any, to: str = "") -> None:
    parent = {"msg_id": to} if to else None
    conversation.hear_client(json.dumps(message("input_reply", {"value": value}, parent)), None)


@pytest.mark.parametrize("form", ["text", "binary", "v1"])
def test_a_move_in_each_layout(form: str, tap: NotingTap, conversation: Conversation) -> None:
    """What a person does to a widget is passed on with its buffers, whatever the layout."""
    data = {"method": "update", "state": {"value": "é"}, "buffer_paths": [["b"]]}
    told = message("comm_msg", {"comm_id": "a", "data": data}, buffers=[b"one", b""])
    conversation.hear_client(*laid_out(told, form))
    (moved,) = tap.moves
    assert (moved.type, moved.content["data"]) == ("comm_msg", data)
    assert moved.buffers == ([] if form == "text" else [b"one", b""])
    assert not moved.of_execution


def test_large_uploads_are_not_taken(
    tap: NotingTap, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is uploaded by a widget isn't held once more for the record."""
    monkeypatch.setattr(module, "MOST_COMM_BYTES", 1000)
    told = message("comm_msg", {"comm_id": "a", "data": {}}, buffers=[b"x" * 1000])
    conversation.hear_client(*laid_out(told, "v1"))
    assert tap.moves == []


def test_a_question_and_its_answer(tap: NotingTap, conversation: Conversation) -> None:
    """Both belong to the execution that asks."""
    ask(conversation, "q", prompt="Name: ", password=False)
    answer(conversation, "Ada", "q")
    (asked,) = tap.prompts
    assert (asked.msg_id, asked.prompt, asked.password) == ("cell", "Name: ", False)
    assert [(told.msg_id, told.value) for told in tap.answers] == [("cell", "Ada")]


def test_a_gateway_tells_a_question_as_text(tap: NotingTap, conversation: Conversation) -> None:
    """Only there a connection passes on one JSON text; told twice, an answer is one."""
    parent = {"msg_id": "cell", "msg_type": "execute_request"}
    told = message("input_request", {"prompt": "?", "password": False}, parent)
    conversation.hear_kernel((json.dumps(told),))
    answer(conversation, "yes", "m")
    answer(conversation, "yes", "m")
    assert tap.values == ["yes"]


@pytest.mark.parametrize("password", [True, None, "false", 1])
@pytest.mark.parametrize("to", ["q", ""])
def test_a_password_is_never_passed_on(
    tap: NotingTap, conversation: Conversation, password: Any, to: str
) -> None:
    """Nor the answer to anything that is not plainly no password."""
    ask(conversation, "q", prompt="Key: ", password=password)
    answer(conversation, "hunter2", to)
    assert tap.prompts[0].password
    assert tap.values == [None]


def test_an_answer_that_may_be_a_password_is_none(
    tap: NotingTap, conversation: Conversation
) -> None:
    """An unknown question's answer goes nowhere; without a parent, any open password hides it."""
    answer(conversation, "hunter2")
    answer(conversation, "hunter2", "unknown")
    ask(conversation, "secret", prompt="", password=True)
    ask(conversation, "plain", prompt="", password=False)
    answer(conversation, "hunter2", "unknown")
    answer(conversation, "hunter2")
    assert tap.values == [None]
    answer(conversation, "hunter2", "secret")
    ask(conversation, "plain", prompt="", password=False)
    answer(conversation, "fine")
    assert tap.values == [None, None, "fine"]


def test_what_a_callback_asks_belongs_to_no_execution(
    tap: NotingTap, conversation: Conversation
) -> None:
    """Neither the question nor its answer is passed on."""
    parent = {"msg_id": "move", "msg_type": "comm_msg"}
    told = message("input_request", {"prompt": "?", "password": False}, parent)
    conversation.hear_kernel((json.dumps(told),))
    answer(conversation, "yes", "m")
    assert (tap.prompts, tap.answers) == ([], [])


def test_questions_that_nobody_answers_are_bounded(
    tap: NotingTap, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest are forgotten; an answer to one of them is not passed on."""
    monkeypatch.setattr(module, "MOST_QUESTIONS", 2)
    for number in range(3):
        ask(conversation, f"q{number}", prompt="", password=number == 0)
    answer(conversation, "hunter2", "q0")
    answer(conversation, "fine", "q2")
    assert tap.values == ["fine"]


@given(st.binary(max_size=200), st.sampled_from([V1_PROTOCOL, None]))
def test_no_bytes_hang_the_reader(junk: bytes, protocol: str | None) -> None:
    """Whatever comes ends at once: nothing, or an error that the connection never sees."""
    for packed in (junk, len(junk).to_bytes(8, "little") + junk):
        try:
            found = read_client_message(packed, protocol, ["x"])
        except (ValueError, KeyError, TypeError, AttributeError, IndexError):
            continue
        assert found is None
