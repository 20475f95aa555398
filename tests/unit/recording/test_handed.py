"""A kernel that hands over its own messages."""

from __future__ import annotations

import time

import pytest

from jupyter_session_export.recording import recorder as recorder_module
from jupyter_session_export.recording.queue import Packet
from jupyter_session_export.recording.recorder import Recorder
from jupyter_session_export.records.execution import Kernel, Status
from tests.unit.recording.fake_sink import FakeSink
from tests.unit.recording.feed import FedKernel

KERNEL = Kernel("own", "python3", "python", ".py")


class OwnKernel(FedKernel):
    """Hands its frames over itself."""

    def __init__(self, recorder: Recorder, session_id: str) -> None:
        super().__init__(recorder, session_id, "own")

    def put(self, frames: list[bytes], at: float | None = None) -> None:
        size = sum(map(len, frames))
        self.recorder.kernels.heard([Packet(self.id, frames, at or time.time(), size)])


@pytest.fixture
def recorder(sink: FakeSink, monkeypatch: pytest.MonkeyPatch) -> Recorder:
    monkeypatch.setattr(recorder_module, "TICK", 0.02)
    recorder = Recorder(listens=False)
    recorder.start()
    recorder.attach_session(sink)
    return recorder


@pytest.fixture
def kernel(recorder: Recorder, sink: FakeSink, monkeypatch: pytest.MonkeyPatch) -> OwnKernel:
    monkeypatch.setattr(recorder.kernels, "add", lambda *_: None)
    kernel = OwnKernel(recorder, sink.session.id)
    recorder.kernels.add_own(KERNEL, sink.session.id)
    return kernel


async def test_what_is_handed_over_is_recorded(
    recorder: Recorder, kernel: OwnKernel, sink: FakeSink
) -> None:
    """Nobody signs to himself, and nobody has to be asked whether all has come."""
    kernel.run("a", "out\n")
    await recorder.freeze(sink)
    (execution,) = sink.all()
    assert execution.status is Status.OK
    recorder.close()


def test_the_end_of_the_kernel_is_the_sessions(
    recorder: Recorder, kernel: OwnKernel, sink: FakeSink
) -> None:
    """What runs is lost with the cause that is told; nobody resumes the session."""
    kernel.busy("a")
    recorder.close(cause="kernel was shut down", end=True)
    (execution,) = sink.all()
    assert (execution.status, execution.cause) == (Status.LOST, "kernel was shut down")
    assert sink.ended_at is not None
    assert sink.closed


def test_what_could_not_be_handed_over_is_a_gap(
    recorder: Recorder, kernel: OwnKernel, sink: FakeSink
) -> None:
    """With how much it was, and the cell that ran then is marked."""
    kernel.busy("a")
    recorder.lose("own", time.time(), 5000, 7)
    sink.wait_for(lambda: any(line.action == "recording.gap" for line in sink.lines))
    (gap,) = [line for line in sink.lines if line.action == "recording.gap"]
    assert (gap.detail["messages"], gap.detail["bytes"]) == (7, 5000)
    recorder.close()
    assert sink.all()[0].truncated
