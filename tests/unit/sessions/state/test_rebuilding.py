"""Which executions make a name again."""

from __future__ import annotations

from jupyter_session_export.sessions.state.rebuilding import Past, Rebuild, rebuilds


def way(name: str, *codes: str, lost: tuple[str, ...] = ()) -> Rebuild | None:
    """Return how to make a name again, after these codes have run."""
    history = [Past(number, code) for number, code in enumerate(codes, 1)]
    return rebuilds((name, *lost), history).get(name)


def test_the_last_execution_that_binds_it_counts() -> None:
    """What was bound before is gone."""
    assert way("x", "x = 1", "y = 2", "x = open_it()", "print(x)") == Rebuild((3,), True)


def test_changes_since_are_made_again() -> None:
    """In the order in which they ran."""
    assert way("c", "c = connect()", "c.attach('a')", "c.limit = 3", "d = 1") == Rebuild(
        (1, 2, 3), True
    )


def test_what_it_is_made_of_is_rebuilt_only_where_it_is_lost_too() -> None:
    """What was kept is there already."""
    codes = ("path = 'a'", "db = connect(path)", "cursor = db.cursor()")
    assert way("cursor", *codes, lost=("db",)) == Rebuild((2, 3), True)
    assert way("cursor", *codes) == Rebuild((3,), True)


def test_functions_are_followed() -> None:
    """A lost name that a function reads is needed by who calls it."""
    codes = ("db = connect()", "def query():\n    return db.cursor()", "rows = query()")
    assert way("rows", *codes, lost=("db",)) == Rebuild((1, 3), True)


def test_code_that_cannot_be_seen_through_makes_it_unsure() -> None:
    """It may have bound the name."""
    assert way("x", "x = 1", "exec(code)") == Rebuild((1,), False)
    assert way("x", "x = 1", "this is no Python") == Rebuild((1,), False)
    assert way("x", "exec(code)", "x = 1") == Rebuild((2,), True)


def test_a_name_that_nothing_bound_has_no_way() -> None:
    """Nothing is made up."""
    assert way("x", "y = 1", "x.append(1)") is None
    assert rebuilds([], [Past(1, "x = 1")]) == {}
