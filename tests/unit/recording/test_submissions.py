"""Cells that the server itself is asked to run."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from tornado import web

from jupyter_session_export.recording.recorder import Recorder
from jupyter_session_export.recording.requests import Request
from jupyter_session_export.recording.submissions import watch_submissions
from jupyter_session_export.records.times import now
from tests.unit.recording.fake_sink import FakeSink
from tests.unit.recording.feed import FedKernel


class Stack:
    """What runs cells, as jupyter-server-nbmodel has it."""

    def __init__(self) -> None:
        self.taken: list[Any] = []

    def put(self, kernel_id: str, snippet: str, metadata: Any = None, server: Any = None) -> str:
        self.taken.append((kernel_id, snippet, metadata, server))
        return "uid"


class NotingTap:
    def __init__(self) -> None:
        self.requests: list[Request] = []

    def submitted(self, request: Request) -> None:
        self.requests.append(request)


class BrokenTap:
    def submitted(self, request: Request) -> None:
        raise OSError("broken")


def application(stack: Stack) -> web.Application:
    routes = [("/execute", {"execution_stack": stack}), ("/input", {"execution_stack": stack})]
    handlers = [(path, web.RequestHandler, options) for path, options in routes]
    app = web.Application([("/other", web.RequestHandler)])
    app.add_handlers(".*", handlers)
    return app


def test_what_is_submitted_is_told_once_and_passed_on() -> None:
    """Though several routes have the same stack."""
    stack, tap = Stack(), NotingTap()
    watch_submissions(application(stack), tap, lambda user: user)
    assert stack.put("k", "1", {"cell_id": "c"}, "elsewhere") == "uid"
    assert stack.put("k", "2") == "uid"
    assert stack.taken == [("k", "1", {"cell_id": "c"}, "elsewhere"), ("k", "2", None, None)]
    assert [(one.code, one.cell_id) for one in tap.requests] == [("1", "c"), ("2", None)]


def test_a_failing_report_stops_no_cell(caplog: pytest.LogCaptureFixture) -> None:
    """It is warned of instead."""
    stack = Stack()
    watch_submissions(application(stack), BrokenTap(), lambda user: user)
    with caplog.at_level(logging.WARNING):
        assert stack.put("k", "1") == "uid"
    assert len(caplog.records) == 1


def submit(recorder: Recorder, kernel: FedKernel, code: str, cell_id: str) -> None:
    told = {"kernel_id": kernel.id, "msg_id": "", "code": code, "cell_id": cell_id}
    recorder.kernels.submitted(Request(**told, received_at=now(), user="grace"))


async def test_what_was_submitted_in_a_pause_is_over_with_it(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """The next run of the same code isn't taken for it; what a page runs meanwhile isn't either."""
    recorder.kernels.connected(kernel.id, "tab", "ada")
    recorder.pause(sink.session.id)
    submit(recorder, kernel, "code", "hidden")
    kernel.run("a")
    submit(recorder, kernel, "code", "later")
    kernel.parent("page", "tab")
    kernel.run("page")
    recorder.resume(sink.session.id)
    kernel.run("b")
    kernel.run("c")
    await recorder.freeze(sink)
    assert [one.cell_id for one in sink.all()] == ["later", None]


async def test_the_next_local_run_of_its_code_is_the_cell(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """What was given up before is forgotten; a page's own run of the same code isn't meant."""
    for code, cell_id in (("given up", "zero"), ("code", "one"), ("code", "two")):
        submit(recorder, kernel, code, cell_id)
    recorder.kernels.requested(
        Request(kernel_id=kernel.id, msg_id="p", code="code", received_at=now(), client="page")
    )
    kernel.run("p")
    kernel.run("a")
    kernel.run("x", code="given up")
    kernel.run("b")
    kernel.run("c")
    await recorder.freeze(sink)
    assert [one.cell_id for one in sink.all()] == [None, "one", None, "two", None]
    assert [one.user_id for one in sink.all()] == ["ada", "grace", "ada", "grace", "ada"]
