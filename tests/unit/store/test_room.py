"""How much more may be written."""

from __future__ import annotations

import pytest

from jupyter_session_export.errors import StoreFull
from jupyter_session_export.store.room import Room


def test_writing_is_counted_between_measures() -> None:
    """What was written fits up to the quota, and what was deleted makes room again."""
    room = Room(1000)
    room.measure(lambda: 600)
    room.take(300)
    room.count(-200)
    room.take(280)
    assert room.left == 20


def test_the_last_of_it_is_for_sealing() -> None:
    """What was recorded can be sealed, and exported, where nothing more is recorded."""
    room = Room(1000)
    room.measure(lambda: 970)
    with pytest.raises(StoreFull):
        room.take(11)
    room.take(30, sealing=True)
    with pytest.raises(StoreFull):
        room.take(1, sealing=True)


def test_once_full_it_needs_some_room_to_go_on() -> None:
    """Nothing fits, however small, until a measure finds a part of the quota free."""
    room, told = Room(1000), []
    room.on_full = lambda: told.append(True)
    room.measure(lambda: 990)
    for size in (100, 1):
        with pytest.raises(StoreFull, match="as much of the disk as they may"):
            room.take(size)
    assert told == [True]
    room.measure(lambda: 970)
    with pytest.raises(StoreFull):
        room.take(1)
    room.count(-10)
    room.take(1)


def test_much_that_is_written_makes_a_measure_due() -> None:
    """Once for each hundredth of the quota since the last measure."""
    room, told = Room(1000), []
    room.on_due = lambda: told.append(room.left)
    for _ in range(3):
        room.take(9)
    assert told == [982]
    room.measure(lambda: 27)
    room.take(9)
    assert told == [982]
    room.take(1)
    assert told == [982, 963]


def test_what_is_written_meanwhile_counts() -> None:
    """A measure may not have seen what is written while it is taken."""
    room = Room(1000)

    def count() -> int:
        room.take(100)
        return 500

    assert room.measure(count) == 500
    assert room.left == 400


def test_zero_is_no_limit() -> None:
    """Nothing is ever refused."""
    room = Room()
    room.measure(lambda: 2**62)
    room.take(2**62)
