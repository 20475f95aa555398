"""What a crashed writer left behind."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_session_export.recording import recorder as recorder_module
from jupyter_session_export.recording.recorder import Recorder
from jupyter_session_export.records.execution import Status
from jupyter_session_export.records.times import from_timestamp
from tests.unit.recording.fake_sink import FakeSink
from tests.unit.recording.feed import FedKernel


@pytest.fixture
def crashed(sink: FakeSink, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The spool of a cell that printed, showed and was still running."""
    monkeypatch.setattr(recorder_module, "TICK", 0.02)
    recorder = Recorder()
    recorder.start()
    recorder.attach_session(sink)
    kernel = FedKernel(recorder, sink.session.id)
    kernel.busy("a", "print('x')", 3)
    kernel.stream("a", "x\n")
    kernel.show("a", "long " * 1000)
    flushed = sink.folder / "1" / "journal.jsonl"
    sink.wait_for(lambda: flushed.exists() and b"display_data" in flushed.read_bytes())
    copy = sink.folder.with_name("copy")
    sink.folder.rename(copy)
    recorder.close()
    return copy


async def recovered(folder: Path, blobs_of: FakeSink) -> FakeSink:
    sink = FakeSink(folder)
    sink.blobs = blobs_of.blobs
    recorder = Recorder()
    recorder.start()
    recorder.attach_session(sink)
    await recorder.aclose()
    return sink


async def test_running_execution_is_lost(sink: FakeSink, crashed: Path) -> None:
    """What ran when the server died is whole up to then, lost, and marked recovered."""
    found = await recovered(crashed, sink)
    (execution,) = found.all()
    assert (execution.status, execution.cause) == (Status.LOST, "server died")
    assert execution.recovered
    assert execution.execution_count == 3
    assert found.content(execution, "source.py") == b"print('x')"
    assert found.content(execution, "stdout.txt") == b"x\n"
    assert found.content(execution, "outputs/output_2.txt") == b"long " * 1000
    assert not (crashed / "1").exists()


async def test_lost_when_it_was_last_heard_of(sink: FakeSink, crashed: Path) -> None:
    """An execution doesn't take until the next server starts, however late that is."""
    for name in ("journal.jsonl", "stdout.txt"):
        os.utime(crashed / "1" / name, (2e9, 2e9))
    (execution,) = (await recovered(crashed, sink)).all()
    assert execution.finished_at == from_timestamp(2e9)


async def test_noted_and_no_more(sink: FakeSink, crashed: Path) -> None:
    """What a crash left as running without a spool is lost too, and says that it isn't whole."""
    shutil.rmtree(crashed / "1")
    found = FakeSink(crashed)
    (running,) = sink.all()
    found.begin(replace(running, status=Status.RUNNING, outputs=()))
    recorder = Recorder()
    recorder.start()
    recorder.attach_session(found)
    await recorder.aclose()
    (execution,) = found.all()
    assert (execution.status, execution.cause) == (Status.LOST, "server died")
    assert execution.recovered
    assert execution.truncated
    assert execution.started_at == execution.finished_at == running.started_at
    assert "execution.recovered" in found.actions()


async def test_a_journal_that_nobody_can_read_costs_no_other(
    sink: FakeSink, crashed: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """JSON nested deeper than any Python reads, of a writer that could write it."""
    (crashed / "0").mkdir()
    (crashed / "0" / "journal.jsonl").write_text("[" * 200_000 + "]" * 200_000 + "\n")
    (execution,) = (await recovered(crashed, sink)).all()
    assert execution.status is Status.LOST
    assert "can't be read" in caplog.text


async def test_torn_last_line(sink: FakeSink, crashed: Path) -> None:
    """A line that the crash has torn is left out; the rest is whole."""
    with (crashed / "1" / "journal.jsonl").open("ab") as file:
        file.write(b'{"t": "2026-01-01T0')
    found = await recovered(crashed, sink)
    (execution,) = found.all()
    assert found.content(execution, "stdout.txt") == b"x\n"


async def test_stream_without_its_line(sink: FakeSink, crashed: Path) -> None:
    """Text that was written before its line could be is not lost."""
    with (crashed / "1" / "stdout.txt").open("ab") as file:
        file.write(b"more\n")
    found = await recovered(crashed, sink)
    (execution,) = found.all()
    assert found.content(execution, "stdout.txt") == b"x\nmore\n"
    outputs = json.loads(found.content(execution, "outputs.json"))
    assert outputs[-1]["text"] == "more\n"


async def test_finished_but_not_sealed(sink: FakeSink, crashed: Path) -> None:
    """An execution whose idle was journaled has the status it ended with."""
    idle = {
        "t": "2026-01-01T00:00:00.000000Z",
        "type": "status",
        "content": {"execution_state": "idle"},
    }
    with (crashed / "1" / "journal.jsonl").open("ab") as file:
        file.write(json.dumps(idle).encode() + b"\n")
    found = await recovered(crashed, sink)
    (execution,) = found.all()
    assert execution.status is Status.OK
    assert execution.recovered


async def test_rubbish_in_the_spool(sink: FakeSink, crashed: Path) -> None:
    """A journal that can't be read is told of, and keeps nothing else from being recovered."""
    (crashed / "2").mkdir()
    (crashed / "2" / "journal.jsonl").write_bytes(b'{"type":"execution","execution":{}}\nrubbish')
    found = await recovered(crashed, sink)
    assert len(found.all()) == 1
