"""Executions to which threads add long after their end, without sealing it all again each time."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_session_export.recording import live, upkeep
from jupyter_session_export.recording import recorder as recorder_module
from jupyter_session_export.recording.archivist import Archivist
from jupyter_session_export.recording.recorder import Recorder
from jupyter_session_export.records.content import Sealed
from jupyter_session_export.records.execution import Status
from tests.unit.recording.fake_sink import FakeSink
from tests.unit.recording.feed import FedKernel
from tests.waiting import wait_until

LARGE = "x" * 2_000_000
LIMIT = 64 * 1024


async def recovered(sink: FakeSink, spool: Path) -> FakeSink:
    """Return what a restarted server makes of a record and the spool that a crash left."""
    after = FakeSink(spool)
    after.blobs, after.executions, after.members = sink.blobs, sink.executions, sink.members
    restarted = Recorder(output_bytes=LIMIT)
    restarted.start()
    restarted.attach_session(after)
    await restarted.aclose()
    return after


def archivist_of(recorder: Recorder, sink: FakeSink) -> Archivist:
    return recorder._sessions[sink.session.id].archivist


@pytest.fixture
def opened(sink: FakeSink, monkeypatch: pytest.MonkeyPatch) -> list[Sealed]:
    """What was read back from the record."""
    read: list[Sealed] = []
    original = sink.blobs.open

    def noting(sealed: Sealed) -> Iterator[bytes]:
        read.append(sealed)
        return original(sealed)

    monkeypatch.setattr(sink.blobs, "open", noting)
    return read


async def test_it_stays_open_while_messages_come(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel, opened: list[Sealed]
) -> None:
    """Only the first late message reads back what was sealed; the end leaves no spool."""
    kernel.run("a", LARGE)
    await recorder.freeze(sink)
    kernel.stream("a", "late")
    await recorder.freeze(sink)
    read = len(opened)
    assert read
    for _ in range(3):
        kernel.stream("a", "late")
        await recorder.freeze(sink)
    assert len(opened) == read
    assert sink.content(sink.all()[0], "stdout.txt") == (LARGE + 4 * "late").encode()
    await recorder.detach_session(sink.session.id)
    assert not list(sink.folder.iterdir())


async def test_what_did_not_change_is_not_sealed_again(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """A late line on stderr doesn't cost the compression of a large stdout."""
    kernel.run("a", LARGE)
    await recorder.freeze(sink)
    sealed = sink.blobs.large
    for _ in range(3):
        kernel.stream("a", "late", "stderr")
        await recorder.freeze(sink)
    (execution,) = sink.all()
    assert sink.blobs.large == sealed
    assert sink.content(execution, "stdout.txt") == LARGE.encode()
    assert sink.content(execution, "stderr.txt") == 3 * b"late"


async def test_quiet_grows_across_reopenings(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread that prints now and then for hours makes ever less work."""
    monkeypatch.setattr(live, "LEAST_KEPT", 0.0)
    monkeypatch.setattr(live, "KEPT_QUIETS", 0)
    kernel.run("a", "x")
    await recorder.freeze(sink)
    key = sink.all()[0].key
    quiets = []
    for _ in range(8):
        kernel.stream("a", "late")
        await recorder.settle(sink.session.id)
        quiets.append(archivist_of(recorder, sink).lives[key].quiet)
        await recorder.freeze(sink)
        assert key not in archivist_of(recorder, sink).lives
    assert quiets == [2, 4, 8, 16, 32, 60, 60, 60]


async def test_it_is_over_after_a_while(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When nothing comes any more the spool goes by itself."""
    monkeypatch.setattr(live, "LEAST_KEPT", 0.3)
    monkeypatch.setattr(live, "KEPT_QUIETS", 0)
    kernel.run("a", LARGE)
    await recorder.freeze(sink)
    kernel.stream("a", "late")
    await recorder.freeze(sink)
    while archivist_of(recorder, sink).lives:
        await recorder.settle(sink.session.id)
    await recorder.settle(sink.session.id)
    assert not list(sink.folder.iterdir())


async def test_replaced_content_is_deleted_on_the_way(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a large execution no longer consists of doesn't wait for the session's end."""
    monkeypatch.setattr(upkeep, "COLLECT_BYTES", 1000)
    kernel.run("a", LARGE)
    await recorder.freeze(sink)
    kernel.run("b", "small")
    await recorder.freeze(sink)
    assert sink.collections == 0
    kernel.stream("a", "late")
    await recorder.freeze(sink)
    sink.wait_for(lambda: sink.collections == 1)


async def test_a_crash_while_it_is_kept(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel, tmp_path: Path
) -> None:
    """A spool that was only kept for more that might come is no execution to recover."""
    kernel.run("a", "x")
    await recorder.freeze(sink)
    kernel.stream("a", "late")
    await recorder.freeze(sink)
    after = await recovered(sink, shutil.copytree(sink.folder, tmp_path / "crashed"))
    assert not after.all()[0].recovered
    assert after.content(after.all()[0], "stdout.txt") == b"xlate"
    assert not list(after.folder.iterdir())


async def test_a_crash_right_after_the_end(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel, tmp_path: Path
) -> None:
    """A spool that has less than what was sealed takes nothing from it."""
    kernel.busy("a")
    kernel.stream("a", "x" * 10_000)
    sink.wait_for((sink.folder / "1" / "stdout.txt").exists)
    before = shutil.copytree(sink.folder, tmp_path / "crashed")
    kernel.stream("a", "the end")
    kernel.idle("a")
    await recorder.freeze(sink)
    (execution,) = (await recovered(sink, before)).all()
    assert (execution.status, execution.recovered) == (Status.OK, False)
    assert sink.content(execution, "stdout.txt").endswith(b"the end")


async def test_a_crash_while_one_is_kept_that_was_cut(tmp_path: Path) -> None:
    """Nor is it recovered then; what came later than what was sealed is."""
    sink = FakeSink(tmp_path / "spool")
    recorder = Recorder(output_bytes=LIMIT)
    recorder.start()
    recorder.attach_session(sink)
    kernel = FedKernel(recorder, sink.session.id)
    for number in range(30):
        kernel.busy("a") if not number else kernel.show("a", f"display {number}" * 500)
        kernel.stream("a", f"{number:09}\n" * 1000)
    kernel.idle("a")
    await recorder.freeze(sink)
    kernel.stream("a", "late")
    await recorder.freeze(sink)
    copy = shutil.copytree(sink.folder, tmp_path / "crashed")
    later = shutil.copytree(sink.folder, tmp_path / "later")
    await recorder.aclose()
    (execution,) = (await recovered(sink, copy)).all()
    assert execution.truncated
    assert not execution.recovered
    tail = max(later.glob("1/tail*.stdout.txt"), key=lambda path: path.stat().st_mtime)
    with tail.open("ab") as file:
        file.write(b"and later")
    after = await recovered(sink, later)
    (execution,) = after.all()
    assert execution.recovered
    assert after.content(execution, "stdout.txt").endswith(b"late" + b"and later")


async def test_late_right_after_the_end(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A spool that is about to be removed isn't taken for the reopened execution's own."""
    kernel.busy("a")
    kernel.stream("a", LARGE)
    await recorder.freeze(sink)
    monkeypatch.setattr(recorder_module, "TICK", 60.0)
    await recorder.settle(sink.session.id)
    kernel.idle("a")
    sink.wait_ended(1)
    await recorder.freeze(sink)
    assert not archivist_of(recorder, sink).lives
    kernel.stream("a", "late")
    await recorder.freeze(sink)
    assert sink.content(sink.all()[0], "stdout.txt") == (LARGE + "late").encode()


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
    recorder: Recorder, sink: FakeSink, kernel: FedKernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a quiet time late messages are sealed by themselves, and the spool goes."""
    monkeypatch.setattr(live, "LEAST_KEPT", 0.0)
    monkeypatch.setattr(live, "KEPT_QUIETS", 0)
    kernel.run("a", "cell ")
    await recorder.freeze(sink)
    kernel.stream("a", "thread")
    (execution,) = sink.all()
    sink.wait_for(lambda: sink.content(execution, "stdout.txt") == b"cell thread")
    await asyncio.to_thread(wait_until, lambda: not any(sink.folder.glob("*")))
