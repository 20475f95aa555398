"""What ran before, as a time line and as an expectation."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.kernel.history import Started
from jupyter_session_export.kernel.panel.runs import Expected, Runs
from tests.unit.kernel.panel.ended import FakeHistory, ended, run


def test_what_ended_since_is_taken_in_once() -> None:
    """And told to be new."""
    history = FakeHistory(ended(0), ended(1))
    runs = Runs(history)
    assert runs.refresh()
    assert not runs.refresh()
    history.add(ended(2))
    assert runs.refresh()
    assert [each.number for each in runs.ended] == [0, 1, 2]
    assert [each.started for each in runs.ended] == [1e6, 1e6 + 10, 1e6 + 20]


def test_a_history_that_is_cleared_leaves_nothing() -> None:
    """Neither runs nor how long they took, as after a purge."""
    history = FakeHistory(ended(0, code="slow()"))
    runs = Runs(history)
    runs.refresh()
    history.clear()
    assert runs.refresh()
    assert runs.ended == []
    assert runs.expected(Started(1, "slow()", None, 0.0)) is None


def test_what_is_not_recorded_is_left_out() -> None:
    """Until it turns out to be; wherever it stands."""
    history = FakeHistory(ended(0), ended(1), ended(2))
    runs = Runs(history)
    runs.refresh()
    history.compare(["m0", "m2"], until=3)
    assert runs.refresh()
    assert [each.number for each in runs.ended] == [0, 2]
    history.compare(["m1", "m2"], until=3)
    assert runs.refresh()
    assert [each.number for each in runs.ended] == [1, 2]
    assert not runs.refresh()


@given(st.lists(st.integers(1, 4), max_size=20))
def test_it_is_what_the_history_holds(steps: list[int]) -> None:
    """However many end between two looks, and however few are remembered."""
    history = FakeHistory()
    history._ended = type(history._ended)(maxlen=5)
    runs = Runs(history)
    for step in steps:
        history.add(*(ended(history.count + each) for each in range(step)))
        runs.refresh()
        assert [each.number for each in runs.ended] == [each.number for each in history.ended()]


def test_the_same_source_takes_as_long_as_before() -> None:
    """The middle of its last runs that ended well; of one that never ran nothing is known."""
    spans = [9.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    history = FakeHistory(
        *(ended(n, code="slow()", seconds=span) for n, span in enumerate(spans)),
        ended(6, code="slow()", seconds=0.1, status="error"),
    )
    runs = Runs(history)
    runs.refresh()
    assert runs.expected(Started(8, "slow()", None, 0.0)) == Expected(3.0, 5)
    assert runs.expected(Started(8, "slow( )", None, 0.0)) is None


def test_other_kernels_tell_how_long_a_source_takes() -> None:
    """A restart forgets nothing: the record knows."""
    runs = Runs(FakeHistory())
    digest = hashlib.sha256(b"slow()").hexdigest()
    runs.know([run(1, source=digest, seconds=7.0), run(2, source="other", seconds=1.0)])
    assert runs.expected(Started(1, "slow()", None, 0.0)) == Expected(7.0, 1)
    assert [each.number for each in runs.others] == [1, 2]
    assert runs.ended == []
