"""Cells that wait for others."""

from __future__ import annotations

import pytest

from jupyter_session_export.records.finding import LOW, MEDIUM

from .runs import Notebook, only


def queued(first: str, *others: str, language: str = "python") -> Notebook:
    """Run a cell for a minute, with others asked for when it began."""
    notebook = Notebook(language=language)
    asked = notebook.at
    notebook.run(first, 60.0)
    for code in others:
        notebook.run(code, 0.1, submitted=asked + 1)
    return notebook


@pytest.mark.parametrize(("language", "sure"), [("python", MEDIUM), ("bash", LOW)])
def test_cells_that_wait_for_one_that_they_do_not_need_are_found(language: str, sure: str) -> None:
    """Its result is not used by them."""
    found = only(queued("m = fit()", "x = 1", "print(x)", language=language).found(), "LONG_QUEUE")
    assert found.figures["longest_wait_seconds"] == pytest.approx(59.0, abs=0.01)
    assert found.figures["held_up"] == 2
    assert found.executions == (1, 2, 3)
    assert found.confidence == sure


@pytest.mark.parametrize(
    "others",
    [
        ("print(m)",),
        ("n = m + 1", "print(n)"),
        ("%run x",),
        ("def f(): return m", "print(f())"),
    ],
)
def test_cells_that_need_its_result_wait_with_reason(others: tuple[str, ...]) -> None:
    """As when all cells are run at once."""
    assert "LONG_QUEUE" not in queued("m = fit()", *others).codes_found()


def test_a_short_wait_and_a_wait_behind_many_are_none() -> None:
    """No single cell is what it waited for."""
    notebook = Notebook()
    asked = notebook.at
    for number in range(20):
        notebook.run(f"a{number} = 1", 1.0, submitted=asked)
    assert notebook.codes_found() == []
