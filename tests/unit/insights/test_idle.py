"""Kernels that nobody uses."""

from __future__ import annotations

import pytest

from jupyter_session_export.records.finding import HIGH, MEDIUM

from .runs import clean, only


@pytest.mark.parametrize("ended", [True, False])
def test_a_kernel_that_nobody_used_is_found(ended: bool) -> None:
    """Until it ended, or until now."""
    notebook = clean()
    end = notebook.at + 7200
    known = {"kernel_ends": {"k1.1": end}} if ended else {"kernels_alive": frozenset(["k1.1"])}
    found = only(notebook.found(present=end, **known), "IDLE_KERNEL")
    assert found.figures["idle_seconds"] == pytest.approx(7200, abs=1)
    assert found.confidence == (HIGH if ended else MEDIUM)


def test_a_kernel_that_is_used_or_just_was_is_not() -> None:
    """Nor one that still runs a cell; of one that may be gone nothing is known."""
    notebook, alive = clean(), frozenset(["k1.1"])
    assert notebook.codes_found(present=notebook.at + 600, kernels_alive=alive) == []
    assert notebook.codes_found(present=notebook.at + 7200) == []
    notebook.run("loop()", finished=None, seconds=None, status="running")
    assert notebook.codes_found(present=notebook.at + 7200, kernels_alive=alive) == []
