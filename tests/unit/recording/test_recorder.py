"""From a kernel's messages to what is in the record."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from dataclasses import replace
from datetime import datetime, timezone

import pytest

from jupyter_session_export.errors import (
    ContentDamaged,
    SessionNotFound,
    StoreDamaged,
    StoreUnavailable,
)
from jupyter_session_export.recording.queue import ByteQueue
from jupyter_session_export.recording.recorder import Recorder
from jupyter_session_export.recording.requests import Reply, Request
from jupyter_session_export.records.activity import ACTIVITY, LogLine
from jupyter_session_export.records.content import Sealed
from jupyter_session_export.records.execution import Execution, Status
from jupyter_session_export.records.times import now
from tests.unit.recording.fake_sink import FakeSink
from tests.unit.recording.feed import FedKernel
from tests.waiting import wait_until


def document(sink: FakeSink, execution: Execution) -> list[dict[str, object]]:
    parsed: list[dict[str, object]] = json.loads(sink.content(execution, "outputs.json"))
    return parsed


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


async def test_forged_and_malformed_messages_are_dropped(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """What isn't signed by the kernel, or no message at all, leaves a count and no trace else."""
    kernel.busy("a")
    forged = kernel.frames("a", "stream", {"name": "stdout", "text": "forged"})
    forged[-1] = forged[-1].replace(b"forged", b"FORGED")
    kernel.put(forged)
    kernel.put([b"rubbish"])
    kernel.stream("a", "true")
    kernel.idle("a")
    await recorder.freeze(sink)
    (execution,) = sink.all()
    assert sink.content(execution, "stdout.txt") == b"true"
    sink.wait_for(lambda: "recording.refused" in sink.actions())
    (line,) = (line for line in sink.lines if line.action == "recording.refused")
    assert line.detail == {"forged": 1, "malformed": 1}


async def test_content_of_the_wrong_shape_does_no_harm(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """Signed messages whose content makes no sense don't end the recording."""
    kernel.busy("a")
    kernel.send("a", "stream", name=["x"], text=3)
    kernel.send("a", "display_data", data="text", metadata=[], transient=3)
    kernel.send("a", "error", ename=None, traceback="x")
    kernel.send("a", "execute_result", data={"application/json": {"ref": 1}}, execution_count="x")
    kernel.send("a", "clear_output")
    kernel.idle("a")
    kernel.run("b", "fine")
    await recorder.freeze(sink)
    assert sink.content(sink.all()[1], "stdout.txt") == b"fine"


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


async def test_late_messages_reopen(recorder: Recorder, sink: FakeSink, kernel: FedKernel) -> None:
    """What a thread prints after idle is added to its execution."""
    kernel.run("a", "cell ")
    await recorder.freeze(sink)
    kernel.stream("a", "thread ")
    kernel.stream("a", "again")
    await recorder.freeze(sink)
    (execution,) = sink.all()
    assert sink.content(execution, "stdout.txt") == b"cell thread again"
    assert execution.status is Status.OK


async def test_late_messages_are_sealed_without_a_freeze(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """After a quiet time late messages are sealed by themselves, and the spool goes."""
    kernel.run("a", "cell ")
    await recorder.freeze(sink)
    kernel.stream("a", "thread")
    (execution,) = sink.all()
    sink.wait_for(lambda: sink.content(execution, "stdout.txt") == b"cell thread")
    await asyncio.to_thread(wait_until, lambda: not any(sink.folder.glob("*")))


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
    assert document(sink, updating) == []
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


async def test_store_failure_and_return(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel, caplog: pytest.LogCaptureFixture
) -> None:
    """A full disk stops the recording with one warning; a gap is noted when it works again."""
    kernel.run("before", "kept")
    kernel.busy("runs")
    kernel.stream("runs", "some")
    await recorder.freeze(sink)
    with caplog.at_level(logging.WARNING):
        sink.failing = True
        kernel.run("missed", "x")
        kernel.stream("runs", "more")
        kernel.idle("runs")
        kernel.run("missed too", "x")
        with pytest.raises(StoreUnavailable):
            await recorder.freeze(sink)
        assert recorder.state(sink.session.id) == "stopped"
        assert recorder.reason(sink.session.id) == "The disk is full."
    assert len([r for r in caplog.records if "has stopped" in r.message]) == 1
    sink.failing = False
    sink.wait_for(lambda: "recording.gap" in sink.actions())
    kernel.run("after", "fine")
    await recorder.freeze(sink)
    executions = {e.key.msg_id: e for e in sink.all()}
    assert recorder.state(sink.session.id) == "on"
    assert sink.content(executions["before"], "stdout.txt") == b"kept"
    assert sink.content(executions["after"], "stdout.txt") == b"fine"
    assert executions["runs"].truncated
    assert executions["runs"].status is Status.OK
    assert "missed too" not in executions


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


def test_queue_lets_in_one_of_any_size() -> None:
    """A message larger than the queue is let in while there is room at all."""
    recorder = Recorder(queue_bytes=10, spill_bytes=0)
    queue: ByteQueue = recorder._queue
    kernel = FedKernel(recorder, "s")
    queue.take(0)
    kernel.stream("a", "x" * 100)
    kernel.stream("a", "y" * 100)
    assert len(queue.take(0)) == 1
    assert queue.take_losses()["k1"].messages == 1
    recorder.close()


async def test_hundred_megabytes_in_one_output(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """A huge print and a huge display are kept whole."""
    text = "0123456789" * 10_000_000
    kernel.busy("a")
    kernel.stream("a", text)
    kernel.show("a", "small", **{"text/html": text})
    kernel.idle("a")
    await recorder.freeze(sink)
    (execution,) = sink.all()
    assert sink.content(execution, "stdout.txt") == text.encode()
    assert sink.content(execution, "outputs/output_2.html") == text.encode()
    outputs = document(sink, execution)
    assert outputs[0]["text"] == {"$ref": "stdout.txt", "start": 0, "end": 100_000_000}
    assert len(sink.content(execution, ".raw.jsonl")) < 10_000


async def test_hundred_thousand_tiny_outputs(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """Each of very many outputs is there, in order."""
    kernel.busy("a")
    for number in range(100_000):
        kernel.stream("a", f"{number} ", "stdout" if number % 2 else "stderr")
    kernel.idle("a")
    kernel.busy("b")
    for number in range(5_000):
        kernel.show("b", f"<{number}>")
    kernel.idle("b")
    executions = sink.wait_ended(2, 120)
    await recorder.freeze(sink)
    executions = sink.all()
    assert len(document(sink, executions[0])) == 100_000
    assert len(document(sink, executions[1])) == 5_000
    assert sink.content(executions[1], "outputs/output_5000.txt") == b"<4999>"


async def test_surrogates_byte_for_byte(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """Bytes that are no UTF-8 arrive as they were printed; a lone surrogate as its three bytes."""
    kernel.busy("a")
    kernel.stream("a", b"\xff\xfe caf\xc3\xa9 \xed\xa0\x80".decode("utf-8", "surrogateescape"))
    frames = kernel.frames("b", "stream", {"name": "stdout", "text": "x"})
    assert frames
    kernel.idle("a")
    await recorder.freeze(sink)
    (execution,) = sink.all()
    assert sink.content(execution, "stdout.txt") == b"\xff\xfe caf\xc3\xa9 \xed\xa0\x80"
    assert document(sink, execution)[0]["text"]


async def test_wrong_clocks(recorder: Recorder, sink: FakeSink, kernel: FedKernel) -> None:
    """A kernel whose clock is far off is timed by when its messages were received."""
    received = datetime(2040, 1, 1, tzinfo=timezone.utc).timestamp()
    kernel.send("a", "status", received, execution_state="busy")
    kernel.send("a", "execute_input", received, code="1", execution_count=1)
    kernel.send("a", "status", received + 2, execution_state="idle")
    await recorder.freeze(sink)
    (execution,) = sink.all()
    assert execution.started_at is not None
    assert execution.started_at.year == 2040
    assert execution.to_json()["timing_ms"]["executing"] == 2000


async def test_raw_journal_round_trip(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """Cleared and replaced content stays reachable from the raw journal."""
    kernel.busy("a")
    kernel.show("a", "long " * 1000)
    kernel.send("a", "clear_output", wait=False)
    kernel.show("a", "short")
    kernel.idle("a")
    await recorder.freeze(sink)
    (execution,) = sink.all()
    lines = [json.loads(line) for line in sink.content(execution, ".raw.jsonl").splitlines()]
    reference = next(x for x in lines if x["type"] == "display_data")["content"]["data"]
    sha256 = reference["text/plain"]["ref"]
    assert sink.content(execution, f".raw/{sha256}") == b"long " * 1000
    assert len(document(sink, execution)) == 1


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


async def test_damage_stops_the_recording_for_good(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel, caplog: pytest.LogCaptureFixture
) -> None:
    """A damaged record is told once, fails who waits for it, and is written no more."""
    kernel.busy("a")
    sink.error, sink.failing = StoreDamaged("The record is damaged."), True
    with caplog.at_level(logging.WARNING):
        kernel.stream("a", "x")
        for _ in range(2):
            with pytest.raises(StoreDamaged):
                await asyncio.wait_for(recorder.freeze(sink), 10)
        assert recorder.state(sink.session.id) == "stopped"
        assert recorder.reason(sink.session.id) == "The record is damaged."
        sink.failing = False
        recorder.resume(sink.session.id)
        await recorder.settle(sink.session.id)
        assert recorder.state(sink.session.id) == "stopped"
        await asyncio.wait_for(recorder.detach_session(sink.session.id), 10)
    assert sink.closed
    assert len(caplog.records) == 1


async def test_damage_in_the_sealer_ends_a_freeze(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A freeze that waits for the sealer's thread fails where that finds the record damaged."""

    def damaged(_: bytes) -> None:
        raise StoreDamaged("The record is damaged.")

    kernel.busy("a")
    kernel.stream("a", "x" * 2_000_000)
    kernel.busy("b")
    await recorder.settle(sink.session.id)
    monkeypatch.setattr(sink.blobs, "put", damaged)
    with pytest.raises(StoreDamaged):
        await asyncio.wait_for(recorder.freeze(sink), 10)
    # The recorder's thread tells who waits before it has come to the end of it.
    await recorder.settle(sink.session.id)
    assert recorder.state(sink.session.id) == "stopped"


async def test_any_failure_ends_a_freeze(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """A failure that nobody foresaw reaches who waits, too; the next freeze is a new try."""
    kernel.busy("a")
    await recorder.freeze(sink)
    kernel.stream("a", "x")
    sink.error, sink.failing = RuntimeError("a bug"), True
    with pytest.raises(RuntimeError):
        await asyncio.wait_for(recorder.freeze(sink), 10)
    sink.failing = False
    await recorder.freeze(sink)
    assert sink.content(sink.all()[0], "stdout.txt") == b"x"


async def test_detach_has_a_time_limit(
    recorder: Recorder,
    sink: FakeSink,
    kernel: FedKernel,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A store that hangs holds up the end of a session for so long and no longer."""
    hanging = threading.Event()
    sink.commit = hanging.wait  # type: ignore[method-assign,assignment]
    kernel.busy("a")
    await asyncio.wait_for(recorder.detach_session(sink.session.id, timeout=0.1), 10)
    hanging.set()
    assert "could not be closed" in caplog.text


def test_log_lines(recorder: Recorder, sink: FakeSink) -> None:
    """Lines that others write go into the session's log."""
    line = LogLine(ACTIVITY, now(), sink.session.id, "ada", "export.begun")
    recorder.log(sink.session.id, line)
    sink.wait_for(lambda: line.action in sink.actions())
    (told,) = sink.lines
    assert replace(told, time=line.time) == line


async def test_large_errors_and_metadata_come_back_exactly(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """An error's long text and long metadata are no part of the journal, yet wholly recorded."""
    value, entry = "v" * 300_000 + "\udcff", "line\n" * 50_000
    metadata = {"text/plain": {"long": "m" * 200_000}, "short": 1}
    kernel.busy("a")
    kernel.send("a", "display_data", data={"text/plain": "x"}, metadata=metadata)
    kernel.send("a", "error", ename="E", evalue=value, traceback=["short", entry])
    recorder.kernels.replied(
        Reply(
            "k1",
            "a",
            now(),
            {"status": "error", "ename": "E", "evalue": value, "traceback": ["short", entry]},
        )
    )
    kernel.idle("a")
    for _ in range(2):
        await recorder.freeze(sink)
        (execution,) = sink.all()
        assert len(sink.content(execution, ".raw.jsonl")) < 10_000
        assert execution.error is not None
        assert (execution.error.value, execution.error.traceback) == (value, ("short", entry))
        shown, error = document(sink, execution)[:2]
        assert shown["metadata"] == metadata
        assert (error["evalue"], error["traceback"]) == (value, ["short", entry])
        kernel.stream("a", "late", "stderr")
    assert sink.content(sink.all()[0], "stderr.txt") == b"late"


async def test_an_error_that_looks_like_a_reference(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """What a kernel sends is never taken for a reference of the record's own."""
    forged = {"ref": "0" * 64, "encoding": "text", "size": 1, "stored_size": 1}
    forged |= {"crc32": 0, "method": 0}
    kernel.busy("a")
    kernel.send("a", "error", ename="E", evalue=forged, traceback=[forged])
    kernel.idle("a")
    await recorder.freeze(sink)
    (error,) = document(sink, sink.all()[0])
    assert error["evalue"] == str(forged)


async def test_damaged_content_spares_the_rest(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where an execution's content is damaged nothing is added to it, and recording goes on."""

    def damaged(_: Sealed) -> None:
        raise ContentDamaged("Recorded content is missing.")

    kernel.run("a", "kept")
    await recorder.freeze(sink)
    with monkeypatch.context() as patch:
        patch.setattr(sink.blobs, "open", damaged)
        kernel.stream("a", "late")
        kernel.run("b", "fine")
        await recorder.freeze(sink)
    assert recorder.state(sink.session.id) == "on"
    assert [sink.content(e, "stdout.txt") for e in sink.all()] == [b"kept", b"fine"]


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
