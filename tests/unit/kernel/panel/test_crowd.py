"""Runs that are put together as they come."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.kernel.panel.crowd import MOST_STRETCHES, Crowd
from tests.unit.kernel.panel.ended import run


@given(st.lists(st.tuples(st.floats(0, 5), st.floats(0, 100)), max_size=50))
def test_few_runs_stay_what_they_are(spans: list[tuple[float, float]]) -> None:
    """Each with its begin and its end."""
    crowd = Crowd()
    crowd.add(run(n, started=at, finished=at + took) for n, (at, took) in enumerate(spans))
    assert [(each.begin, each.end) for each in crowd.stretches] == [
        (at, at + took) for at, took in spans
    ]
    assert crowd.first == min((at for at, _ in spans), default=None)


def test_many_runs_are_few_to_draw() -> None:
    """None of them is forgotten, and the longest is told of."""
    crowd = Crowd()
    for number in range(5000):
        took = 9.0 if number == 3333 else 0.008
        began = 0.01 * number
        crowd.add([run(number, started=began, finished=began + took, seconds=took, cell="c")])
    assert len(crowd.stretches) <= MOST_STRETCHES
    assert sum(each.size for each in crowd.stretches) == 5000
    assert max(each.longest.seconds or 0.0 for each in crowd.stretches) == 9.0
    (place,) = crowd.slowest(5)
    assert (place.times, place.head) == (5000, "cell_4999()")
