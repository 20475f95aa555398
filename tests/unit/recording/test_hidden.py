"""What an owner wants not recorded: no part of the recorder lets it in."""

from __future__ import annotations

import pytest

from jupyter_session_export.recording.recorder import Recorder
from jupyter_session_export.recording.requests import Reply
from jupyter_session_export.records.activity import Deed
from jupyter_session_export.records.execution import Status
from jupyter_session_export.records.times import now
from tests.unit.recording.debugging.test_debuggers import publish, set_breakpoints, stop
from tests.unit.recording.fake_sink import FakeSink
from tests.unit.recording.feed import FedKernel

FAILED = {"status": "error", "ename": "KeyError", "evalue": "SECRET", "traceback": ["SECRET"]}
DEEDS = [
    Deed("notebook.save", "a.ipynb", "ada"),
    Deed("notebook.rename", "b.ipynb", "ada", {"old": "a.ipynb"}),
    Deed("notebook.copy", "a-Copy1.ipynb", "ada", {"from": "a.ipynb"}),
    Deed("cell.add", "a.ipynb", "ada"),
    Deed("page.notebook_open", "a.ipynb", "ada"),
]


@pytest.mark.parametrize("ename", ["KeyError", "KeyboardInterrupt"])
async def test_an_error_in_a_pause_says_nothing(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel, ename: str
) -> None:
    """An execution that a pause cuts off ends with its status, without what its reply says."""
    kernel.busy("m1")
    recorder.pause(sink.session.id)
    kernel.send("m1", "error", ename=ename, evalue="SECRET", traceback=["SECRET"])
    recorder.kernels.replied(Reply(kernel.id, "m1", now(), {**FAILED, "ename": ename}))
    kernel.idle("m1")
    await recorder.freeze(sink)
    (one,) = sink.all()
    expected = Status.INTERRUPTED if ename == "KeyboardInterrupt" else Status.ERROR
    assert (one.status, one.truncated) == (expected, True)
    assert b"SECRET" not in sink.content(one, "metadata.json")


@pytest.mark.parametrize("hidden", ["pause", "notebook"])
async def test_a_debugger_leaves_nothing(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel, hidden: str
) -> None:
    """Neither its events nor its stops nor breakpoints; what comes later is marked as cut off."""
    session_id = sink.session.id
    recorder.kernels.opened_notebook(kernel.id, "row", "a.ipynb")
    if hidden == "pause":
        recorder.pause(session_id)
    await recorder.pause_notebook(session_id, "a.ipynb", off=True)
    publish(kernel, "initialized")
    set_breakpoints(kernel, "b1", 1)
    stop(kernel, text="SECRET")
    await recorder.freeze(sink)
    assert (sink.debug_sessions, sink.debug_items) == ({}, [])
    recorder.resume(session_id)
    await recorder.pause_notebook(session_id, "a.ipynb", off=False)
    stop(kernel, text="seen")
    await recorder.freeze(sink)
    (session,) = sink.debug_sessions.values()
    assert (session.truncated, session.breakpoints) == (True, ())
    assert "SECRET" not in str(sink.debug_items)


async def test_deeds_with_a_notebook_that_is_off(recorder: Recorder, sink: FakeSink) -> None:
    """No line tells of it, under which name ever; others are told of."""
    session_id = sink.session.id
    await recorder.pause_notebook(session_id, "a.ipynb", off=True)
    for deed in [*DEEDS, Deed("notebook.save", "c.ipynb", "ada"), Deed("file.save", "a.txt")]:
        recorder.note(session_id, deed)
    await recorder.freeze(sink)
    told = [(line.action, line.target) for line in sink.lines]
    assert told == [
        ("recording.paused", "a.ipynb"),
        ("notebook.save", "c.ipynb"),
        ("file.save", "a.txt"),
    ]
