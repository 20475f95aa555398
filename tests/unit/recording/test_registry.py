"""What is remembered of kernels."""

from __future__ import annotations

import asyncio

import pytest

from jupyter_session_export.recording.kernelstate import MOST_CLIENTS, KernelState
from jupyter_session_export.recording.queue import Command
from jupyter_session_export.recording.recorder import Recorder
from jupyter_session_export.recording.requests import Request
from jupyter_session_export.records.execution import Kernel, Status
from jupyter_session_export.records.times import now
from tests.unit.recording.fake_sink import FakeSink
from tests.unit.recording.feed import FedKernel


async def test_a_stopped_kernel_is_forgotten(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """Once all that it ran is sealed, nothing is left of a kernel that was shut down."""
    kernel.run("a", "x")
    kernel.busy("b")
    kernel.stream("b", "y" * 2_000_000)
    recorder.kernels.requested(Request(kernel_id="k1", msg_id="c", code="code", received_at=now()))
    recorder.kernels.stopped("k1")
    sink.wait_ended(3)

    async def forgotten() -> None:
        while recorder.kernels._states._states:
            await recorder.settle(sink.session.id)

    await asyncio.wait_for(forgotten(), 20)
    a, b, c = sink.all()
    assert (a.status, b.status, c.status) == (Status.OK, Status.LOST, Status.LOST)
    assert sink.content(b, "stdout.txt") == b"y" * 2_000_000


async def test_a_kernel_id_may_come_back(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kernel that starts again under the id of one that was stopped is recorded.

    Also where what stopped the first is handled only when the second is there.
    """
    kernel.busy("lost")
    marks: list[Command] = []
    with monkeypatch.context() as late:
        late.setattr(recorder.subscriber, "mark", lambda _, command: marks.append(command))
        recorder.kernels.stopped("k1")
    again = FedKernel(recorder, sink.session.id)
    again.run("a", "again")
    for mark in marks:
        recorder._queue.call(mark)
    again.run("b", "and again")
    await recorder.freeze(sink)
    lost, *others = sink.all()
    assert (lost.status, lost.cause) == (Status.LOST, "kernel was shut down")
    assert [sink.content(one, "stdout.txt") for one in others] == [b"again", b"and again"]
    assert sink.actions().count("kernel.shutdown") == 1


def test_clients_are_bounded() -> None:
    """However many websockets come and go, only the latest clients are known."""
    state = KernelState(Kernel("k", "python3", "python", ".py"), "s", None)
    state.connect("first", "ada")
    for number in range(2 * MOST_CLIENTS):
        state.connect("first", "ada")
        state.connect(str(number), None)
    assert len(state.clients) == MOST_CLIENTS
    assert state.clients["first"] == "ada"
