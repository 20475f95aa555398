"""Cells out of order, and results that the notebook no longer shows."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_session_export.insights.timeline import Layout
from jupyter_session_export.records.finding import HIGH

from .runs import T0, Notebook, layout, only


def test_cells_that_ran_out_of_order_are_found() -> None:
    """One used what a cell below it had made."""
    notebook = Notebook()
    notebook.run("x = 1")
    notebook.run("print(x)")
    found = only(notebook.found(layouts=layout(notebook, "print(x)", "x = 1")), "OUT_OF_ORDER")
    assert found.executions == (2, 1)
    assert found.figures["names"] == "x"


@pytest.mark.parametrize("cells", [("x = 1", "print(x)"), ("print(x)",), ()])
def test_cells_in_order_or_of_no_known_order_are_not(cells: tuple[str, ...]) -> None:
    """What the notebook doesn't hold has no place in it."""
    notebook = Notebook()
    notebook.run("x = 1")
    notebook.run("print(x)")
    layouts = {"a.ipynb": Layout(cells, T0)}
    assert notebook.codes_found(layouts=layouts) == []


def test_running_an_upper_cell_again_is_in_order() -> None:
    """As long as it uses nothing from below."""
    notebook = Notebook()
    for code in ("x = 1", "y = x", "print(y)", "x = 1", "print(y)"):
        notebook.run(code)
    assert notebook.codes_found(layouts=layout(notebook, "x = 1", "y = x", "print(y)")) == []


def test_a_result_of_code_that_was_changed_since_is_hidden_state() -> None:
    """The cell that made the name has other code now."""
    notebook = Notebook()
    notebook.run("x = 1", cell="c1")
    notebook.run("print(x)", cell="c2")
    notebook.run("x = 2", cell="c1")
    found = only(notebook.found(), "HIDDEN_STATE")
    assert found.executions == (2, 1)
    assert found.confidence == HIGH
    notebook.run("print(x)", cell="c2")
    assert notebook.codes_found() == []


def test_a_name_that_is_changed_otherwise_now_is_hidden_state() -> None:
    """By another statement of the same cell."""
    notebook = Notebook()
    notebook.run("df = load()", cell="c1")
    notebook.run("plot(df)", cell="c2")
    notebook.run("df = load()\ndf['a'] = 1", cell="c1")
    assert only(notebook.found(), "HIDDEN_STATE").executions == (2, 1)


def test_a_name_that_outlived_its_code_is_hidden_state() -> None:
    """It is still there although no cell makes it."""
    notebook = Notebook()
    notebook.run("x = 1", cell="c1")
    notebook.run("y = 2", cell="c1")
    notebook.run("print(x)", cell="c2")
    assert only(notebook.found(), "HIDDEN_STATE").figures["names"] == "x"


def test_a_result_of_a_deleted_cell_is_hidden_state() -> None:
    """Where the notebook was saved without it after it ran."""
    notebook = Notebook()
    notebook.run("x = 1")
    notebook.run("print(x)")
    found = only(notebook.found(layouts=layout(notebook, "print(x)")), "HIDDEN_STATE")
    assert "deleted" in found.what
    assert notebook.codes_found(layouts={"a.ipynb": Layout(("print(x)",), T0)}) == []


@pytest.mark.parametrize(
    "codes",
    [
        (("x = 1", "c1"), ("print(x)", "c2"), ("x = 2", "c3")),
        (("x = 1", "c1"), ("print(x)", "c2"), ("x = 1", "c1")),
        (("import a", "c1"), ("print(a)", "c2"), ("import a\nimport b", "c1")),
        (("x = 1\ny = 2", "c1"), ("print(x)", "c2"), ("# more\nx = 1\ny = 3", "c1")),
        (("x = 1", "c1"), ("from m import *", "c4"), ("print(x)", "c2"), ("x = 2", "c1")),
        (("x = 1", None), ("print(x)", "c2"), ("x = 2", None)),
    ],
)
def test_what_the_notebook_still_shows_is_not_hidden(codes: Any) -> None:
    """Another cell may bind the name, the same may run again; the unknown proves nothing."""
    notebook = Notebook()
    for code, cell in codes:
        notebook.run(code, cell=cell)
    assert notebook.codes_found() == []
