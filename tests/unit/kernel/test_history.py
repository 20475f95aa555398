"""What a kernel remembers of what it ran."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from jupyter_session_export.kernel import history as module
from jupyter_session_export.kernel.cell_usage import UsageTeller
from jupyter_session_export.kernel.clocks import Clocks
from jupyter_session_export.kernel.history import History


class Kernel:
    """Sends what a kernel sends for an execution, through the teller that remembers it."""

    def __init__(self) -> None:
        self.history = History()
        self._teller = UsageTeller(lambda *_, **__: None, Clocks(None), self.history)

    def begin(self, msg_id: str, code: str, **content: Any) -> dict[str, Any]:
        header = {"msg_id": msg_id, "msg_type": "execute_request"}
        request = {
            "header": header,
            "content": {"code": code, **content},
            "metadata": {"cellId": f"cell of {msg_id}"},
        }
        self._teller.send(None, "status", {"execution_state": "busy"}, parent=request)
        return request

    def end(self, request: dict[str, Any], **reply: Any) -> None:
        if reply:
            # As ipykernel sends it: by position.
            self._teller.send(None, "execute_reply", reply, request, metadata={}, ident=b"")
        self._teller.send(None, "status", {"execution_state": "idle"}, parent=request)

    def run(self, msg_id: str, code: str, **reply: Any) -> None:
        self.end(self.begin(msg_id, code), **reply)


def test_an_execution_is_remembered_with_what_came_of_it() -> None:
    """Code, cell, times, figures and how it ended."""
    kernel = Kernel()
    request = kernel.begin("a", "1 / 0")
    (running,) = kernel.history.running()
    assert (running.number, running.code, running.cell) == (1, "1 / 0", "cell of a")
    kernel.end(request, status="error", ename="ZeroDivisionError", execution_count=7)
    (ended,) = kernel.history.ended()
    assert (ended.head, ended.status, ended.error) == ("1 / 0", "error", "ZeroDivisionError")
    assert ended.execution_count == 7
    assert ended.seconds >= 0
    assert ended.used.cpu_ms >= 0
    assert kernel.history.running() == []


def test_an_interrupt_is_no_error() -> None:
    """As in the record."""
    kernel = Kernel()
    kernel.run("a", "while True: pass", status="error", ename="KeyboardInterrupt")
    assert kernel.history.ended()[0].status == "interrupted"


def test_what_tools_run_is_left_out() -> None:
    """Silent executions, and those that keep no history."""
    kernel = Kernel()
    for options in ({"silent": True}, {"store_history": False}):
        request = kernel.begin("a", "dir()", **options)
        assert kernel.history.running() == []
        kernel.end(request, status="ok")
    assert kernel.history.ended() == []


def test_runs_of_subshells_end_in_any_order() -> None:
    """Each is known by its own request."""
    kernel = Kernel()
    first, second = kernel.begin("a", "long"), kernel.begin("b", "short")
    assert [each.code for each in kernel.history.running()] == ["long", "short"]
    kernel.end(second, status="ok")
    kernel.end(first, status="ok")
    assert [(each.order, each.head) for each in kernel.history.ended()] == [
        (0, "short"),
        (1, "long"),
    ]


def test_only_the_newest_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as there is room for, and of each only how it begins."""
    monkeypatch.setattr(module, "MOST_RUNS", 3)
    kernel = Kernel()
    for number in range(5):
        kernel.run(str(number), f"{number}" * 1000)
    assert [each.order for each in kernel.history.ended()] == [2, 3, 4]
    assert {len(each.head) for each in kernel.history.ended()} == {module.HEAD_CHARACTERS}
    assert kernel.history.count == 5


def test_whoever_shows_it_is_told() -> None:
    """At each begin and end."""
    kernel, told = Kernel(), list[int]()

    def tell() -> None:
        told.append(len(kernel.history.running()))

    other: list[bool] = []
    kernel.history.listen(lambda: other.append(True))
    kernel.history.listen(tell)
    kernel.run("a", "1")
    assert told == [1, 0]
    kernel.history.forget(tell)
    kernel.run("b", "1")
    assert told == [1, 0]
    assert len(other) == 4


def test_what_the_record_has_not_is_known_by_comparing() -> None:
    """Of those that it can have by then; what came late is there the next time."""
    kernel = Kernel()
    for name in "abc":
        kernel.run(name, "1")
    kernel.history.compare(["b"], until=2)
    assert kernel.history.unrecorded == {0}
    kernel.history.compare(["a", "b"], until=3)
    assert kernel.history.unrecorded == {2}
    assert [each.msg_id for each in kernel.history.ended()] == ["a", "b", "c"]


def test_what_is_no_request_is_nothing() -> None:
    """Messages may be anything, and must never break the kernel."""
    history = History()
    history.begin("a", {"header": {}}, 0.0)
    history.reply("a", "no object")
    assert history.running() == []
    assert copy.copy(history.ended()) == []
