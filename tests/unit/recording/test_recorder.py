"""From a kernel's messages to what is in the record."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from jupyter_session_export.recording.recorder import Recorder
from jupyter_session_export.recording.requests import Reply, Request
from jupyter_session_export.records.activity import ACTIVITY, LogLine
from jupyter_session_export.records.execution import Status
from jupyter_session_export.records.times import now
from tests.unit.recording.fake_sink import FakeSink
from tests.unit.recording.feed import FedKernel


def request(msg_id: str, **more: object) -> Request:
    return Request(
        kernel_id="k1", msg_id=msg_id, code=f"code of {msg_id}", received_at=now(), **more
    )  # type: ignore[arg-type]


async def test_execution_from_busy_to_idle(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """An execution has its source, streams, outputs and metadata, and touches no spool."""
    kernel.busy("a", "print(1)", 7)
    kernel.stream("a", "1\n")
    kernel.stream("a", "oh\n", "stderr")
    kernel.send("a", "execute_result", data={"text/plain": "2"}, metadata={}, execution_count=7)
    kernel.idle("a")
    await recorder.freeze(sink)
    (execution,) = sink.all()
    assert execution.status is Status.OK
    assert execution.execution_count == 7
    assert sink.heads[execution.key] == "print(1)"
    assert sink.names(execution)[:5] == [
        "source.py",
        "stdout.txt",
        "stderr.txt",
        "outputs.json",
        "outputs/output_3.txt",
    ]
    assert json.loads(sink.content(execution, "metadata.json")) == execution.to_json()
    assert [o.file for o in execution.outputs] == [
        "stdout.txt",
        "stderr.txt",
        "outputs/output_3.txt",
    ]
    assert not sink.folder.exists()


async def test_repeated_msg_id(recorder: Recorder, sink: FakeSink, kernel: FedKernel) -> None:
    """A msg_id used again after its execution ended is a new execution."""
    kernel.run("a", "first")
    kernel.run("a", "second")
    kernel.run("a", "third")
    await recorder.freeze(sink)
    assert [e.key.repeat for e in sink.all()] == [0, 1, 2]
    texts = [sink.content(e, "stdout.txt") for e in sink.all()]
    assert texts == [b"first", b"second", b"third"]


async def test_interleaved_executions(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """Messages belong to their parent, whatever runs beside it."""
    kernel.busy("a")
    kernel.busy("b")
    for _ in range(3):
        kernel.stream("a", "A")
        kernel.stream("b", "B")
    kernel.idle("b")
    kernel.stream("a", "A")
    kernel.idle("a")
    await recorder.freeze(sink)
    assert [sink.content(e, "stdout.txt") for e in sink.all()] == [b"AAAA", b"BBB"]


async def test_silent_runs_and_aborted_ones(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """Busy and idle alone is an aborted cell after a failure, else a silent run of nobody."""
    kernel.busy("silent", None)
    kernel.idle("silent")
    kernel.busy("fails")
    kernel.send("fails", "error", ename="E", evalue="v", traceback=["t"])
    kernel.idle("fails")
    kernel.busy("aborted", None)
    kernel.idle("aborted")
    kernel.busy("loud", None)
    kernel.stream("loud", "x")
    kernel.idle("loud")
    await recorder.freeze(sink)
    assert [(e.key.msg_id, e.status, e.tool) for e in sink.all()] == [
        ("fails", Status.ERROR, False),
        ("aborted", Status.ABORTED, False),
        ("loud", Status.OK, True),
    ]


async def test_reply_before_and_after_idle(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """A reply changes the outcome whenever it comes, and nothing when it says nothing new."""
    recorder.kernels.requested(request("early", cell_id="c"))
    recorder.kernels.replied(Reply("k1", "early", now(), {"status": "aborted"}))
    kernel.busy("early", None)
    kernel.idle("early")
    kernel.run("late")
    await recorder.freeze(sink)
    writes = sink.writes
    recorder.kernels.replied(Reply("k1", "late", now(), {"status": "ok", "execution_count": 1}))
    await recorder.freeze(sink)
    assert sink.writes == writes
    content = {"status": "error", "ename": "E", "evalue": "v", "traceback": []}
    recorder.kernels.replied(Reply("k1", "late", now(), content))
    await recorder.freeze(sink)
    early, late = sink.all()
    assert (early.status, early.cell_id) == (Status.ABORTED, "c")
    assert sink.content(early, "source.py") == b"code of early"
    assert late.status is Status.ERROR
    assert late.error is not None
    assert late.error.name == "E"


async def test_freeze_has_what_runs(recorder: Recorder, sink: FakeSink, kernel: FedKernel) -> None:
    """A running execution is frozen with its outputs so far, and goes on."""
    kernel.busy("a")
    kernel.stream("a", "one ")
    position = await recorder.freeze(sink)
    (execution,) = sink.all()
    assert position == sink.position
    assert execution.status is Status.RUNNING
    assert sink.content(execution, "stdout.txt") == b"one "
    kernel.stream("a", "two")
    kernel.idle("a")
    await recorder.freeze(sink)
    assert sink.content(sink.all()[0], "stdout.txt") == b"one two"
    assert sink.all()[0].status is Status.OK


async def test_freeze_without_the_asker(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """The execution that asks for an export is not sealed by it."""
    kernel.busy("asker")
    kernel.stream("asker", "exporting")
    await recorder.freeze(sink, "asker")
    assert sink.names(sink.all()[0]) == []


async def test_display_update_of_an_earlier_cell(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """An update reaches the execution that shows it, once its own is sealed."""
    kernel.busy("a")
    kernel.show("a", "old", "d")
    kernel.show("a", "other", "e")
    kernel.idle("a")
    await recorder.freeze(sink)
    kernel.busy("b")
    for step in range(100):
        kernel.show("b", f"step {step}", "d", msg_type="update_display_data")
    kernel.idle("b")
    await recorder.freeze(sink)
    shown, updating = sink.all()
    assert sink.content(shown, "outputs/output_1.txt") == b"step 99"
    assert sink.content(shown, "outputs/output_2.txt") == b"other"
    assert sink.document(updating) == []
    raw = sink.content(shown, ".raw.jsonl").decode()
    assert raw.count("update_display_data") == 1


async def test_display_under_a_known_id_updates_both(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """As in JupyterLab, displaying under an id again updates what was there before."""
    kernel.busy("a")
    kernel.show("a", "old", "d")
    kernel.idle("a")
    kernel.busy("b")
    kernel.show("b", "new", "d")
    kernel.idle("b")
    await recorder.freeze(sink)
    assert [sink.content(e, "outputs/output_1.txt") for e in sink.all()] == [b"new", b"new"]


async def test_overflow_is_a_gap(sink: FakeSink) -> None:
    """What the queue can't hold is noted, and the execution marked; the rest is whole."""
    recorder = Recorder(queue_bytes=20_000, spill_bytes=0)
    recorder.attach_session(sink)
    kernel = FedKernel(recorder, sink.session.id)
    kernel.busy("a")
    for _ in range(1000):
        kernel.stream("a", "x" * 100)
    recorder.start()
    sink.wait_for(lambda: "recording.gap" in sink.actions())
    kernel.idle("a")
    await recorder.aclose()
    (execution,) = sink.all()
    assert execution.truncated
    (gap,) = (line for line in sink.lines if line.action == "recording.gap")
    kept = len(sink.content(execution, "stdout.txt")) // 100
    assert gap.detail["messages"] == 1000 - kept
    assert 0 < kept < 1000


@pytest.mark.parametrize(("user", "expected"), [("grace", "grace"), ("ada", "ada"), (None, "ada")])
async def test_an_execution_is_its_users(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel, user: str | None, expected: str
) -> None:
    """The one whose websocket sent it; the session's, where that has no name that lasts."""
    recorder.kernels.requested(request("a", user=user, client="tab"))
    kernel.run("a")
    await recorder.freeze(sink)
    assert sink.all()[0].user_id == expected
    assert sink.all()[0].client == "tab"


def test_log_lines(recorder: Recorder, sink: FakeSink) -> None:
    """Lines that others write go into the session's log."""
    line = LogLine(ACTIVITY, now(), sink.session.id, "ada", "export.begun")
    recorder.log(sink.session.id, line)
    sink.wait_for(lambda: line.action in sink.actions())
    (told,) = sink.lines
    assert replace(told, time=line.time) == line


async def test_a_commit_seals_nothing(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """What runs stays as it is, and what it has printed is counted, once it is sealed no more."""
    kernel.busy("a")
    kernel.stream("a", "12345")
    kernel.stream("a", "123", "stderr")
    assert await recorder.commit(sink.session.id) == 8
    assert sink.all()[0].status is Status.RUNNING
    assert sink.writes == 0
    await recorder.freeze(sink)
    assert await recorder.commit(sink.session.id) == 0
    kernel.stream("a", "67")
    assert await recorder.commit(sink.session.id) == 2
    kernel.idle("a")
    await recorder.freeze(sink)
    assert await recorder.commit(sink.session.id) == 0


@pytest.mark.parametrize(
    ("end", "cause"), [("restarting", "restarted"), ("stopping", "kernel was shut down")]
)
async def test_what_a_kernel_answers_to_its_end_is_no_end_of_its_own(
    recorder: Recorder,
    sink: FakeSink,
    kernel: FedKernel,
    monkeypatch: pytest.MonkeyPatch,
    end: str,
    cause: str,
) -> None:
    """It may do so before a mark got behind what it had sent: Bash says "abort" then."""
    kernel.busy("a", "sleep 600")
    kernel.stream("a", "before\n")
    marks: list[Callable[[], None]] = []
    with monkeypatch.context() as late:
        late.setattr(recorder.subscriber, "mark", lambda _, command: marks.append(command))
        getattr(recorder.kernels, end)("k1")
    recorder.kernels.replied(Reply("k1", "a", now(), {"status": "abort"}))
    kernel.idle("a")
    for mark in marks:
        recorder.subscriber.mark("k1", mark)
    await recorder.freeze(sink)
    (execution,) = sink.all()
    assert (execution.status, execution.cause) == (Status.INTERRUPTED, cause)
