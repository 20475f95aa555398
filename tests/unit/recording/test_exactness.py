"""What came is what is kept, however large, many or odd it is."""

from __future__ import annotations

import json
from datetime import datetime, timezone

from jupyter_session_export.recording.recorder import Recorder
from jupyter_session_export.recording.requests import Reply
from jupyter_session_export.records.times import now
from tests.unit.recording.fake_sink import FakeSink
from tests.unit.recording.feed import FedKernel


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
    outputs = sink.document(execution)
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
    assert len(sink.document(executions[0])) == 100_000
    assert len(sink.document(executions[1])) == 5_000
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
    assert sink.document(execution)[0]["text"]


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
    assert len(sink.document(execution)) == 1


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
        shown, error = sink.document(execution)[:2]
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
    (error,) = sink.document(sink.all()[0])
    assert error["evalue"] == str(forged)
