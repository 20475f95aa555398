"""The tap on kernel websockets, on connections that only note what reaches them."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from jupyter_client.session import Session
from jupyter_server.services.kernels.connection.base import (
    serialize_binary_message,
    serialize_msg_to_ws_v1,
)

from jupyter_session_export.recording.debugging import DebugReply, DebugRequest
from jupyter_session_export.recording.layouts import V1_PROTOCOL
from jupyter_session_export.recording.recorder import Recorder
from jupyter_session_export.recording.requests import Reply, Request
from jupyter_session_export.recording.websocket import recording_connection
from jupyter_session_export.recording.wire import Message
from jupyter_session_export.records.execution import Kernel, Status
from tests.unit.recording.fake_sink import FakeSink


@dataclass
class NotingTap:
    requests: list[Request] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    documents: list[bytes] = field(default_factory=list)
    debug: list[Any] = field(default_factory=list)
    clients: list[tuple[str, str, str | None]] = field(default_factory=list)
    moves: list[Message] = field(default_factory=list)

    def connected(self, kernel_id: str, client: str, user: str | None) -> None:
        self.clients.append((kernel_id, client, user))

    def requested(self, request: Request) -> None:
        self.requests.append(request)

    def replied(self, reply: Reply) -> None:
        self.replies.append(reply)

    def overheard(self, kernel_id: str, document: bytes) -> None:
        self.documents.append(document)

    def moved(self, kernel_id: str, message: Message) -> None:
        self.moves.append(message)

    def debug_requested(self, request: DebugRequest) -> None:
        self.debug.append((request.msg_id, request.command, request.arguments))

    def debug_replied(self, reply: DebugReply) -> None:
        self.debug.append((reply.msg_id, reply.content))

    def debug_stop_shown(self, kernel_id: str, stop_id: str) -> None:
        self.debug.append((kernel_id, stop_id))


class Connection:
    """Stands for any configured connection class."""

    kernel_id = "k"
    session_id = "tab"
    subprotocol: str | None = None
    websocket_handler = SimpleNamespace(current_user=SimpleNamespace(username="grace"))

    def __init__(self) -> None:
        self.passed: list[Any] = []

    def connect(self) -> str:
        return "connected"

    def handle_incoming_message(self, message: Any) -> None:
        self.passed.append(message)

    def handle_outgoing_message(self, *args: Any) -> None:
        self.passed.append(args)


def connection(tap: Any) -> Any:
    return recording_connection(Connection, tap, lambda user: user.username)()


def request(**content: Any) -> dict[str, Any]:
    return {
        "channel": "shell",
        "header": {"msg_id": "m", "msg_type": "execute_request", "date": "2026-01-01T00:00:00Z"},
        "parent_header": {},
        "metadata": {"cellId": "c"},
        "content": {"code": "é", "silent": False, "store_history": True, **content},
        "buffers": [],
    }


def as_v1(message: dict[str, Any]) -> bytes:
    packed: bytes = serialize_msg_to_ws_v1(message, "shell", lambda part: json.dumps(part).encode())
    return packed


@pytest.mark.parametrize("form", ["text", "binary", "v1"])
def test_request_in_each_form(form: str) -> None:
    """Each protocol's request is reported once, and passed on untouched."""
    tap = NotingTap()
    tapped = connection(tap)
    message: Any = json.dumps(request())
    if form == "binary":
        message = serialize_binary_message({**request(), "buffers": [b"buffer"]})
    elif form == "v1":
        tapped.subprotocol = V1_PROTOCOL
        message = as_v1(request())
    tapped.handle_incoming_message(message)
    assert tapped.passed == [message]
    (told,) = tap.requests
    assert (told.msg_id, told.code, told.cell_id) == ("m", "é", "c")
    assert (told.user, told.client) == ("grace", "tab")
    assert told.store_history


def test_silent_is_no_history() -> None:
    """A silent request is stored in no history, whatever it says of that."""
    tap = NotingTap()
    connection(tap).handle_incoming_message(json.dumps(request(silent=True)))
    assert tap.requests[0].silent
    assert not tap.requests[0].store_history


@pytest.mark.parametrize(
    "message",
    ["execute_request", b"execute_request", '{"header": 1, "x": "execute_request"}', None, b"\xff"],
)
def test_rubbish_is_passed_on(message: Any) -> None:
    """What can't be read is the connection's business, and no error of ours."""
    tap = NotingTap()
    tapped = connection(tap)
    tapped.handle_incoming_message(message)
    assert tapped.passed == [message]
    assert tap.requests == []


def test_rubbish_is_warned_of_now_and_then(caplog: pytest.LogCaptureFixture) -> None:
    """A client that sends nothing readable doesn't fill the log."""
    tapped = connection(NotingTap())
    with caplog.at_level(logging.WARNING):
        for _ in range(1000):
            tapped.handle_incoming_message("execute_request")
    assert len(caplog.records) == 1
    assert caplog.records[0].exc_info


def test_code_that_speaks_of_requests() -> None:
    """Only a message of that type is a request, not one that mentions it."""
    tap = NotingTap()
    message = request()
    message["header"]["msg_type"] = "comm_msg"
    connection(tap).handle_incoming_message(json.dumps({**message, "x": "execute_request"}))
    assert tap.requests == []


def test_reply_in_frames() -> None:
    """A ZeroMQ connection's shell reply is reported; its iopub isn't, that has its own way."""
    tap = NotingTap()
    session = Session(key=b"k")
    parent = session.msg("execute_request")
    content = {"status": "ok", "execution_count": 3, "payload": []}
    reply = session.serialize(session.msg("execute_reply", content, parent=parent["header"]))
    tapped = connection(tap)
    tapped.handle_outgoing_message(SimpleNamespace(channel="shell"), [b"ident", *reply])
    tapped.handle_outgoing_message("iopub", [b"topic", *reply])
    tapped.handle_outgoing_message("shell", [b"rubbish"])
    (told,) = tap.replies
    assert told.msg_id == parent["header"]["msg_id"]
    assert told.content == {"status": "ok", "execution_count": 3}
    assert len(tapped.passed) == 3


def test_connect_names_the_user() -> None:
    """Opening a websocket tells which user a client is."""
    tap = NotingTap()
    assert connection(tap).connect() == "connected"
    assert tap.clients == [("k", "tab", "grace")]


async def test_gateway(recorder: Recorder, sink: FakeSink) -> None:
    """A gateway's kernel is recorded by its websockets alone, each message once."""
    recorder.kernels.add(Kernel("k", "python3", "python", ".py"), sink.session.id, None)
    first, second = connection(recorder.kernels), connection(recorder.kernels)
    message = json.dumps(request())
    first.handle_incoming_message(message)
    first.handle_incoming_message(message)
    session = Session()
    parent = {"msg_id": "m", "msg_type": "execute_request", "session": "tab"}

    def tell(msg_type: str, channel: str = "iopub", **content: Any) -> None:
        told = session.msg(msg_type, content)
        told["header"]["date"] = told["header"]["date"].isoformat()
        text = json.dumps(
            {
                "channel": channel,
                "header": told["header"],
                "parent_header": parent,
                "metadata": {},
                "content": content,
            }
        )
        first.handle_outgoing_message(text)
        second.handle_outgoing_message(text)

    tell("status", execution_state="busy")
    tell("execute_input", code="é", execution_count=1)
    tell("stream", name="stdout", text="once")
    tell("execute_reply", "shell", status="ok", execution_count=1)
    tell("status", execution_state="idle")
    await recorder.freeze(sink)
    (execution,) = sink.all()
    assert execution.status is Status.OK
    assert execution.cell_id == "c"
    assert sink.content(execution, "stdout.txt") == b"once"


@pytest.mark.parametrize("form", ["text", "v1"])
def test_debug_request_is_told_before_the_kernel_gets_it(form: str) -> None:
    """Whoever asks the debugger too knows of a person's request before it is passed on."""
    tap = NotingTap()
    tapped = connection(tap)
    content = {"type": "request", "command": "next", "arguments": {"threadId": 1}}
    message: Any = {
        **request(),
        "channel": "control",
        "header": {"msg_id": "d", "msg_type": "debug_request"},
        "content": content,
    }
    if form == "v1":
        tapped.subprotocol = V1_PROTOCOL
        sent: Any = serialize_msg_to_ws_v1(
            message, "control", lambda part: json.dumps(part).encode()
        )
    else:
        sent = json.dumps(message)
    tapped.handle_incoming_message(sent)
    assert tapped.passed == [sent]
    assert tap.debug == [("d", "next", {"threadId": 1})]
    assert tap.requests == []


def debug_frames(msg_type: str, content: dict[str, Any]) -> tuple[str, list[bytes]]:
    """Return the msg_id and frames of an answer to the request `d`."""
    session = Session(key=b"key")
    message = session.msg(msg_type, content, parent={"header": {"msg_id": "d"}})
    return message["header"]["msg_id"], session.serialize(message)


def test_debug_reply_and_stop_are_told() -> None:
    """Answers and stops are told as they pass; other events of a debugger aren't."""
    tap = NotingTap()
    tapped = connection(tap)
    body = {"success": True, "body": {"stackFrames": []}}
    _, reply = debug_frames("debug_reply", body)
    _, info = debug_frames("kernel_info_reply", {})
    stop_id, stop = debug_frames("debug_event", {"event": "stopped", "body": {"threadId": 1}})
    _, event = debug_frames("debug_event", {"event": "continued", "body": {"threadId": 1}})
    for channel, frames in (
        ("control", reply),
        ("control", info),
        ("iopub", stop),
        ("iopub", event),
    ):
        tapped.handle_outgoing_message(channel, frames)
    (told, shown) = tap.debug
    assert (told[0], json.loads(told[1])) == ("d", body)
    assert shown == ("k", stop_id)


def test_large_debug_reply_is_told_without_its_content() -> None:
    """What is too large to be read is an answer all the same."""
    tap = NotingTap()
    _, frames = debug_frames("debug_reply", {"body": {"result": "x" * 2_000_000}})
    connection(tap).handle_outgoing_message("control", frames)
    assert tap.debug == [("d", b"")]
