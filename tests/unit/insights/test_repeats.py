"""Code that runs again for nothing."""

from __future__ import annotations

import pytest

from jupyter_session_export.records.finding import LOW, MEDIUM

from .runs import Notebook, only


def test_code_that_runs_again_for_nothing_is_found() -> None:
    """The repeats could only do what the first run did."""
    notebook = Notebook()
    notebook.run("import time")
    for _ in range(5):
        notebook.run("time.sleep(1)\nx = 3", 1.0)
    found = only(notebook.found(), "REPEATED")
    assert found.executions == (2, 3, 4, 5, 6)
    assert found.saving_seconds == 4.0
    assert found.confidence == MEDIUM


def test_a_chain_that_is_run_again_is_found_as_a_whole() -> None:
    """What a repeat binds anew is what it was."""
    notebook = Notebook()
    for _ in range(4):
        notebook.run("df = load()", 1.0)
        notebook.run("plot(df)", 2.0)
    found = [each.saving_seconds for each in notebook.found() if each.code == "REPEATED"]
    assert found == [6.0, 3.0]


@pytest.mark.parametrize(
    ("between", "again"),
    [
        ("n = {}", "fit(n)"),
        ("n.append({})", "fit(n)"),
        ("n[{}] = 1", "fit(n)"),
        ("x = {}", "n = n + 1"),
        ("%run {}", "fit(n)"),
        ("def fit(m): return {}", "fit(n)"),
    ],
)
def test_code_that_runs_again_on_something_else_is_not(between: str, again: str) -> None:
    """Another parameter, a list that has grown, a counter, another function."""
    notebook = Notebook()
    for number in range(5):
        notebook.run(between.format(number))
        notebook.run(again, 1.0)
    assert "REPEATED" not in notebook.codes_found()


def test_a_function_is_as_old_as_what_it_reads() -> None:
    """Calling it again after that has changed is no repeat."""
    notebook = Notebook()
    notebook.run("def report():\n    return df.mean()")
    for number in range(5):
        notebook.run(f"df = load({number})")
        notebook.run("report()", 1.0)
    assert "REPEATED" not in notebook.codes_found()


def test_runs_of_another_language_are_alike_in_a_row_only() -> None:
    """What they use isn't known, so anything between may have changed it."""
    for between, sure in ((False, [LOW]), (True, [])):
        notebook = Notebook(language="bash")
        for number in range(4):
            if between:
                notebook.run(f"x={number}")
            notebook.run("./train.sh", 2.0)
        found = [each for each in notebook.found() if each.code == "REPEATED"]
        assert [each.confidence for each in found] == sure


def test_quick_or_failed_repeats_are_not_worth_a_word() -> None:
    """Seconds count, and a cell that failed is run again with reason."""
    notebook = Notebook()
    for _ in range(20):
        notebook.run("x = 3", 0.05)
        notebook.run("y = broken()", 5.0, status="error", cell=None)
    assert "REPEATED" not in notebook.codes_found()


def test_a_restarted_kernel_has_to_run_it_again() -> None:
    """Each process counts for itself."""
    notebook = Notebook()
    for start in range(4):
        notebook.kernel = f"k1.{start}"
        notebook.run("df = load()", 3.0)
    assert "REPEATED" not in notebook.codes_found()
