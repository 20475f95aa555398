from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.records.timing import CellTiming, StageTiming, Timing, shares

SECONDS = st.floats(0, 1e9)


@given(st.dictionaries(st.text(max_size=4), SECONDS))
def test_shares_add_to_exactly_100(amounts: dict[str, float]) -> None:
    """By plain addition of floats, in any order."""
    found = shares(amounts)
    assert list(found) == list(amounts)
    for values in (list(found.values()), sorted(found.values())):
        assert sum(values) == (100.0 if sum(amounts.values()) > 0 else 0.0)


@given(st.dictionaries(st.integers(), SECONDS.filter(bool), min_size=1, max_size=20))
def test_a_share_is_off_by_less_than_a_64th_of_a_percent(amounts: dict[int, float]) -> None:
    """What is added to make it 100 goes to those that lost most."""
    named = {str(name): amount for name, amount in amounts.items()}
    for name, share in shares(named).items():
        assert abs(share - 100 * (named[name] / sum(named.values()))) <= 1 / 64 + 1e-9


def test_a_stage_that_comes_twice_counts_as_one() -> None:
    """Its times are added, in the place where it came first."""
    timing = Timing(
        (
            StageTiming("executing", 0.0, 1.0),
            StageTiming("installing", 1.0, 2.0),
            StageTiming("executing", 3.0, 5.0),
        )
    )
    assert timing.per_stage == {"executing": 6.0, "installing": 2.0}
    assert timing.distribution == {"executing": 75.0, "installing": 25.0}
    assert timing.total == 8.0


def test_nothing_measured_is_no_time() -> None:
    """An empty workflow has no shares."""
    assert (Timing().total, Timing().distribution) == (0.0, {})


def test_a_timing_is_read_as_it_was_written() -> None:
    """Also through JSON."""
    stage = StageTiming("uploading", 0.5, 1.25, 40.0, "a.csv", {"bytes": 3})
    timing = Timing((stage, StageTiming("failed", 1.75, 0.0)))
    assert Timing.from_json(json.loads(json.dumps(timing.to_json()))) == timing


@pytest.mark.parametrize("told", [None, 3, {}, {"timing": 3}, {"timing": None}])
def test_a_kernel_that_tells_no_timing_has_none(told: object) -> None:
    """Its code may write any metadata."""
    assert CellTiming.by({"session_export": told}) is None


def test_what_is_no_figure_is_not_measured() -> None:
    """Nor what is negative, or no number at all."""
    told = {"executing_ms": 3, "importing_ms": -1, "gc_ms": float("nan"), "output_ms": "1"}
    timing = CellTiming.by({"session_export": {"timing": told}})
    assert timing == CellTiming(executing_ms=3.0)
    assert timing.to_json() == {"executing_ms": 3.0}
