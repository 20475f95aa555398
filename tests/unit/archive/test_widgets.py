"""Widgets in what an export holds besides notebooks on disk."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from jupyter_session_export.archive.plan import plan_archive
from jupyter_session_export.archive.widgets import STATE, Widgets, views_of
from jupyter_session_export.records.content import Sealed
from jupyter_session_export.records.widgets import VIEW
from tests.unit.archive.samples import MemoryStore, content, execution, notebook, streamed

SLIDER = '{"model_name":"IntSliderModel","state":{"value":7}}'
STORE = MemoryStore()


def shown(model_id: str) -> Any:
    """Return an execution that shows a widget."""
    view = {"version_major": 2, "version_minor": 0, "model_id": model_id}
    name = "outputs/output_1.widget-view.json"
    output = {"output_type": "display_data", "data": {VIEW: {"$ref": name}}, "metadata": {}}
    return execution(
        STORE,
        1,
        parts={
            "source.py": b"slider",
            "outputs.json": json.dumps([output]).encode(),
            name: json.dumps(view).encode(),
            "inputs.json": b"[]",
            "metadata.json": b'{"cell_id": "c"}',
        },
    )


def packed(**changes: Any) -> dict[str, bytes]:
    export = content(STORE, widgets=Widgets({"slider": SLIDER}), **changes)
    with zipfile.ZipFile(io.BytesIO(streamed(plan_archive(export), STORE))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_what_a_model_is_made_of_comes_with_it() -> None:
    """All that it refers to, round about, and nothing else; an unknown one is nothing."""
    models = {
        "box": '{"state":{"children":["IPY_MODEL_a","IPY_MODEL_gone"]}}',
        "a": '{"state":{"style":"IPY_MODEL_style","about":"see IPY_MODEL_other"}}',
        "style": '{"state":{"owner":"IPY_MODEL_box"}}',
        "other": "{}",
    }
    widgets = Widgets(models)
    assert set(widgets.shown(["box", "unknown"])) == {"box", "a", "style"}
    assert json.loads(widgets.state(["a"]) or "")["state"].keys() == {"box", "a", "style"}
    assert widgets.state(["unknown"]) is None


def test_hostile_notebooks_show_nothing() -> None:
    """Whatever shape cells and outputs have, there are no views where there are none."""
    for cells in (
        None,
        [1],
        [{"outputs": 1}],
        [{"outputs": [1, {"data": 1}, {"data": {VIEW: 1}}]}],
    ):
        assert views_of({"cells": cells}) == []


def test_an_execution_has_the_state_of_what_it_shows() -> None:
    """Beside its outputs, as a notebook's metadata has it; without a known widget there is none."""
    state = "executions/execution_1_00000001/outputs/widget_state.json"
    document = json.loads(packed(executions=[shown("slider")])[state])
    assert document["state"] == {"slider": json.loads(SLIDER)}
    assert state not in packed(executions=[shown("closed")])
    assert state not in packed(executions=[execution(STORE, 1)])


def test_a_damaged_view_costs_only_itself() -> None:
    """What can't be read is a line of the ledger, and the rest of the execution is there."""

    def load(_: Sealed) -> bytes:
        return b"rubbish"

    members = packed(executions=[shown("slider")], load=load)
    assert "executions/execution_1_00000001/source.py" in members
    assert not any(name.endswith("widget_state.json") for name in members)


def test_a_rebuilt_notebook_shows_its_widgets() -> None:
    """Its metadata has the state of those that its outputs show."""
    gone = notebook(content=None, reason="is not on disk")
    members = packed(executions=[shown("slider")], notebooks=[gone])
    rebuilt = json.loads(members["code/notebook_1.ipynb"])
    assert views_of(rebuilt) == ["slider"]
    state = rebuilt["metadata"]["widgets"][STATE]["state"]
    assert state == {"slider": json.loads(SLIDER)}


def test_the_ledger_tells_what_was_added() -> None:
    """A notebook that isn't as on disk says so in the manifest and in its metadata."""
    members = packed(notebooks=[notebook(note="widget state added: 1 models")])
    (line,) = [
        line
        for line in json.loads(members["manifest.json"])["entries"]
        if line["path"] == "code/notebook_1.ipynb"
    ]
    assert (line["disposition"], line["reason"]) == ("included", "widget state added: 1 models")
    about = json.loads(members["code/notebook_1_metadata.json"])
    assert about["reason"] == "widget state added: 1 models"


def test_the_summary_counts_who_asked_for_input() -> None:
    """Executions that asked a person are counted."""
    summary = packed(executions=[shown("slider")])["SESSION_SUMMARY.txt"].decode()
    assert "asked for input: 1 (inputs.json in their folders)" in summary
