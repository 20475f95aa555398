"""How an execution ends: by its kernel's end, and by that of its session."""

from __future__ import annotations

import threading

import pytest

from jupyter_session_export.errors import (
    SessionNotFound,
)
from jupyter_session_export.recording.recorder import Recorder
from jupyter_session_export.recording.requests import Reply
from jupyter_session_export.records.execution import Status
from jupyter_session_export.records.times import now
from tests.unit.recording.fake_sink import FakeSink
from tests.unit.recording.feed import FedKernel


async def test_settle_waits_for_the_idle_of_a_reply(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """A freeze right after a reply has the whole execution, though iopub is behind."""
    kernel.busy("a")
    recorder.kernels.replied(Reply("k1", "a", now(), {"status": "ok"}))
    timer = threading.Timer(0.1, lambda: (kernel.stream("a", "last"), kernel.idle("a")))
    timer.start()
    await recorder.freeze(sink)
    timer.join()
    (execution,) = sink.all()
    assert execution.status is Status.OK
    assert sink.content(execution, "stdout.txt") == b"last"


async def test_kernel_death(recorder: Recorder, sink: FakeSink, kernel: FedKernel) -> None:
    """What ran when a kernel died is lost with its cause; a later start counts up."""
    kernel.busy("a")
    kernel.stream("a", "so far")
    recorder.kernels.died("k1", "kernel died (signal SIGKILL)")
    kernel.run("b")
    sink.wait_ended(1)
    sink.wait_for(lambda: "kernel.died" in sink.actions())
    await recorder.freeze(sink)
    lost = next(e for e in sink.all() if e.key.msg_id == "a")
    assert (lost.status, lost.cause) == (Status.LOST, "kernel died (signal SIGKILL)")
    assert sink.content(lost, "stdout.txt") == b"so far"
    assert lost.finished_at is not None


@pytest.mark.parametrize(
    ("replied", "status"), [(False, Status.LOST), (True, Status.OK)], ids=["unheard", "replied"]
)
async def test_an_end_that_the_kernel_dropped(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel, replied: bool, status: Status
) -> None:
    """The next execution tells that it came; both the gap and what it cut are in the record."""
    kernel.busy("a")
    for number in range(50):
        kernel.frames("a", "stream", {"name": "stdout", "text": str(number)})
    if replied:
        recorder.kernels.replied(Reply(kernel.id, "a", now(), {"status": "ok"}))
    kernel.run("b", "whole")
    await recorder.freeze(sink)
    cut, whole = sink.all()
    assert (cut.status, cut.truncated) == (status, True)
    assert (whole.status, whole.truncated) == (Status.OK, False)
    (gap,) = [line.detail for line in sink.lines if line.action == "recording.gap"]
    assert gap["messages"] >= 50


async def test_detach_ends_and_closes(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """Detaching seals what runs as lost and closes the sink; the session is unknown then."""
    kernel.busy("a")
    await recorder.detach_session(sink.session.id)
    assert sink.closed
    assert (sink.all()[0].status, sink.all()[0].cause) == (Status.LOST, "session ended")
    with pytest.raises(SessionNotFound):
        recorder.state(sink.session.id)


async def test_detach_tells_its_cause(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """What still runs at the end is lost to what ended it, such as the server's stop."""
    kernel.busy("a")
    await recorder.detach_session(sink.session.id, "server stopped")
    assert sink.all()[0].cause == "server stopped"
