from __future__ import annotations

import pytest

from jupyter_session_export.cli.selection import may_name_session, select
from jupyter_session_export.errors import InvalidRequest, SessionNotFound
from jupyter_session_export.records.session import Session
from jupyter_session_export.records.times import now


def session(number: int, identifier: str) -> Session:
    return Session(
        id=identifier.ljust(32, "0"),
        number=number,
        owner="ada",
        guest=False,
        root="/lab",
        started_at=now(),
        last_active_at=now(),
    )


SESSIONS = [session(3, "abc1"), session(42, "abd2"), session(7, "42ff")]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (None, 42),
        ("3", 3),
        ("Session3", 3),
        ("session007", 7),
        ("42", 42),
        ("42f", 7),
        ("abc", 3),
        ("ABD2", 42),
        ("abc1".ljust(32, "0"), 3),
    ],
)
def test_a_session_is_found_by_number_or_id(text: str | None, number: int) -> None:
    """The newest where none is named; a number comes before an id that begins so."""
    assert select(SESSIONS, text).number == number


@pytest.mark.parametrize("text", ["99", "ffff", "nonsense", "", "Session99"])
def test_what_is_not_there_is_told(text: str) -> None:
    """With the command that shows what is."""
    with pytest.raises(SessionNotFound) as told:
        select(SESSIONS, text)
    assert "list" in str(told.value.detail)


def test_no_session_at_all_is_told() -> None:
    """The data folder may be another."""
    with pytest.raises(SessionNotFound, match="No session"):
        select([], None)


def test_a_beginning_of_several_is_refused() -> None:
    """Nothing is guessed."""
    with pytest.raises(InvalidRequest, match="2 sessions"):
        select(SESSIONS, "ab")


@pytest.mark.parametrize("text", ["42", "Session42", "abc", "0" * 32])
def test_numbers_and_ids_name_sessions(text: str) -> None:
    """In any form that a list shows."""
    assert may_name_session(text)


@pytest.mark.parametrize("text", ["x.zip", "./abc", "folder", "/elsewhere", "~"])
def test_paths_name_none(text: str) -> None:
    """So `export x.zip` needs no session."""
    assert not may_name_session(text)
