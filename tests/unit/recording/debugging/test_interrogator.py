"""Asking a debugger over a real control channel, as its turns allow."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import zmq
from jupyter_client.session import Session

from jupyter_session_export.recording.channels import Channels
from jupyter_session_export.recording.debugging import interrogator as interrogator_module
from jupyter_session_export.recording.debugging import pace as pace_module
from jupyter_session_export.recording.debugging import turns as turns_module
from jupyter_session_export.recording.debugging.capture import Capture
from jupyter_session_export.recording.debugging.interrogator import MUTE, Interrogator
from jupyter_session_export.recording.debugging.pace import BUSY, SLOW, WENT_ON
from jupyter_session_export.recording.debugging.turns import Turns
from tests.unit.recording.debugging.fake_debugger import FakeDebugger

KEY = b"the kernel's key"
SECONDS = 20.0
Before = Callable[[str], None]


class ControlChannel:
    """A kernel's control channel, which a fake debugger answers; None: nobody answers."""

    def __init__(self, debugger: FakeDebugger | None) -> None:
        self.debugger = debugger
        self.before: Before = lambda command: None
        self.context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._socket = self.context.socket(zmq.ROUTER)
        port = self._socket.bind_to_random_port("tcp://127.0.0.1")
        self.channels = Channels("tcp://127.0.0.1:1", f"tcp://127.0.0.1:{port}", KEY)
        self._session = Session(key=KEY)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def close(self) -> None:
        self._closing.set()
        self._thread.join()
        self._socket.close(linger=0)
        self.context.term()

    def _run(self) -> None:
        while not self._closing.is_set():
            if self._socket.poll(20):
                identities, frames = self._session.feed_identities(self._socket.recv_multipart())
                self._answer(identities, self._session.deserialize(frames))

    def _answer(self, identities: list[bytes], request: dict[str, Any]) -> None:
        if self.debugger is None:
            return
        command = request["content"]["command"]
        self.before(command)
        body = self.debugger.answer(command, request["content"]["arguments"])
        content = {"success": True, "command": command, "body": body}
        for parent in ({"header": {"msg_id": "of another request"}}, request):
            reply = self._session.msg("debug_reply", content, parent=parent)
            self._socket.send_multipart([*identities, *self._session.serialize(reply)])


@pytest.fixture
def control() -> Iterator[ControlChannel]:
    channel = ControlChannel(FakeDebugger(frames=10))
    yield channel
    channel.close()


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch) -> Turns:
    monkeypatch.setattr(turns_module, "QUIET", 0.01)
    turns = Turns()
    turns.shown("stop")
    return turns


@pytest.fixture
def interrogator(control: ControlChannel, turns: Turns) -> Iterator[Interrogator]:
    log = logging.getLogger(__name__)
    interrogator = Interrogator(control.channels, control.context, turns, log)
    yield interrogator
    interrogator.close()
    interrogator.join(SECONDS)
    assert not interrogator.is_alive


def captured(interrogator: Interrogator, stop_id: str = "stop") -> Capture:
    capture, done = Capture(1, with_modules=True), threading.Event()
    interrogator.capture(stop_id, capture, done.set)
    assert done.wait(SECONDS)
    return capture


def informed(interrogator: Interrogator) -> dict[str, Any] | None:
    told: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
    interrogator.inform(told.put)
    return told.get(timeout=SECONDS)


def test_one_request_at_a_time(
    control: ControlChannel, interrogator: Interrogator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stop is captured whole; answers to others are not taken for ours."""
    monkeypatch.setattr(pace_module, "CAPTURE_SECONDS", SECONDS)
    capture = captured(interrogator)
    assert capture.cuts == []
    assert len(capture.frames) == 10
    assert all(frame["scopes"] for frame in capture.frames)


def test_capture_ends_with_the_stop(
    control: ControlChannel, interrogator: Interrogator, turns: Turns
) -> None:
    """As soon as a person steps, no further request is sent; what was answered is kept."""

    def step(command: str) -> None:
        if command == "scopes":
            turns.entered("m", "next", {"threadId": 1})

    control.before = step
    capture = captured(interrogator)
    assert capture.cuts == [WENT_ON]
    assert len(capture.frames) == 10
    assert control.debugger is not None
    assert control.debugger.asked == ["debugInfo", "stackTrace", "scopes"]
    assert captured(interrogator).frames == []


def test_what_a_page_was_told_is_not_asked_again(
    control: ControlChannel, interrogator: Interrogator, turns: Turns
) -> None:
    """Where somebody steps on at once, the stop is what their page was told of it."""
    turns.entered("a", "stackTrace", {"threadId": 1})
    turns.left("a", b'{"body": {"stackFrames": [{"id": 7, "name": "f", "line": 3}]}}')
    turns.entered("b", "next", {"threadId": 1})
    capture = captured(interrogator)
    assert [(frame["name"], frame["line"]) for frame in capture.frames] == [("f", 3)]
    assert capture.cuts == [WENT_ON]
    assert control.debugger is not None
    assert control.debugger.asked == []


def test_person_who_keeps_asking_is_waited_for_in_vain(
    interrogator: Interrogator, turns: Turns, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stop whose person's requests aren't answered in time is left as it is."""
    monkeypatch.setattr(pace_module, "WAIT_SECONDS", 0.1)
    turns.entered("m", "evaluate", {})
    assert captured(interrogator).cuts == [BUSY]


def test_slow_answers_are_the_last(
    control: ControlChannel, interrogator: Interrogator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After some that took long, for which a step would have had to wait, little is asked."""
    monkeypatch.setattr(pace_module, "MOST_SECONDS", 0.0)
    capture = captured(interrogator)
    assert capture.cuts == [SLOW]
    assert capture.info is not None
    assert control.debugger is not None
    asked = ["debugInfo", "stackTrace", "scopes"]
    assert control.debugger.asked == asked
    assert captured(interrogator).cuts == [SLOW]
    assert control.debugger.asked == [*asked, "debugInfo"]


def test_debugger_that_never_answers_is_asked_once(
    control: ControlChannel, interrogator: Interrogator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kernel that only says that it has a debugger costs one timeout."""
    monkeypatch.setattr(interrogator_module, "ANSWER_SECONDS", 0.1)
    control.debugger = None
    assert captured(interrogator).cuts == [MUTE]
    monkeypatch.setattr(interrogator_module, "ANSWER_SECONDS", 1000.0)
    assert captured(interrogator).cuts == [MUTE]
    assert informed(interrogator) is None


def test_debug_info_needs_no_turn(interrogator: Interrogator, turns: Turns) -> None:
    """What a debugger says of itself is asked for also while the program runs."""
    turns.entered("m", "continue", {})
    info = informed(interrogator)
    assert info is not None
    assert info["isStarted"]
