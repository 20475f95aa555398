"""A store that fails, content that is damaged, and an end that doesn't come."""

from __future__ import annotations

import asyncio
import logging
import threading

import pytest

from jupyter_session_export.errors import (
    ContentDamaged,
    StoreDamaged,
    StoreUnavailable,
)
from jupyter_session_export.recording.recorder import Recorder
from jupyter_session_export.records.content import Sealed
from jupyter_session_export.records.execution import Status
from tests.unit.recording.fake_sink import FakeSink
from tests.unit.recording.feed import FedKernel


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
