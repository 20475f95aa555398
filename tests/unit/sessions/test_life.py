"""How long a session lives."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.sessions.life import RENEW_SECONDS, Life

TIMES = st.floats(0, 1e6)
LIFETIMES = st.floats(1, 1e5)


def test_it_ends_when_it_was_not_used_for_its_lifetime() -> None:
    """An idle session closes at its deadline, and not before."""
    life = Life.begin(3600, at=0)
    assert life.step(3599, busy=False) == "keep"
    assert life.step(3600, busy=False) == "close"


def test_a_lifetime_of_0_is_without_end() -> None:
    """Nothing is left to count, and nothing ends."""
    life = Life.begin(0, at=0)
    life.extend(5, 0)
    assert life.remaining(1e9) is None
    assert life.step(1e9, busy=False) == "keep"


def test_a_long_cell_is_renewed_in_its_middle() -> None:
    """With less than two minutes left what runs gets its whole lifetime again."""
    life = Life.begin(3600, at=0)
    assert life.step(3600 - RENEW_SECONDS, busy=True) == "keep"
    assert life.step(3601 - RENEW_SECONDS, busy=True) == "renew"
    life.use(3600)
    assert life.remaining(3600) == 3600


def test_a_promise_is_kept() -> None:
    """What `keep_alive` has promised is not taken back by a use."""
    life = Life.begin(60, at=0)
    life.extend(1000, at=0)
    life.use(10)
    assert life.remaining(10) == 990


@given(LIFETIMES, st.lists(TIMES, max_size=5), TIMES)
def test_what_runs_is_never_closed(lifetime: float, uses: list[float], at: float) -> None:
    """Whatever the times, a running cell keeps its session."""
    life = Life.begin(lifetime, at=0)
    for use in uses:
        life.use(use)
    assert life.step(at, busy=True) in ("keep", "renew")
