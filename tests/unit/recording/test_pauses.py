"""What runs in a pause is nowhere."""

from __future__ import annotations

from jupyter_session_export.recording.recorder import Recorder
from jupyter_session_export.recording.requests import Request
from jupyter_session_export.records.execution import Status
from jupyter_session_export.records.times import now
from tests.unit.recording.fake_sink import FakeSink
from tests.unit.recording.feed import FedKernel


async def test_pause(recorder: Recorder, sink: FakeSink, kernel: FedKernel) -> None:
    """A paused stretch leaves two activity lines, no content, and a truncated execution."""
    kernel.busy("runs")
    kernel.stream("runs", "before ")
    recorder.pause(sink.session.id)
    kernel.stream("runs", "secret")
    kernel.idle("runs")
    kernel.run("hidden", "secret")
    kernel.busy("begins hidden")
    recorder.resume(sink.session.id)
    kernel.stream("begins hidden", "secret")
    kernel.idle("begins hidden")
    kernel.run("after", "after")
    await recorder.freeze(sink)
    executions = sink.all()
    assert [e.key.msg_id for e in executions] == ["runs", "after"]
    assert executions[0].truncated
    assert executions[0].status is Status.OK
    assert sink.content(executions[0], "stdout.txt") == b"before "
    actions = [a for a in sink.actions() if a.startswith("recording")]
    assert actions == ["recording.paused", "recording.resumed"]
    assert recorder.state(sink.session.id) == "on"


async def test_what_was_asked_for_in_a_pause(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """It is recorded, with its cell, if it runs later; not where its kernel dies before that."""
    recorder.pause(sink.session.id)
    for msg_id in ("runs", "never runs"):
        recorder.kernels.requested(
            Request(
                kernel_id=kernel.id, msg_id=msg_id, code="code", cell_id=msg_id, received_at=now()
            )
        )
    recorder.resume(sink.session.id)
    kernel.run("runs")
    recorder.kernels.died("k1", "kernel died")
    sink.wait_for(lambda: "kernel.died" in sink.actions())
    await recorder.freeze(sink)
    (execution,) = sink.all()
    assert (execution.cell_id, execution.status) == ("runs", Status.OK)
    assert sink.content(execution, "source.py") == b"code"
