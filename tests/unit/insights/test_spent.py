"""What most of the time was spent on."""

from __future__ import annotations

import pytest

from jupyter_session_export.records.finding import HIGH, MEDIUM

from .runs import MB, Notebook, clean, only


def test_the_bottleneck_is_named_with_its_share() -> None:
    """One cell of many takes most of the time."""
    notebook = clean()
    notebook.run("model = fit(df)", 12.0)
    notebook.run("model = fit(df)", 8.0)
    found = only(notebook.found(), "BOTTLENECK")
    assert found.figures["seconds"] == 20.0
    assert found.figures["share"] == pytest.approx(20 / 24)
    assert found.executions == (6, 7)
    assert found.saving_seconds == 10.0


def test_no_cell_is_a_bottleneck_where_all_take_long() -> None:
    """Nor where there is hardly another one."""
    notebook = Notebook()
    for number in range(5):
        notebook.run(f"step{number}()", 10.0)
    assert notebook.codes_found() == []
    alone = Notebook()
    alone.run("step()", 60.0)
    assert alone.codes_found() == []


def test_imports_that_dominate_are_found() -> None:
    """With how often the kernel was started for it."""
    notebook = Notebook()
    for start in range(2):
        notebook.kernel = f"k1.{start}"
        notebook.run("import torch", 5.0, importing=4.8)
    found = only(notebook.found(), "SLOW_IMPORTS")
    assert found.figures["importing_seconds"] == pytest.approx(9.6)
    assert found.figures["kernel_starts"] == 2
    assert found.confidence == MEDIUM


def test_imports_beside_more_work_or_unmeasured_are_not() -> None:
    """Three seconds of twenty don't dominate, and what isn't known isn't said."""
    notebook = Notebook()
    notebook.run("import torch; train()", 20.0, importing=3.0)
    notebook.run("import jax", 5.0)
    assert "SLOW_IMPORTS" not in notebook.codes_found()


def test_installs_in_cells_are_found() -> None:
    """All of them in one finding."""
    notebook = Notebook()
    notebook.run("%pip install a", 4.0, cpu=0.1)
    notebook.run("!pip install b", 2.0, cpu=0.1)
    found = only(notebook.found(), "INSTALLS_IN_CELLS")
    assert (found.saving_seconds, found.confidence) == (6.0, HIGH)
    assert "WAITING" not in notebook.codes_found()


def test_an_install_that_had_nothing_to_do_is_not() -> None:
    """It was quick."""
    notebook = Notebook()
    notebook.run("%pip install a", 0.5)
    notebook.run("print('pip install a')", 5.0)
    assert notebook.codes_found() == []


def test_a_flood_of_output_is_found() -> None:
    """Its bytes are counted; its time is told where it was measured."""
    notebook = Notebook()
    notebook.run("for i in r: print(i)", 3.0, output_bytes=50 * MB, writing=2.5)
    found = only(notebook.found(), "OUTPUT_FLOOD")
    assert found.figures["output_bytes"] == 50 * MB
    assert found.saving_seconds == 2.5
    notebook = Notebook()
    notebook.run("for i in r: print(i)", 3.0, output_bytes=50 * MB)
    assert only(notebook.found(), "OUTPUT_FLOOD").saving_seconds is None


def test_a_megabyte_of_output_is_no_flood() -> None:
    """Nor are ten of them in ten cells."""
    notebook = Notebook()
    for number in range(12):
        notebook.run(f"print({number})", output_bytes=MB)
    assert notebook.codes_found() == []
