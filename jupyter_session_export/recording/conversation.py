"""What a person tells a running kernel over one websocket: widgets that move, answers to `input()`.

An answer is passed on only where the very question is known not to be for a password, as
`getpass` asks: else it never leaves the connection's own hands.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from typing import Any, Protocol

from ..records.times import now
from .encoding import to_text
from .layouts import ClientMessage, read_client_message
from .requests import Answer, Prompt
from .wire import COMM_TYPES, DELIMITER, Message

ANSWER = "input_reply"
QUESTION = "input_request"
HEARD = COMM_TYPES | {ANSWER}
MOST_COMM_BYTES = 4 * 1024 * 1024
"""A larger message of a widget, as a file that is uploaded, isn't taken."""
MOST_QUESTIONS = 100
_ATTRIBUTE = "_session_export_conversation"


class Tap(Protocol):
    """What hears of it: `Recorder.kernels`."""

    def moved(self, kernel_id: str, message: Message) -> None: ...
    def asked(self, prompt: Prompt) -> None: ...
    def answered(self, answer: Answer) -> None: ...


class Conversation:
    """Of one connection; it knows the questions that wait for an answer."""

    def __init__(self, tap: Tap, kernel_id: str) -> None:
        self._tap = tap
        self._kernel_id = kernel_id
        self._questions: OrderedDict[str, Prompt] = OrderedDict()

    @classmethod
    def of(cls, connection: Any, tap: Tap) -> Conversation:
        """Return a connection's own, from its first message to its last."""
        found = getattr(connection, _ATTRIBUTE, None)
        if found is None:
            found = cls(tap, connection.kernel_id)
            setattr(connection, _ATTRIBUTE, found)
        return found

    def hear_client(self, message: str | bytes, protocol: str | None) -> None:
        """Take what a client sends."""
        told = read_client_message(message, protocol, HEARD)
        if told is None:
            return
        if told.type == ANSWER:
            self._take_answer(told)
        elif len(message) <= MOST_COMM_BYTES:
            moved = Message(told.header, ("", "", ""))
            moved.content, moved.metadata, moved.buffers = told.content, told.metadata, told.buffers
            self._tap.moved(self._kernel_id, moved)

    def hear_kernel(self, args: tuple[Any, ...]) -> None:
        """Take what a connection passes on to its client: (stream, frames), or a gateway's text."""
        if len(args) == 2:
            stream, frames = args
            channel = stream if isinstance(stream, str) else getattr(stream, "channel", None)
            if channel == "stdin":
                at = frames.index(DELIMITER)
                parts = (to_text(bytes(part)) for part in frames[at + 2 : at + 6])
                header, parent, _, content = (json.loads(part) for part in parts)
                self._take_question(header, parent, content)
        elif args:
            text = to_text(args[0]) if isinstance(args[0], bytes) else args[0]
            if QUESTION in text:
                document = json.loads(text)
                self._take_question(
                    document["header"], document["parent_header"], document["content"]
                )

    def _take_question(
        self, header: dict[str, Any], parent: dict[str, Any], content: dict[str, Any]
    ) -> None:
        if header.get("msg_type") != QUESTION:
            return
        # What a widget's callback asks belongs to no execution.
        is_of_execution = parent.get("msg_type") == "execute_request"
        prompt = Prompt(
            self._kernel_id,
            str(parent["msg_id"]) if is_of_execution else "",
            str(header["msg_id"]),
            str(content.get("prompt", "")),
            # Whatever is not plainly false may be a password.
            password=content.get("password", False) is not False,
            asked_at=now(),
        )
        self._questions[prompt.id] = prompt
        while len(self._questions) > MOST_QUESTIONS:
            self._questions.popitem(last=False)
        if prompt.msg_id:
            self._tap.asked(prompt)

    def _take_answer(self, told: ClientMessage) -> None:
        """Pass on an answer; to which question is in its parent, else it is the last one."""
        known = str(told.parent.get("msg_id", ""))
        secret = any(prompt.password for prompt in self._questions.values())
        if known:
            prompt = self._questions.pop(known, None)
            secret = prompt is None or prompt.password
        else:
            prompt = self._questions.popitem()[1] if self._questions else None
        if prompt is None or not prompt.msg_id:
            return
        value = told.content.get("value")
        if secret or not isinstance(value, str):
            value = None
        self._tap.answered(Answer(self._kernel_id, prompt.msg_id, prompt.id, value, now()))
