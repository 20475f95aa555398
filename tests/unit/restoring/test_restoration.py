"""Writing results into cells, and taking them back."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.errors import NotebookUnreadable, NothingToUndo
from jupyter_session_export.restoring.decisions import Decision, Outcome, decide
from jupyter_session_export.restoring.notebook import CodeCell, code_cells, in_lines, whole
from jupyter_session_export.restoring.restoration import Written, distrust, restore, trust, undo
from jupyter_session_export.restoring.undo import UndoFolder
from jupyter_session_export.store.undo_files import MOST_KEPT, Place

from .runs import cell_of, outputs_of, run_of, text

OUTPUTS = [
    text("one\ntwo"),
    {
        "output_type": "display_data",
        "data": {
            "text/html": "<b>\n</b>",
            "image/png": "aaaa\n",
            "image/svg+xml": "<svg>\n</svg>",
            "application/json": ["a\n", "b"],
        },
        "metadata": {},
    },
    {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["a", "b"]},
]


def notebook_of(*cells: Any) -> dict[str, Any]:
    documents = [cell.document for cell in cells]
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": documents}


def test_outputs_are_split_as_nbformat_splits_them() -> None:
    """So a restored notebook has the lines that JupyterLab would have saved."""
    cell = nbformat.v4.new_code_cell(outputs=[nbformat.from_dict(one) for one in OUTPUTS])
    written = json.loads(nbformat.writes(nbformat.v4.new_notebook(cells=[cell])))
    assert [in_lines(one) for one in OUTPUTS] == written["cells"][0]["outputs"]


@given(st.text(), st.sampled_from(["text/plain", "image/svg+xml", "image/png"]))
def test_lines_are_joined_to_what_they_were(content: str, mime: str) -> None:
    """Splitting and joining loses nothing."""
    rich = {"output_type": "display_data", "data": {mime: content}, "metadata": {}}
    for output in (text(content), rich):
        assert whole(in_lines(output)) == output


def test_results_are_written_and_taken_back() -> None:
    """Outputs, count and times; all else of the notebook stays, and undo leaves no trace."""
    cell = cell_of("x", outputs=[text("old")], execution_count=3, metadata={"tags": ["a"]})
    notebook = notebook_of(cell, cell_of("y", 1))
    before = copy.deepcopy(notebook)
    run = run_of("x", 7)
    done = restore(
        decide(code_cells(notebook), {0: run}, force=False),
        {0: outputs_of(run, *OUTPUTS)},
        lines=True,
    )
    nbformat.validate(nbformat.from_dict(notebook))
    assert [whole(one) for one in cell.document["outputs"]] == OUTPUTS
    assert (cell.execution_count, cell.document["metadata"]["tags"]) == (7, ["a"])
    assert cell.ended_at is not None
    trust(code_cells(notebook), done.written)
    assert cell.document["metadata"].pop("trusted") is True
    assert undo(code_cells(notebook), done.written) == done.written
    assert notebook == before
    distrust(code_cells(notebook), done.written)
    assert cell.document["metadata"]["trusted"] is False


def test_a_cell_that_was_run_since_is_not_undone() -> None:
    """Its new outputs are nobody's to take away."""
    cell, run = cell_of("x"), run_of("x")
    done = restore(
        decide([cell], {0: run}, force=False), {0: outputs_of(run, text("a"))}, lines=True
    )
    cell.document["outputs"] = [text("newer")]
    assert undo([cell], done.written) == []
    assert cell.document["outputs"] == [text("newer")]


def test_a_cell_that_has_its_outputs_stays_as_it_is() -> None:
    """Also where only reading them tells that they are the same."""
    cell, run = cell_of("x", outputs=[text("a")], execution_count=1), run_of("x")
    before = copy.deepcopy(cell.document)
    done = restore(
        decide([cell], {0: run}, force=False), {0: outputs_of(run, text("a"))}, lines=True
    )
    assert ([one.outcome for one in done.decisions], done.written) == ([Outcome.SAME], [])
    assert cell.document == before


@pytest.mark.parametrize("document", [[], {}, {"nbformat": 3, "cells": []}, {"nbformat": 4}])
def test_what_is_no_notebook_is_refused(document: Any) -> None:
    """As is one of an older version, whose cells lie elsewhere."""
    with pytest.raises(NotebookUnreadable):
        list(code_cells(document))


def test_what_was_there_is_kept_privately_and_not_for_ever(tmp_path: Path) -> None:
    """The last one of each notebook, of so many notebooks."""
    folder, run = UndoFolder(tmp_path), run_of("x")
    cell = cell_of("x", outputs=[text("\ud83d")])
    done = restore(decide([cell], {0: run}, force=False), {0: outputs_of(run)}, lines=True)
    for number in range(MOST_KEPT + 3):
        folder.keep(Place("ada", f"/n{number}.ipynb"), done.written)
    last = Place("ada", f"/n{MOST_KEPT + 2}.ipynb")
    assert folder.of(last) == done.written
    files = list((tmp_path / "restored").iterdir())
    assert len(files) == MOST_KEPT
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    folder.forget(last)
    with pytest.raises(NothingToUndo):
        folder.of(last)


def given(cell: CodeCell, content: str) -> list[Written]:
    """Restore this text into a cell."""
    run = run_of("x")
    found = {cell.place: outputs_of(run, text(content))}
    return restore([Decision(cell, Outcome.RESTORED, run)], found, lines=True).written


def test_what_a_cell_had_at_first_is_kept_over_several_restores(tmp_path: Path) -> None:
    """As of one that ran on: each restore brings more of it, and one undo takes back all."""
    folder, place = UndoFolder(tmp_path), Place("ada", "/a.ipynb")
    cell, other = cell_of("x", outputs=[text("mine")]), cell_of("x", 1, outputs=[text("too")])
    folder.keep(place, [*given(cell, "a"), *given(other, "b")])
    folder.keep(place, given(cell, "ab"))
    assert len(undo([cell, other], folder.of(place))) == 2
    assert [one.document["outputs"] for one in (cell, other)] == [[text("mine")], [text("too")]]


def test_what_a_cell_was_run_to_in_between_is_what_it_had(tmp_path: Path) -> None:
    """Its first outputs were replaced by whoever ran it, not by restoring."""
    folder, place = UndoFolder(tmp_path), Place("ada", "/a.ipynb")
    cell = cell_of("x", outputs=[text("mine")])
    folder.keep(place, given(cell, "a"))
    cell.document["outputs"] = [text("ran")]
    folder.keep(place, given(cell, "b"))
    undo([cell], folder.of(place))
    assert cell.document["outputs"] == [text("ran")]


def test_a_restore_that_was_not_written_leaves_the_undo_of_the_one_before(tmp_path: Path) -> None:
    """Whether that is known, or is not, since the server failed after it began."""
    folder, place = UndoFolder(tmp_path), Place("ada", "/a.ipynb")
    cell = cell_of("x", outputs=[text("mine")])
    first = given(cell, "a")
    folder.keep(place, first)
    on_disk = copy.deepcopy(cell)
    kept = folder.keep(place, given(cell, "ab"))
    uncertain = folder.of(place)
    folder.take_back(kept)
    assert folder.of(place) == first
    for written in (uncertain, first):
        notebook = copy.deepcopy(on_disk)
        undo([notebook], written)
        assert notebook.document["outputs"] == [text("mine")]


def test_undo_is_of_one_owner(tmp_path: Path) -> None:
    """Two who have one notebook have no part in each other's outputs."""
    folder, cell = UndoFolder(tmp_path), cell_of("x")
    for owner in ("ada", "bob"):
        folder.keep(Place(owner, "/a.ipynb"), given(cell, owner))
    folder.forget(Place("ada", "/a.ipynb"))
    with pytest.raises(NothingToUndo):
        folder.of(Place("ada", "/a.ipynb"))
    assert folder.newest("/a.ipynb", ["ada", "bob"]) == Place("bob", "/a.ipynb")
    with pytest.raises(NothingToUndo):
        folder.of(folder.newest("/a.ipynb", ["ada"]))
