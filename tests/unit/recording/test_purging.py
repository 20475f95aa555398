"""Taking back what was recorded, while messages go on to come."""

from __future__ import annotations

import asyncio
import shutil
import threading
from concurrent.futures import Future
from pathlib import Path

import pytest

from jupyter_session_export.errors import StoreError, StoreFull, StoreUnavailable
from jupyter_session_export.recording import sealing
from jupyter_session_export.recording.recorder import Recorder
from jupyter_session_export.records.activity import Deed
from jupyter_session_export.records.execution import Status
from jupyter_session_export.records.purge import Purged, PurgeScope
from tests.unit.recording.fake_sink import FakeSink
from tests.unit.recording.feed import FedKernel

ALL = PurgeScope()


async def test_what_ended_is_gone(recorder: Recorder, sink: FakeSink, kernel: FedKernel) -> None:
    """Nothing of it comes back with a late message, a reply or a display update."""
    kernel.busy("a")
    kernel.show("a", "shown", "display-1")
    kernel.idle("a")
    kernel.run("b", "kept")
    await recorder.freeze(sink)
    purged = await recorder.purge(sink.session.id, PurgeScope(number=1))
    assert (purged.executions, purged.running) == (1, 0)
    kernel.stream("a", "late")
    kernel.busy("c")
    kernel.show("c", "new", "display-1", msg_type="update_display_data")
    kernel.idle("c")
    await recorder.freeze(sink)
    assert [execution.key.msg_id for execution in sink.all()] == ["b", "c"]


async def test_what_was_done_with_files_is_forgotten(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """Lines about a purged notebook go; those of its kernel and of the recording stay."""
    recorder.kernels.opened_notebook("k1", "row", "a.ipynb")
    recorder.note(sink.session.id, Deed("notebook.save", "a.ipynb"))
    recorder.note(sink.session.id, Deed("kernel.start", "k1"))
    recorder.note(sink.session.id, Deed("file.open", "b.txt"))
    await recorder.purge(sink.session.id, PurgeScope(notebook="a.ipynb"))
    assert [line.target for line in sink.lines] == ["k1", "b.txt"]
    await recorder.purge(sink.session.id, ALL)
    assert [line.target for line in sink.lines] == ["k1"]


async def test_what_runs_goes_on_without_its_content(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """Code, text, displays and errors so far are gone, in memory and in the spool."""
    kernel.busy("a", "secret_code()", 7)
    kernel.stream("a", "secret text")
    kernel.show("a", "secret shown", "display-1")
    kernel.send("a", "error", ename="Secret", evalue="secret", traceback=["secret"])
    sink.wait_for((sink.folder / "1" / "stdout.txt").exists)
    purged = await recorder.purge(sink.session.id, ALL)
    assert purged == Purged(0, len("secret text"), 1)
    # By now what goes on may have been flushed again.
    spooled = [path for path in sink.folder.rglob("*") if path.is_file()]
    assert not [path for path in spooled if b"ecret" in path.read_bytes()]
    kernel.stream("a", "after")
    kernel.idle("a")
    await recorder.freeze(sink)
    (execution,) = sink.all()
    assert execution.status is Status.OK
    assert execution.truncated
    assert execution.execution_count == 7
    assert execution.started_at is not None
    assert execution.number == 1
    assert execution.error is None
    assert sink.content(execution, "stdout.txt") == b"after"
    assert sink.content(execution, "source.py") == b""
    for name in sink.names(execution):
        assert b"ecret" not in sink.content(execution, name)
    assert sink.heads[execution.key] == ""


async def test_a_purged_execution_is_recovered_without_its_content(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel, tmp_path: Path
) -> None:
    """What the spool has of it after a purge is enough to save it after a crash."""
    kernel.busy("a", "secret_code()", 7)
    kernel.stream("a", "secret")
    await recorder.purge(sink.session.id, ALL)
    kernel.stream("a", "after")
    journal = sink.folder / "1" / "journal.jsonl"
    sink.wait_for(lambda: journal.exists() and b'"stream"' in journal.read_bytes())
    shutil.copytree(sink.folder, tmp_path / "crashed")
    other = FakeSink(tmp_path / "crashed")
    other.blobs = sink.blobs
    again = Recorder()
    again.start()
    again.attach_session(other)
    again.close()
    (execution,) = other.all()
    assert (execution.status, execution.recovered) == (Status.LOST, True)
    assert (execution.execution_count, execution.truncated) == (7, True)
    assert other.content(execution, "stdout.txt") == b"after"
    assert other.content(execution, "source.py") == b""


async def test_a_freeze_that_waits_is_not_forgotten(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever waits for executions that are purged meanwhile is told that all is sealed."""
    monkeypatch.setattr(sealing, "INLINE_SEAL_BYTES", 10)
    monkeypatch.setattr("jupyter_session_export.recording.archivist.INLINE_SEAL_BYTES", 10)
    kernel.run("a", "x" * 1000)
    for number in range(20):
        kernel.stream("b", f"{number}")
    freeze, purge, again = (
        asyncio.create_task(recorder.freeze(sink)),
        asyncio.create_task(recorder.purge(sink.session.id, ALL)),
        asyncio.create_task(recorder.freeze(sink)),
    )
    await asyncio.wait_for(asyncio.gather(freeze, purge, again), 30)
    assert (purge.result().executions, purge.result().running) == (1, 1)
    assert freeze.result() <= again.result() == sink.position


async def test_what_is_being_sealed_is_waited_for(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it would be written after it was removed."""
    monkeypatch.setattr("jupyter_session_export.recording.archivist.INLINE_SEAL_BYTES", 10)
    gate, sealing_now = threading.Event(), threading.Event()
    put = sink.blobs.put

    def slow(content: bytes) -> object:
        sealing_now.set()
        gate.wait(20)
        return put(content)

    monkeypatch.setattr(sink.blobs, "put", slow)
    kernel.run("a", "x" * 1000)
    await asyncio.to_thread(sealing_now.wait, 20)
    purge = asyncio.create_task(recorder.purge(sink.session.id, ALL))
    done, _ = await asyncio.wait({purge}, timeout=0.1)
    assert not done
    given_up = asyncio.create_task(recorder.purge(sink.session.id, ALL))
    await asyncio.wait({given_up}, timeout=0.1)
    given_up.cancel()
    gate.set()
    assert (await purge).executions == 1
    assert sink.all() == []


async def test_content_that_others_need_is_named(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """What the journal of a running execution refers to must not be taken for unused."""
    kernel.run("a", "gone")
    kernel.busy("b")
    kernel.show("b", "x" * 5000)
    await recorder.purge(sink.session.id, PurgeScope(number=1))
    assert len(sink.needed) == 1
    await recorder.purge(sink.session.id, ALL)
    assert sink.needed == []
    kernel.idle("b")
    await recorder.freeze(sink)


async def test_a_store_that_fails_is_told(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """Nothing is said to be gone that may be there."""
    kernel.run("a", "text")
    await recorder.freeze(sink)
    sink.failing = True
    with pytest.raises(StoreUnavailable):
        await recorder.purge(sink.session.id, ALL)
    with pytest.raises(StoreUnavailable):
        await recorder.scrub(sink.session.id)
    sink.failing = False
    sink.wait_for(lambda: recorder.state(sink.session.id) == "on")
    assert (await recorder.purge(sink.session.id, ALL)).executions == 1
    assert await recorder.scrub(sink.session.id)


@pytest.mark.parametrize(("error", "gets_through"), [(StoreFull, True), (StoreUnavailable, False)])
async def test_a_full_store_lets_a_purge_through(
    recorder: Recorder,
    sink: FakeSink,
    kernel: FedKernel,
    error: type[StoreError],
    gets_through: bool,
) -> None:
    """What waits until nothing is sealed makes room; on a broken store nobody waits for ever."""
    kernel.run("a", "text")
    await recorder.freeze(sink)
    purges = recorder._sessions[sink.session.id].archivist.purges
    done: Future[Purged] = Future()

    def fail_while_it_waits() -> None:
        purges._waiting.append((ALL, done))
        purges.fail(error("Nothing fits."))

    await recorder._in_thread(fail_while_it_waits)
    if gets_through:
        assert done.result(0).executions == 1
        assert sink.all() == []
    else:
        assert isinstance(done.exception(0), StoreUnavailable)
