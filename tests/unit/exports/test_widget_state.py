"""Notebooks on disk get the widget state that they lack, and nothing else."""

from __future__ import annotations

import codecs
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.archive.widgets import STATE, Widgets
from jupyter_session_export.exports import notebooks as module
from jupyter_session_export.exports.notebooks import LARGE_BYTES, NotebookFile, NotebookReader
from jupyter_session_export.exports.scripting import NotebookFacts, describe
from jupyter_session_export.exports.widget_state import find_gap
from jupyter_session_export.records.widgets import VIEW

MODELS = {
    "slider": '{"model_name":"IntSliderModel","model_module":"@jupyter-widgets/controls",'
    '"model_module_version":"2.0.0","state":{"value":7,"layout":"IPY_MODEL_layout"}}',
    "layout": '{"model_name":"LayoutModel","model_module":"@jupyter-widgets/base",'
    '"model_module_version":"2.0.0","state":{}}',
    "unused": '{"model_name":"IntSliderModel","state":{}}',
}
WIDGETS = Widgets(MODELS)


def notebook(*shown: str, source: str = "slider", **metadata: Any) -> dict[str, Any]:
    outputs = [
        {"output_type": "display_data", "data": {VIEW: {"model_id": id_}}, "metadata": {}}
        for id_ in shown
    ]
    cell = {
        "cell_type": "code",
        "id": "c",
        "source": source,
        "metadata": {},
        "outputs": outputs,
        "execution_count": 1,
    }
    return {"cells": [cell], "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def filled(root: Path, content: bytes) -> NotebookFile:
    (root / "a.ipynb").write_bytes(content)
    with NotebookReader(root) as reader:
        return reader.read("a.ipynb").with_widgets(WIDGETS, root)


def test_a_byte_order_mark_stays_where_it_is(tmp_path: Path) -> None:
    """Some editors begin a file with one: it is no reason to break off the whole export."""
    content = codecs.BOM_UTF8 + json.dumps(notebook("slider")).encode()
    file = filled(tmp_path, content)
    assert file.note == "widget state added: 2 models"
    assert file.content is not None
    assert file.content.startswith(codecs.BOM_UTF8)
    assert set(json.loads(file.content)["metadata"]["widgets"][STATE]["state"]) == {
        "slider",
        "layout",
    }


@pytest.mark.parametrize("metadata", [{}, {"kernelspec": {"name": "py", "display_name": "P"}}])
@pytest.mark.parametrize("indent", [None, 1])
def test_the_state_goes_in_and_nothing_else_changes(
    tmp_path: Path, metadata: dict[str, Any], indent: int | None
) -> None:
    """What is shown, with what it is made of; every other byte is as on disk."""
    document = notebook("slider", source="é", **metadata)
    content = json.dumps(document, indent=indent, ensure_ascii=False).encode()
    file = filled(tmp_path, content)
    assert file.note == "widget state added: 2 models"
    assert file.content is not None
    found = json.loads(file.content)
    state = found["metadata"].pop("widgets")[STATE]
    assert found == document
    assert state == {
        "version_major": 2,
        "version_minor": 0,
        "state": {id_: json.loads(MODELS[id_]) for id_ in ("layout", "slider")},
    }
    nbformat.validate(json.loads(file.content))
    start = content.index(b'"metadata": {', content.index(b'"execution_count"')) + 13
    assert file.content.startswith(content[:start])
    assert file.content.endswith(content[start:])


@pytest.mark.parametrize(
    "document",
    [
        notebook(),
        notebook("unknown"),
        notebook("slider", widgets={STATE: {"version_major": 2, "state": {"slider": {}}}}),
        notebook("slider", widgets={STATE: {"version_major": 1, "state": {}}}),
        notebook("slider", widgets=[]),
        {**notebook("slider"), "metadata": []},
    ],
)
def test_what_lacks_nothing_is_as_on_disk(tmp_path: Path, document: dict[str, Any]) -> None:
    """A notebook without widgets, with their state, or of unknown ones stays byte for byte."""
    content = json.dumps(document).encode()
    file = filled(tmp_path, content)
    assert file.content == content
    assert file.note is None


def test_saved_models_stay_as_they_are(tmp_path: Path) -> None:
    """Only models that the saved state lacks are added to it; what else is there stays."""
    saved = {"layout": {"model_name": "Mine"}}
    widgets = {STATE: {"version_major": 2, "version_minor": 0, "state": saved}, "other": [1]}
    document = notebook("slider", "gone", widgets=widgets, last="é")
    file = filled(tmp_path, json.dumps(document).encode())
    assert file.note == "widget state added: 2 models; 1 that it shows were closed or not recorded"
    found = json.loads(file.content or b"")
    state = found["metadata"]["widgets"][STATE]["state"]
    assert state == {**saved, "slider": json.loads(MODELS["slider"])}
    assert found["metadata"]["widgets"]["other"] == [1]
    assert found["metadata"]["last"] == "é"


def test_a_large_notebook_is_filled_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that another process describes gets it as well, up to a size; beyond, the ledger says."""
    content = json.dumps(notebook("slider", source="x" * (LARGE_BYTES + 1))).encode()
    file = filled(tmp_path, content)
    assert file.file is None
    assert "widgets" in json.loads(file.content or b"")["metadata"]
    monkeypatch.setattr(module, "MOST_FILLED_BYTES", LARGE_BYTES)
    file = filled(tmp_path, content)
    assert file.content is None
    assert (file.note or "").startswith("widget state not added")


def test_a_large_notebook_that_was_saved_meanwhile(tmp_path: Path) -> None:
    """It is packed as it is on disk: the place that was found is another's."""
    path = tmp_path / "a.ipynb"
    path.write_bytes(json.dumps(notebook("slider", source="x" * (LARGE_BYTES + 1))).encode())
    with NotebookReader(tmp_path) as reader:
        file = reader.read("a.ipynb")
    path.write_bytes(json.dumps(notebook("slider", source="y" * (LARGE_BYTES + 1))).encode())
    assert file.with_widgets(WIDGETS, tmp_path).content is None


def test_facts_come_back_from_another_process() -> None:
    """What is found there is the same after its way through JSON."""
    facts = describe(json.dumps(notebook("slider")).encode())
    assert facts.gap is not None
    assert NotebookFacts.from_json(json.loads(json.dumps(asdict(facts)))) == facts


KEYS = st.sampled_from(["cells", "metadata", "a", 'q"uo\\te', "é", "widgets"])


@given(
    st.dictionaries(KEYS, st.sampled_from([None, 1.5, "{", '"', [], [{}], {"metadata": {}}])),
    st.dictionaries(KEYS, st.sampled_from([0, "}", '\\"', [1], {"b": {}}])),
    st.sampled_from([None, 1, 4]),
)
def test_the_place_is_found_in_any_notebook(
    outer: dict[str, Any], metadata: dict[str, Any], indent: int | None
) -> None:
    """Whatever else a notebook holds, in any order and layout, only `metadata` grows."""
    metadata.pop("widgets", None)
    document = {**outer, **notebook("slider"), "metadata": metadata}
    content = json.dumps(document, indent=indent, ensure_ascii=False).encode()
    gap = find_gap(content, document)
    file = NotebookFile("a", content, facts=NotebookFacts(gap=gap)).with_widgets(WIDGETS, Path())
    found = json.loads(file.content or b"")
    assert found["metadata"].pop("widgets")[STATE]["state"].keys() == {"slider", "layout"}
    assert found == document
