"""Threads that several owners share, and that may hang."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future
from concurrent.futures import wait as wait_for

import pytest

from jupyter_session_export.archive.hanging import HANGING, WHOSE
from jupyter_session_export.exports.crew import Crew

SECONDS = 30.0


class Gate:
    """Work that tells that it has begun, and goes on when it is let go."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.open = threading.Event()

    def __call__(self) -> str:
        self.begun.set()
        assert self.open.wait(SECONDS)
        return WHOSE.get()


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    yield gate
    gate.open.set()


def fail() -> None:
    raise KeyError("x")


def ends(thread: threading.Thread) -> bool:
    thread.join(SECONDS)
    return not thread.is_alive()


def test_work_is_done_and_errors_are_handed_on() -> None:
    """Whoever asked gets the result, or what was raised."""
    crew = Crew(2, "test")
    assert crew.submit("ada", lambda: 42).result(SECONDS) == 42
    with pytest.raises(KeyError):
        crew.submit("ada", fail).result(SECONDS)
    crew.close()


def test_a_thread_with_nothing_to_do_ends() -> None:
    """Nothing is left of an export a moment later."""
    crew = Crew(1, "test")
    threads = [crew.submit("ada", threading.current_thread).result(SECONDS) for _ in range(3)]
    assert all(map(ends, threads))
    assert crew.submit("ada", lambda: 1).result(SECONDS) == 1


def test_whoever_has_the_fewest_at_work_comes_next(gate: Gate) -> None:
    """Of one thread each owner gets a turn, however many another has waiting."""
    crew, order = Crew(1, "test"), list[str]()
    first = crew.submit("ada", gate)
    assert gate.begun.wait(SECONDS)
    waiting = [crew.submit("ada", lambda: order.append("ada")) for _ in range(3)]
    waiting += [crew.submit("bob", lambda: order.append("bob")) for _ in range(2)]
    assert (crew.working, crew.waiting) == (1, 5)
    gate.open.set()
    assert first.result(SECONDS) == "ada"
    wait_for(waiting, SECONDS)
    assert order == ["ada", "bob", "ada", "bob", "ada"]


def test_the_reserved_threads_are_for_owners_who_have_none(gate: Gate) -> None:
    """An owner with much work leaves a thread to others."""
    crew = Crew(3, "test", reserved=1)
    mine = [crew.submit("ada", gate) for _ in range(4)]
    assert (crew.working, crew.waiting) == (2, 2)
    assert crew.submit("bob", lambda: "at once").result(SECONDS) == "at once"
    gate.open.set()
    wait_for(mine, SECONDS)


def test_work_that_was_cancelled_while_it_waited_is_never_done(gate: Gate) -> None:
    """It leaves the queue at once."""
    crew = Crew(1, "test")
    crew.submit("ada", gate)
    assert gate.begun.wait(SECONDS)
    done: list[int] = []
    waiting = crew.submit("ada", lambda: done.append(1))
    crew.give_up(waiting)
    assert crew.waiting == 0
    with pytest.raises(CancelledError):
        waiting.result(SECONDS)
    gate.open.set()
    crew.submit("ada", lambda: None).result(SECONDS)
    assert done == []


def test_a_thread_that_hangs_is_counted_and_another_takes_its_place(gate: Gate) -> None:
    """It is told of with its owner and place; when it comes back it is gone."""
    crew = Crew(1, "test")
    hung: Future[str] = crew.submit("ada-hangs", gate)
    assert gate.begun.wait(SECONDS)
    crew.give_up(hung)
    (thread,) = HANGING.of("ada-hangs")
    assert thread.place.startswith("crew.py:")
    assert crew.submit("ada-hangs", lambda: 42).result(SECONDS) == 42
    gate.open.set()
    assert hung.result(SECONDS) == "ada-hangs"
    assert ends(thread.thread)
    assert HANGING.of("ada-hangs") == []


def test_giving_up_what_has_ended_does_nothing() -> None:
    """Nobody is counted who does not hang."""
    crew = Crew(1, "test")
    work = crew.submit("ada-ended", lambda: 42)
    assert work.result(SECONDS) == 42
    crew.give_up(work)
    thread = crew.submit("ada-ended", threading.current_thread).result(SECONDS)
    assert ends(thread)
    assert HANGING.of("ada-ended") == []


def test_closing_drops_what_has_not_begun(gate: Gate) -> None:
    """What is under way goes on to its end."""
    crew = Crew(1, "test")
    under_way, waiting = crew.submit("ada", gate), crew.submit("ada", lambda: "never")
    assert gate.begun.wait(SECONDS)
    crew.close()
    assert waiting.cancelled()
    gate.open.set()
    assert under_way.result(SECONDS) == "ada"
