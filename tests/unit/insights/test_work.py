"""Waiting, and one core of many."""

from __future__ import annotations

import pytest

from jupyter_session_export.records.finding import HIGH, LOW, MEDIUM

from .runs import MB, Notebook, only


@pytest.mark.parametrize(("disk", "sure"), [(None, MEDIUM), (0, MEDIUM), (900 * MB, HIGH)])
def test_waiting_is_what_is_neither_computing_nor_over(disk: int | None, sure: str) -> None:
    """For a disk, where as much was moved; else for something else."""
    notebook = Notebook()
    notebook.run("r = fetch()", 10.0, cpu=0.5, disk_bytes=disk)
    found = only(notebook.found(), "WAITING")
    assert found.figures["waiting_seconds"] == 9.5
    assert (found.saving_seconds, found.confidence) == (9.5, sure)
    assert ("disk" in found.what) == (disk == 900 * MB)


def test_imports_and_a_busy_machine_are_no_waiting() -> None:
    """Only what neither explains is, and is saved but once."""
    notebook = Notebook()
    notebook.run("imports()", 10.0, cpu=3.0, importing=6.0)
    notebook.run("computes()", 10.0, cpu=3.0, delayed=6.5)
    assert "WAITING" not in notebook.codes_found()
    notebook.run("fetch()", 20.0, cpu=0.5, importing=1.0, delayed=0.5)
    assert only(notebook.found(), "WAITING").figures["waiting_seconds"] == 18.0


@pytest.mark.parametrize("code", ["%session_panel", "# first\n%session_export --fast\n"])
def test_asking_for_this_recorder_is_no_work(code: str) -> None:
    """Nothing is found in it, however long it took; a cell that does more is as any other."""
    notebook = Notebook()
    notebook.run(code, 60.0, cpu=0.1)
    assert notebook.codes_found() == []
    notebook.run(f"fetch()\n{code}", 60.0, cpu=0.1)
    assert "WAITING" in notebook.codes_found()


def test_who_waits_for_a_person_needs_no_advice() -> None:
    """Nothing makes an answer come faster."""
    notebook = Notebook()
    notebook.run("name = input()", 60.0, cpu=0.1)
    notebook.run("breakpoint()", 60.0, cpu=0.1)
    assert "WAITING" not in notebook.codes_found()


def test_computing_is_not_waiting_and_unmeasured_is_nothing() -> None:
    """Nor is a second, nor what several cores did."""
    notebook = Notebook()
    notebook.run("a()", 4.0, cpu=3.9)
    notebook.run("b()", 4.0, cpu=30.0)
    notebook.run("c()", 1.0, cpu=0.0)
    notebook.run("d()", 4.0)
    assert notebook.codes_found() == []


def test_one_busy_core_of_many_is_found() -> None:
    """With what the others could have done at most."""
    notebook = Notebook()
    notebook.run("loop()", 20.0, cpu=19.8)
    found = only(notebook.found(cores=8), "ONE_CORE")
    assert found.figures["busy_cores"] == pytest.approx(0.99)
    assert found.saving_seconds == 17.5
    assert found.confidence == LOW


@pytest.mark.parametrize(
    ("seconds", "cpu", "cores"),
    [(20.0, 19.8, 1), (20.0, 19.8, None), (20.0, 80.0, 8), (20.0, 4.5, 8), (2.9, 2.9, 8)],
)
def test_one_core_is_no_finding_where_there_are_no_others(
    seconds: float, cpu: float, cores: int | None
) -> None:
    """Nor where several are busy, none is, or not for long."""
    notebook = Notebook()
    notebook.run("loop()", seconds, cpu=cpu)
    assert "ONE_CORE" not in notebook.codes_found(cores=cores)
