"""What can't be recorded as it came costs itself only, and its execution says so."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_session_export.errors import ContentDamaged
from jupyter_session_export.recording import archivist, track
from jupyter_session_export.recording.recorder import Recorder
from jupyter_session_export.recording.refs import intern
from jupyter_session_export.records.content import Sealed
from jupyter_session_export.records.execution import Execution, Status
from tests.unit.recording.fake_sink import FakeSink
from tests.unit.recording.feed import FedKernel

TOO_DEEP = 200_000
"""No Python reads JSON that is nested so deep."""


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


def show_json(kernel: FedKernel, msg_id: str, json: str) -> None:
    """Display JSON that the test's own Python may not be able to write."""
    frames = kernel.frames(msg_id, "display_data", {})
    frames[-1] = b'{"data": {"application/json": %s}, "metadata": {}}' % json.encode()
    frames[2] = kernel._session.sign(frames[3:7])
    kernel.put(frames)


async def displayed(recorder: Recorder, sink: FakeSink, kernel: FedKernel, json: str) -> Execution:
    """Return an execution that prints, displays JSON and prints again."""
    kernel.busy("a")
    kernel.stream("a", "before ")
    show_json(kernel, "a", json)
    kernel.stream("a", "after")
    kernel.idle("a")
    await recorder.freeze(sink)
    (execution,) = sink.all()
    assert execution.status is Status.OK
    assert sink.content(execution, "stdout.txt") == b"before after"
    assert sink.content(execution, "source.py") == b"code"
    return execution


async def test_deep_json_is_whole(recorder: Recorder, sink: FakeSink, kernel: FedKernel) -> None:
    """As long as Python can read it at all; a page finds out itself what it shows of it."""
    execution = await displayed(recorder, sink, kernel, nested(700))
    assert not execution.truncated
    assert sink.content(execution, "outputs/output_2.json") == nested(700).encode()
    shown = sink.shown[execution.key]
    assert shown is not None
    assert (shown.outputs, shown.sha256) == (3, None)


async def test_what_cannot_be_read_marks_its_execution(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """The output is missing, and nothing else."""
    execution = await displayed(recorder, sink, kernel, nested(TOO_DEEP))
    assert execution.truncated


async def test_what_cannot_be_handled_marks_its_execution(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the reason; the server's log has it."""

    def fail(line: Any, blobs: Any) -> Any:
        if line["type"] == "display_data":
            raise RuntimeError("a bug")
        return intern(line, blobs)

    monkeypatch.setattr(track, "intern", fail)
    execution = await displayed(recorder, sink, kernel, "[]")
    assert execution.truncated


@pytest.mark.parametrize("error", [RuntimeError("a bug"), ContentDamaged("It is gone.")])
async def test_what_cannot_be_folded_keeps_what_was_printed(
    recorder: Recorder,
    sink: FakeSink,
    kernel: FedKernel,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    """An execution that can't be sealed as a whole has its source and its streams."""

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(archivist, "seal", fail)
    execution = await displayed(recorder, sink, kernel, "[]")
    assert execution.truncated
    assert sink.names(execution) == ["source.py", "stdout.txt", "metadata.json"]


async def test_what_was_printed_may_be_gone_itself(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then its execution is in the record all the same, and the recording goes on."""

    def fail(*_: object, **__: object) -> Sealed:
        raise ContentDamaged("It is gone.")

    kernel.busy("a")
    with monkeypatch.context() as patch:
        patch.setattr(archivist, "seal", fail)
        patch.setattr(archivist, "seal_roughly", fail)
        kernel.idle("a")
        await recorder.freeze(sink)
    kernel.run("b", "printed")
    await recorder.freeze(sink)
    lost, whole = sink.all()
    assert lost.truncated
    assert sink.content(whole, "stdout.txt") == b"printed"


async def test_nothing_ends_the_recorders_thread(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message that can't be had back from the disk costs what was taken with it."""
    queue = recorder._queue
    real = queue.take
    failures = [MemoryError(), RuntimeError("a bug")]

    def take(timeout: float) -> Any:
        if failures:
            raise failures.pop()
        return real(timeout)

    monkeypatch.setattr(queue, "take", take)
    kernel.run("a", "printed")
    await recorder.freeze(sink)
    (execution,) = sink.all()
    assert sink.content(execution, "stdout.txt") == b"printed"
    assert not failures
