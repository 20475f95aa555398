"""Which cells get what was recorded of them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.records.shown import digest
from jupyter_session_export.restoring.decisions import (
    Outcome,
    decide,
    match,
)
from jupyter_session_export.restoring.notebook import CodeCell
from jupyter_session_export.restoring.run import Run

from .runs import ENDED, LATER, cell_of, run_of, text

HAS = [{"output_type": "stream", "name": "stdout", "text": ["a\n", "b"]}]
CUT = [
    *HAS,
    {"output_type": "stream", "name": "stderr", "text": ["\n", "IOPub data rate exceeded.\n"]},
]


def timed(at: str) -> dict[str, object]:
    return {"execution": {"iopub.status.idle": at}}


@pytest.mark.parametrize(
    ("cell", "run", "expected"),
    [
        (cell_of("x"), None, Outcome.NEVER_RAN),
        (cell_of("x"), run_of("x"), Outcome.RESTORED),
        (cell_of("x"), run_of("x", status="running", execution_count=None), Outcome.PARTLY),
        (cell_of("x"), run_of("x", status="queued"), Outcome.WAITS),
        (cell_of("x = 2"), run_of("x"), Outcome.EDITED),
        (cell_of("x", metadata=timed(LATER)), run_of("x"), Outcome.NEWER),
        (cell_of("x", metadata=timed(ENDED)), run_of("x"), Outcome.RESTORED),
        (cell_of("x", metadata=timed("yesterday")), run_of("x"), Outcome.RESTORED),
        (
            cell_of("x", outputs=HAS, execution_count=1),
            run_of("x", outputs_digest=digest([text("a\nb")])),
            Outcome.SAME,
        ),
        (
            cell_of("x", outputs=HAS, execution_count=7),
            run_of("x", outputs_digest=digest([text("a\nb")])),
            Outcome.RESTORED,
        ),
    ],
)
def test_a_cell_is_left_alone_where_it_is_no_more_what_ran(
    cell: CodeCell, run: Run | None, expected: Outcome
) -> None:
    """Its source, or a later run that the record doesn't have, is what counts."""
    runs = {} if run is None else {cell.place: run}
    known = {None: {digest([text("a\nb")])}}
    assert [one.outcome for one in decide([cell], runs, known, force=False)] == [expected]


@pytest.mark.parametrize(
    ("cell", "run"),
    [
        (cell_of("edited"), run_of("x")),
        (cell_of("x", metadata=timed(LATER)), run_of("x")),
        (cell_of("x", outputs=HAS, execution_count=1), run_of("x")),
        (cell_of("x", outputs=HAS), run_of("x", truncated=True)),
    ],
    ids=["edited", "newer", "unknown", "cut"],
)
def test_force_overrules(cell: CodeCell, run: Run) -> None:
    """Then the outputs are replaced all the same."""
    (decision,) = decide([cell], {0: run}, {}, force=True)
    assert decision.outcome is Outcome.RESTORED


@pytest.mark.parametrize(
    ("cell", "run", "expected"),
    [
        (cell_of("x", outputs=HAS, execution_count=1), run_of("x"), Outcome.NEWER),
        (cell_of("x", outputs=HAS, execution_count=1), run_of("x", cell_id="a"), Outcome.RESTORED),
        (cell_of("x", outputs=HAS, execution_count=1), run_of("x", cell_id="b"), Outcome.NEWER),
        (cell_of("x", outputs=CUT, execution_count=1), run_of("x"), Outcome.RESTORED),
        (cell_of("x", outputs=CUT, execution_count=2), run_of("x"), Outcome.NEWER),
        # Saved while it ran: what comes after it isn't there yet.
        (cell_of("x", outputs=HAS), run_of("x"), Outcome.RESTORED),
        (cell_of("x", execution_count=1), run_of("x"), Outcome.RESTORED),
        (
            cell_of("x", outputs=HAS, execution_count=1, metadata=timed(ENDED)),
            run_of("x"),
            Outcome.RESTORED,
        ),
        (
            cell_of("x", outputs=HAS, execution_count=1),
            run_of("x", status="running"),
            Outcome.PARTLY,
        ),
    ],
)
def test_outputs_that_no_run_has_shown_may_be_newer(
    cell: CodeCell, run: Run, expected: Outcome
) -> None:
    """Where the notebook doesn't tell when they were made; an earlier run's are the record's.

    So is what a rate limit has left of the run's own.
    """
    (decision,) = decide([cell], {0: run}, {"a": {digest([text("a\nb")])}}, force=False)
    assert decision.outcome is expected


@pytest.mark.parametrize(
    ("cell", "more", "expected"),
    [
        (cell_of("x", outputs=HAS), {}, Outcome.CUT),
        (cell_of("x", outputs=HAS), {"status": "running"}, Outcome.CUT),
        (cell_of("x"), {}, Outcome.RESTORED),
        (
            cell_of("x", outputs=HAS, execution_count=1, metadata=timed(ENDED)),
            {"outputs_digest": digest([text("a\nb")])},
            Outcome.SAME,
        ),
    ],
)
def test_a_record_that_was_cut_short_replaces_nothing(
    cell: CodeCell, more: dict[str, Any], expected: Outcome
) -> None:
    """What the cell has may be more; where it has nothing, the beginning is better than that."""
    (decision,) = decide([cell], {0: run_of("x", truncated=True, **more)}, {}, force=False)
    assert decision.outcome is expected


def test_cells_are_known_by_their_ids() -> None:
    """Also where their source was edited; then others with that source don't take it."""
    cells = [cell_of("a", 0), cell_of("b", 1)]
    named = [run_of("old", 1, cell_id="c1"), run_of("b", 2, cell_id="gone")]
    assert match(cells, named, []) == {1: named[0]}


def test_a_notebook_that_was_run_without_ids_is_known_by_its_sources() -> None:
    """In their order, of the last pass; cells that were not reached have no run."""
    cells = [cell_of(source, place) for place, source in enumerate("xyxzx")]
    ran = [run_of(source, number) for number, source in enumerate("xyxzx" + "xyx", 1)]
    found = match(cells, [], ran[:5])
    assert [found[place].number for place in range(5)] == [1, 2, 3, 4, 5]
    assert [run.number for run in match(cells[:3], [], ran).values()] == [8, 7, 6]


@given(st.lists(st.sampled_from("abc"), max_size=8), st.lists(st.sampled_from("abc"), max_size=12))
def test_matching_keeps_the_order(cells: list[str], ran: list[str]) -> None:
    """Whatever ran, cells get runs of their own source, in order, each at most once."""
    runs = [run_of(source, number) for number, source in enumerate(ran, 1)]
    found = match([cell_of(source, place) for place, source in enumerate(cells)], [], runs)
    numbers = [found[place].number or 0 for place in sorted(found)]
    assert numbers == sorted(set(numbers))
    assert all(ran[(run.number or 0) - 1] == cells[place] for place, run in found.items())
