"""Notebooks that aren't recorded."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_session_export.errors import InvalidRequest
from jupyter_session_export.recording.notebooks_off import MOST, NotebooksOff
from jupyter_session_export.recording.recorder import Recorder
from tests.unit.recording.fake_sink import FakeSink
from tests.unit.recording.feed import FedKernel


def test_by_name_and_by_pattern() -> None:
    """Both count; what no notebook ran is recorded."""
    off = NotebooksOff(["private/*"], ["mine.ipynb"])
    assert off.has("mine.ipynb")
    assert off.has("private/deep/other.ipynb")
    assert not off.has("other.ipynb")
    assert not off.has(None)


def test_it_can_be_changed_but_not_against_the_settings() -> None:
    """On again, renamed; a pattern's notebook stays off and that is told."""
    off = NotebooksOff(["private/*"])
    off.change("a.ipynb", off=True)
    off.rename("a.ipynb", "b.ipynb")
    assert off.paths == {"b.ipynb"}
    off.change("b.ipynb", off=False)
    assert not off.has("b.ipynb")
    with pytest.raises(InvalidRequest, match="settings"):
        off.change("private/c.ipynb", off=False)


def test_what_is_refused_changes_nothing() -> None:
    """Its owner's word stays where the settings have a notebook off as well."""
    off = NotebooksOff(["private/*"], ["private/mine.ipynb"])
    with pytest.raises(InvalidRequest, match="settings"):
        off.change("private/mine.ipynb", off=False)
    assert off.paths == {"private/mine.ipynb"}


def test_those_that_a_pattern_matches_are_told_once_they_are_met() -> None:
    """So that a page can show it; by whom a notebook is off stays apart."""
    off = NotebooksOff(["private/*"])
    off.meet("private/a.ipynb")
    off.meet("mine.ipynb")
    assert off.by_settings == {"private/a.ipynb"}
    assert off.paths == frozenset()


def test_no_more_are_known_than_may_be() -> None:
    """Whoever walks through a folder that is off doesn't fill the memory."""
    off = NotebooksOff(["*"])
    for number in range(MOST + 10):
        off.meet(f"{number}.ipynb")
    assert len(off.by_settings) <= MOST
    assert f"{MOST + 9}.ipynb" in off.by_settings


async def test_nothing_of_it_is_recorded(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """While it is off nothing that it runs gets in, also under a new name; others go on."""
    other = FedKernel(recorder, sink.session.id, "k2")
    recorder.kernels.opened_notebook("k1", "row", "a.ipynb")
    kernel.run("before", "before\n")
    await recorder.pause_notebook(sink.session.id, "a.ipynb", off=True)
    kernel.run("off", "SECRET\n", "SECRET")
    other.run("other", "other\n")
    recorder.kernels.renamed_notebook("k1", "row", "a.ipynb", "b.ipynb")
    kernel.run("renamed", "SECRET\n", "SECRET")
    recorder.kernels.died("k1", "signal 9")
    await recorder.freeze(sink)
    assert recorder.notebooks_off(sink.session.id) == ["b.ipynb"]
    assert sink.values["notebooks_off"] == ["b.ipynb"]
    await recorder.pause_notebook(sink.session.id, "b.ipynb", off=False)
    kernel.run("after", "after\n")
    await recorder.freeze(sink)
    printed = [sink.content(one, "stdout.txt") for one in sink.all()]
    assert printed == [b"before\n", b"other\n", b"after\n"]
    changes = [(line.action, line.target) for line in sink.lines if "recording" in line.action]
    assert changes == [("recording.paused", "a.ipynb"), ("recording.resumed", "b.ipynb")]


async def test_a_kernel_that_notebooks_share_is_not_recorded(
    recorder: Recorder, sink: FakeSink, kernel: FedKernel
) -> None:
    """While one of them is off: nobody knows which of them a request comes from."""
    recorder.kernels.opened_notebook("k1", "row 1", "off.ipynb")
    recorder.kernels.opened_notebook("k1", "row 2", "other.ipynb")
    kernel.run("before", "before\n")
    await recorder.pause_notebook(sink.session.id, "off.ipynb", off=True)
    kernel.run("shared", "SECRET\n", "SECRET")
    recorder.kernels.closed_notebook("k1", "row 1", "off.ipynb")
    kernel.run("alone", "alone\n")
    await recorder.freeze(sink)
    assert [execution.key.msg_id for execution in sink.all()] == ["before", "alone"]


async def test_a_page_is_told_of_those_that_the_settings_have_off(tmp_path: Path) -> None:
    """Also once a notebook is moved to where a pattern matches it; none can be turned on."""
    sink = FakeSink(tmp_path / "spool")
    recorder = Recorder(unrecorded_notebooks=["private/*"])
    recorder.start()
    try:
        recorder.attach_session(sink)
        FedKernel(recorder, sink.session.id)
        recorder.kernels.opened_notebook("k1", "row 1", "private/a.ipynb")
        recorder.kernels.opened_notebook("k1", "row 2", "b.ipynb")
        recorder.kernels.opened_notebook("k1", "row 3", "c.ipynb")
        recorder.kernels.renamed_notebook("k1", "row 2", "b.ipynb", "private/b.ipynb")
        recorder.kernels.relocated("c.ipynb", "private/c.ipynb")
        # JupyterLab opens a notebook under another name first.
        recorder.kernels.opened_notebook("k1", "row 4", "private/0a1b")
        recorder.kernels.renamed_notebook("k1", "row 4", "private/0a1b", "private/d.ipynb")
        recorder.kernels.renamed_notebook("k1", "row 3", "private/c.ipynb", "c.ipynb")
        with pytest.raises(InvalidRequest, match="settings"):
            await recorder.pause_notebook(sink.session.id, "private/a.ipynb", off=False)
        told = recorder.notebooks_off_by_settings(sink.session.id)
        assert told == ["private/a.ipynb", "private/b.ipynb", "private/d.ipynb"]
        assert recorder.notebooks_off(sink.session.id) == []
    finally:
        recorder.close()


async def test_it_is_remembered(recorder: Recorder, sink: FakeSink, kernel: FedKernel) -> None:
    """A restarted server leaves it off."""
    await recorder.pause_notebook(sink.session.id, "a.ipynb", off=True)
    await recorder.detach_session(sink.session.id)
    recorder.attach_session(sink)
    await recorder.commit(sink.session.id)
    assert recorder.notebooks_off(sink.session.id) == ["a.ipynb"]
