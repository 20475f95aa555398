"""How fast a debugger may be asked."""

from __future__ import annotations

from jupyter_session_export.recording.debugging.pace import MOST_SLOW, REMEMBERED, Patience


def told(patience: Patience, *seconds: float, command: str = "variables") -> bool:
    for each in seconds:
        patience.note(command, each)
    return patience.is_over


def test_some_slow_answers_are_enough() -> None:
    """One may be chance; and when most are quick again, all is asked for again."""
    patience = Patience()
    assert not told(patience, 0.05, *[0.3] * (MOST_SLOW - 1))
    assert told(patience, 0.3)
    assert told(patience, *[0.05] * (REMEMBERED - MOST_SLOW))
    assert not told(patience, 0.05)


def test_what_is_never_quick_is_slow_at_a_quarter_of_a_second() -> None:
    """A busy machine's answers may take twice as long as its quickest, and no longer than that."""
    assert not told(Patience(), *[0.15] * 10)
    assert told(Patience(), 0.05, *[0.15] * MOST_SLOW)
    assert told(Patience(), *[0.3] * MOST_SLOW)


def test_each_question_has_a_measure_of_its_own() -> None:
    """What the debugger says of itself is quick everywhere."""
    patience = Patience()
    assert not told(patience, 0.005, command="debugInfo")
    assert not told(patience, *[0.15] * 10)
