"""From a kernel's debug events and a person's requests to debug sessions in the record."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

import pytest
from jupyter_client.session import Session

from jupyter_session_export.recording.debugging import DebugReply, DebugRequest, ongoing
from jupyter_session_export.recording.debugging.kernel import NO_DEBUGGER, NO_THREAD, UNSEEN
from jupyter_session_export.recording.debugging.murmur import murmur2
from jupyter_session_export.recording.recorder import Recorder
from jupyter_session_export.records.debugging import DebugItem
from jupyter_session_export.records.purge import PurgeScope
from tests.unit.recording.fake_sink import FakeSink
from tests.unit.recording.feed import KEY, FedKernel

AT = datetime(2026, 1, 31, 12, tzinfo=timezone.utc)
CODE = "print(1)"
PATH = f"/tmp/ipykernel_1/{murmur2(CODE.encode())}.py"  # noqa: S108  # never opened


def publish(kernel: FedKernel, event: str, **body: Any) -> None:
    """Publish a debug_event, as a part of no execution."""
    session = Session(key=KEY)
    parent = session.msg("debug_request")["header"]
    content = {"type": "event", "event": event, "body": body}
    kernel.put([b"topic", *session.serialize(session.msg("debug_event", content, parent=parent))])


def stop(kernel: FedKernel, **more: Any) -> None:
    publish(kernel, "stopped", reason="breakpoint", **{"threadId": 1, **more})


def set_breakpoints(kernel: FedKernel, msg_id: str, *lines: int) -> None:
    wanted = [{"line": line, "condition": "secret > 1"} for line in lines]
    arguments = {"source": {"path": PATH}, "breakpoints": wanted}
    told = kernel.recorder.kernels
    told.debug_requested(DebugRequest(kernel.id, msg_id, AT, "setBreakpoints", arguments))
    body = {"breakpoints": [{"line": line, "verified": True} for line in lines]}
    told.debug_replied(DebugReply(kernel.id, msg_id, json.dumps({"body": body}).encode()))


def items(sink: FakeSink, kind: str) -> list[DebugItem]:
    return [item for item in sink.debug_items if item.kind == kind]


async def test_session_from_start_to_end(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """A debug session has the events from its first on, and ends with the debugger."""
    publish(kernel, "thread", reason="exited")
    publish(kernel, "initialized")
    publish(kernel, "process", name="kernel")
    publish(kernel, "terminated")
    publish(kernel, "thread", reason="exited")
    publish(kernel, "initialized")
    await recorder.freeze(sink)
    first, second = sink.debug_sessions.values()
    assert (first.kernel.id, first.incarnation, first.end) == ("k1", 1, "stopped by its user")
    assert second.ended_at is None
    events = [(item.session, item.content["event"]) for item in items(sink, "event")]
    assert events == [(1, "initialized"), (1, "process"), (1, "terminated"), (2, "initialized")]
    assert first.digest != second.digest


async def test_stop_that_may_not_be_captured_is_recorded(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """It says why: no debugger to be asked, nobody's requests seen, no thread told."""
    stop(kernel)
    await recorder.freeze(sink)
    recorder.kernels.started(kernel.id, {"debugger": True})
    stop(kernel)
    stop(kernel, threadId=None)
    await recorder.freeze(sink)
    stops = [item.content for item in items(sink, "stop")]
    assert [one["incomplete"] for one in stops] == [NO_DEBUGGER, UNSEEN, NO_THREAD]
    assert [one["number"] for one in stops] == [1, 2, 3]
    assert stops[0]["frames"] == []


async def test_breakpoint_and_stop_know_their_cell(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """A breakpoint is the cell's whose text its file is named by; a stop is the running one's."""
    recorder.kernels.started(kernel.id, {"debugger": True})
    publish(kernel, "initialized")
    set_breakpoints(kernel, "m", 3)
    kernel.busy("a", CODE)
    stop(kernel)
    set_breakpoints(kernel, "n", 3, 4)
    kernel.idle("a")
    await recorder.freeze(sink)
    (session,) = sink.debug_sessions.values()
    assert [(one.line, one.verified) for one in session.breakpoints] == [(3, True), (4, True)]
    assert [one.cell.execution for one in session.breakpoints if one.cell] == [1, 1]
    (stopped,) = items(sink, "stop")
    assert stopped.execution == 1
    assert stopped.content["cell"]["folder"] == sink.all()[0].folder


async def test_nothing_of_a_pause_is_recorded(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """What comes during a pause isn't there, and that something came is."""
    publish(kernel, "initialized")
    recorder.pause(sink.session.id)
    await recorder.commit(sink.session.id)
    stop(kernel)
    set_breakpoints(kernel, "m", 3)
    await recorder.freeze(sink)
    recorder.resume(sink.session.id)
    publish(kernel, "continued", threadId=1)
    await recorder.freeze(sink)
    (session,) = sink.debug_sessions.values()
    assert session.truncated
    assert session.breakpoints == ()
    assert [item.content["event"] for item in items(sink, "event")] == ["initialized", "continued"]
    assert not items(sink, "stop")


async def test_nothing_is_recorded_while_its_notebook_is_off(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """A notebook that its owner turned off has no stops, events or breakpoints either."""
    recorder.kernels.opened_notebook(kernel.id, "row", "private.ipynb")
    await recorder.pause_notebook(sink.session.id, "private.ipynb", off=True)
    publish(kernel, "initialized")
    stop(kernel)
    set_breakpoints(kernel, "m", 3)
    await recorder.freeze(sink)
    assert not sink.debug_sessions
    assert not items(sink, "stop")
    assert not items(sink, "event")


async def test_end_of_the_kernel_ends_the_session(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """A debug session ends with its process, and says how."""
    publish(kernel, "initialized")
    await recorder.freeze(sink)
    await recorder.detach_session(sink.session.id, "the end")
    assert sink.debug_sessions[1].end == "the end"
    assert sink.debug_sessions[1].ended_at


async def test_purge_takes_what_goes_on_along(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """Conditions and events are gone, and don't come back with what is recorded next."""
    publish(kernel, "initialized")
    set_breakpoints(kernel, "m", 3)
    stop(kernel)
    await recorder.purge(sink.session.id, PurgeScope())
    assert sink.debug_items == []
    publish(kernel, "continued", threadId=1)
    await recorder.freeze(sink)
    (session,) = sink.debug_sessions.values()
    assert session.truncated
    assert "secret" not in json.dumps(session.to_json())
    assert [item.content["event"] for item in sink.debug_items] == ["continued"]


async def test_purge_of_a_notebook_finds_it_by_its_new_name(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """A debug session that goes on follows its notebook through all renames."""
    recorder.kernels.opened_notebook(kernel.id, "row", "d/a.ipynb")
    publish(kernel, "initialized")
    set_breakpoints(kernel, "m", 3)
    recorder.kernels.relocated("d", "e")
    recorder.kernels.renamed_notebook(kernel.id, "row", "e/a.ipynb", "b.ipynb")
    await recorder.purge(sink.session.id, PurgeScope(notebook="b.ipynb"))
    (session,) = sink.debug_sessions.values()
    assert session.notebook == "b.ipynb"
    assert session.breakpoints == ()


async def test_session_is_bounded(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Events beyond the limit are counted, and a large one keeps its name only."""
    monkeypatch.setattr(ongoing, "MOST_EVENTS", 3)
    publish(kernel, "initialized")
    publish(kernel, "output", output="x" * 100_000)
    for _ in range(5):
        publish(kernel, "continued", threadId=1)
    await recorder.freeze(sink)
    events = [item.content for item in items(sink, "event")]
    assert len(events) == 3
    assert (events[1]["body"], events[1]["truncated"]) == (None, True)
    assert sink.debug_sessions[1].dropped == 4


async def test_failing_store_spares_the_kernel(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """A debug event that can't be kept stops the recording as anything else does."""
    publish(kernel, "initialized")
    await recorder.freeze(sink)
    sink.failing = True
    publish(kernel, "output", output="1")
    publish(kernel, "terminated")
    sink.wait_for(lambda: recorder.state(sink.session.id) == "stopped")
    sink.failing = False
