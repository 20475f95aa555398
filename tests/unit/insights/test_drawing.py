from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_session_export.insights.drawing import MOST_BARS, draw
from jupyter_session_export.insights.timeline import Run, Timeline

from .runs import T0, Notebook


def test_a_run_is_a_bar_where_and_as_long_as_it_was() -> None:
    """In parts of all the time that there was."""
    notebook = Notebook()
    notebook.run("a", 1.0)
    notebook.at = T0 + 5
    notebook.run("b", 2.0, status="error")
    drawing = draw(notebook.timeline(present=T0 + 10))
    assert (drawing.start, drawing.end) == (T0, T0 + 10)
    first, second = drawing.bars
    assert (first.x, first.width, first.status) == (0.0, pytest.approx(0.1), "ok")
    assert (second.x, second.width, second.status) == (0.5, pytest.approx(0.2), "error")


def test_each_kernel_has_a_row() -> None:
    """In the order in which they came."""
    runs = [Run(1, "b.1", started=T0, finished=T0 + 1), Run(2, "a.1", started=T0, finished=T0 + 1)]
    drawing = draw(Timeline(runs=tuple(runs), present=T0 + 2))
    assert drawing.rows == ("b.1", "a.1")
    assert [bar.row for bar in drawing.bars] == [0, 1]


def test_what_runs_goes_on_until_now() -> None:
    """It has no end of its own yet."""
    drawing = draw(Timeline(runs=(Run(1, "a.1", started=T0, status="running"),), present=T0 + 8))
    (bar,) = drawing.bars
    assert (bar.x, bar.width, bar.status) == (0.0, 1.0, "running")


def test_bars_that_can_not_be_told_apart_are_one() -> None:
    """With how many there are, the longest of them, and that something went wrong."""
    notebook = Notebook()
    for number in range(10):
        notebook.run(f"x{number}", 0.001 * (1 + number), status="error" if number == 3 else "ok")
    drawing = draw(notebook.timeline(present=T0 + 3600))
    (bar,) = drawing.bars
    assert (bar.runs, bar.size, bar.longest.number, bar.status) == ((1, 10), 10, 10, "error")


def test_nothing_is_an_empty_picture() -> None:
    """Nor has what never began a place in it."""
    assert draw(Timeline()).bars == ()
    assert draw(Timeline(runs=(Run(1, "a.1"),))).bars == ()


TIMES = st.none() | st.floats(0, 1e9)
RUNS = st.builds(
    Run,
    number=st.integers(1, 99),
    kernel=st.sampled_from(["a.1", "a.2"]),
    started=TIMES,
    finished=TIMES,
)


@settings(deadline=None)
@given(st.lists(RUNS, max_size=30), st.floats(0, 1e9))
def test_each_run_is_in_one_bar_within_the_picture(runs: list[Run], present: float) -> None:
    """Whatever the clocks were set to."""
    drawing = draw(Timeline(runs=tuple(runs), present=present))
    assert sum(bar.size for bar in drawing.bars) == sum(run.started is not None for run in runs)
    for bar in drawing.bars:
        assert 0 <= bar.x <= bar.x + bar.width <= 1 + 1e-9


def test_a_long_session_has_no_more_bars_than_can_be_seen() -> None:
    """Ten thousand cells are drawn as some hundred."""
    notebook = Notebook()
    for number in range(10_000):
        notebook.run(f"x{number % 7}", 0.5)
    assert 10 <= len(draw(notebook.timeline()).bars) <= MOST_BARS + 1
