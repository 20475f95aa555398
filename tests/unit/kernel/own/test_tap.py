from __future__ import annotations

import threading
from functools import partial
from typing import Any

import pytest
from jupyter_client.session import Session

from jupyter_session_export.kernel.own import tap as tap_module
from jupyter_session_export.kernel.own.tap import Answered, Asked, Published, Tap


class IopubThread:
    """What a kernel publishes by."""

    def __init__(self) -> None:
        self.sent: list[list[Any]] = []

    def send_multipart(self, frames: list[Any], copy: bool = True) -> None:
        self.sent.append(frames)


class Kernel:
    """A kernel's two ways out, with a tap on them."""

    def __init__(self) -> None:
        self.session = Session(key=b"key")
        self.iopub = IopubThread()
        self.begun = 0
        self.left: list[bool] = []
        self.tap = Tap(self.session, self.iopub, begun=self._begin, leaving=self.left.append)
        self.tap.install()

    def _begin(self) -> None:
        self.begun += 1

    def request(self, code: str = "1", msg_type: str = "execute_request", **more: Any) -> Any:
        return self.session.msg(msg_type, {"code": code, **more})

    def publish(self, msg_type: str, content: dict[str, Any], request: Any, **more: Any) -> None:
        self.session.send(self.iopub, msg_type, content, parent=request, **more)

    def busy(self, request: Any) -> None:
        self.publish("status", {"execution_state": "busy"}, request)

    def idle(self, request: Any) -> None:
        self.publish("status", {"execution_state": "idle"}, request)


@pytest.fixture
def kernel() -> Kernel:
    return Kernel()


def test_nothing_is_kept_before_the_first_execution(kernel: Kernel) -> None:
    """A kernel that runs nothing, or what tools ask silently, costs nothing and has no session."""
    for request in (kernel.request(msg_type="kernel_info_request"), kernel.request(silent=True)):
        kernel.busy(request)
        kernel.idle(request)
    assert kernel.tap.take() == []
    assert (kernel.begun, kernel.tap.keeps) == (0, False)
    assert len(kernel.iopub.sent) == 4


def test_an_execution_is_heard_in_order(kernel: Kernel) -> None:
    """Its request comes before its busy, its reply before its idle."""
    request = kernel.request("x")
    kernel.busy(request)
    kernel.publish("stream", {"name": "stdout", "text": "out"}, request)
    reply = {"status": "ok", "execution_count": 1}
    kernel.session.send(IopubThread(), "execute_reply", reply, request)
    kernel.idle(request)
    asked, busy, stream, answered, idle = kernel.tap.take()
    assert isinstance(asked, Asked)
    assert asked.request is request
    assert isinstance(answered, Answered)
    assert (answered.msg_id, answered.content) == (request["header"]["msg_id"], reply)
    for heard, sent in zip((busy, stream, idle), kernel.iopub.sent, strict=True):
        assert isinstance(heard, Published)
        assert heard.frames == sent
        assert heard.size == sum(map(len, sent))
    assert kernel.begun == 1


def test_buffers_are_kept_as_they_were(kernel: Kernel) -> None:
    """They may be memory that the user goes on writing to."""
    request, buffer = kernel.request(), bytearray(b"before")
    kernel.busy(request)
    kernel.publish("display_data", {}, request, buffers=[memoryview(buffer)])
    buffer[:] = b"after!"
    heard = kernel.tap.take()[-1]
    assert isinstance(heard, Published)
    assert heard.frames[-1] == b"before"


def test_the_backlog_is_bounded(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    """What doesn't fit is counted; an idle always fits, since without it nothing ends."""
    monkeypatch.setattr(tap_module, "MOST_BYTES", 2000)
    request = kernel.request()
    kernel.busy(request)
    for _ in range(10):
        kernel.publish("stream", {"name": "stdout", "text": "x" * 1000}, request)
    kernel.idle(request)
    kept = kernel.tap.take()
    missed = kernel.tap.take_missed()
    assert missed is not None
    assert missed.messages == 10 + 3 - len(kept)
    assert isinstance(kept[-1], Published)
    assert b"idle" in kept[-1].frames[-1]
    assert kernel.tap.take_missed() is None
    assert len(kernel.iopub.sent) == 12
    kernel.publish("stream", {"name": "stdout", "text": "room again"}, request)
    assert len(kernel.tap.take()) == 1


def test_a_removed_tap_leaves_no_trace(kernel: Kernel) -> None:
    """The methods are the kernel's own again."""
    kernel.tap.remove()
    assert "send" not in vars(kernel.session)
    assert "send_multipart" not in vars(kernel.iopub)
    kernel.busy(kernel.request())
    assert kernel.begun == 0


def test_a_tap_beneath_another_wrapper_falls_silent(kernel: Kernel) -> None:
    """Whoever wrapped the method later goes on working."""
    wrapped = kernel.session.send
    kernel.session.send = partial(wrapped)
    kernel.tap.remove()
    kernel.busy(kernel.request())
    assert len(kernel.iopub.sent) == 1
    assert kernel.begun == 0


@pytest.mark.parametrize("restart", [True, False])
def test_a_farewell_is_told(kernel: Kernel, restart: bool) -> None:
    """A restart goes on in the same session, an end ends it."""
    request = kernel.request(msg_type="shutdown_request")
    kernel.session.send(IopubThread(), "shutdown_reply", {"restart": restart}, request)
    assert kernel.left == [restart]


def test_messages_of_threads_are_all_heard(kernel: Kernel) -> None:
    """Nothing is locked, and nothing gets lost while it is taken."""
    request, heard = kernel.request(), []
    kernel.busy(request)

    def print_much() -> None:
        for _ in range(200):
            kernel.publish("stream", {"name": "stdout", "text": "x"}, request)

    threads = [threading.Thread(target=print_much) for _ in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        kernel.tap.wait(0.01)
        heard += kernel.tap.take()
    heard += kernel.tap.take()
    assert len(heard) == 2 + 4 * 200
