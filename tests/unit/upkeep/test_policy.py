from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.records.session import Session
from jupyter_session_export.upkeep.policy import Fate, Rules, excess, fate_of, may_go_early

NOW = datetime(2026, 6, 1, tzinfo=timezone.utc)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RULES = Rules(idle=DAY, retention=30 * DAY)


def session(active: timedelta, ended: timedelta | None = None, **others: Any) -> Session:
    """A session that was last active, and has ended, so long ago."""
    values = {"id": "0" * 32, "number": 1, "owner": "ada", "guest": False, "root": ""}
    ended_at = None if ended is None else NOW - ended
    at = NOW - active
    return Session(**{**values, **others}, started_at=at, last_active_at=at, ended_at=ended_at)


@pytest.mark.parametrize(
    ("active", "ended", "step"),
    [
        (timedelta(0), None, "keep"),
        (DAY - timedelta(seconds=1), None, "keep"),
        (DAY, None, "end"),
        (30 * DAY, None, "end"),
        (31 * DAY, None, "remove"),
        (400 * DAY, 29 * DAY, "keep"),
        (400 * DAY, 30 * DAY, "remove"),
        (-DAY, None, "keep"),
    ],
)
def test_a_users_session_ends_and_is_kept_a_while(
    active: timedelta, ended: timedelta | None, step: str
) -> None:
    """It ends when it is idle, and goes so many days after its end."""
    assert fate_of(session(active, ended), RULES, NOW).step == step


@pytest.mark.parametrize(
    ("active", "ended", "step"),
    [(HOUR, None, "keep"), (DAY, None, "remove"), (HOUR, HOUR, "remove")],
)
def test_a_guests_goes_with_its_end(active: timedelta, ended: timedelta | None, step: str) -> None:
    """There is no time that it is kept."""
    assert fate_of(session(active, ended, guest=True), RULES, NOW).step == step


@given(st.timedeltas(timedelta(0), 10_000 * DAY), st.booleans(), st.booleans())
def test_without_rules_nothing_is_touched(active: timedelta, ended: bool, guest: bool) -> None:
    """But for guests, whose session has ended."""
    one = session(active, active if ended else None, guest=guest)
    assert fate_of(one, Rules(), NOW).step == ("remove" if guest and ended else "keep")


@given(st.timedeltas(timedelta(0), 10_000 * DAY), st.timedeltas(timedelta(0), 10_000 * DAY))
def test_an_age_alone_decides(active: timedelta, age: timedelta) -> None:
    """Ended or not, whatever the other rules say."""
    rules = Rules(idle=DAY, retention=DAY, age=age)
    step = "remove" if active >= age else "keep"
    assert fate_of(session(active), rules, NOW).step == step
    assert fate_of(session(active, active), rules, NOW).step == step


def test_the_oldest_make_room() -> None:
    """Ended ones, one after the other; those that go on stay."""
    ended = [session(days * DAY, HOUR, number=days) for days in (1, 3, 2)]
    going_on = session(9 * DAY, number=9)
    assert [one.number for one in may_go_early([*ended, going_on])] == [3, 2, 1]


@pytest.mark.parametrize(("used", "goes"), [(0, 0), (950, 0), (951, 51), (1000, 100), (1500, 600)])
def test_room_is_made_before_there_is_none(used: int, goes: int) -> None:
    """From 95 % of the quota on, down to 90 %."""
    assert excess(used, 1000) == goes


def test_a_fate_tells_why() -> None:
    """For the audit log, in words."""
    assert fate_of(session(99 * DAY, 99 * DAY), RULES, NOW) == Fate(
        "remove", "ended more than 30 days ago"
    )
