"""Events on their way between threads."""

from __future__ import annotations

from jupyter_session_export.records.timing import StageTiming
from jupyter_session_export.sessions.events import Missed, Output, Progress, Stdout
from jupyter_session_export.sessions.mailbox import Mailbox


def test_events_are_taken_in_their_order() -> None:
    """Each is taken once, and whoever waits is woken by each."""
    woken: list[int] = []
    mailbox = Mailbox(lambda: woken.append(1))
    mailbox.put(Stdout("a"))
    mailbox.put(Stdout("b"))
    assert mailbox.take() == [Stdout("a"), Stdout("b")]
    assert mailbox.take() == []
    assert len(woken) == 2


def test_output_that_nobody_takes_is_counted() -> None:
    """There is room for so many bytes; what ends or moves a run always has room."""
    mailbox = Mailbox(lambda: None, most_bytes=10)
    stage = Progress(StageTiming("executing", 0.0, 0.0))
    for event in (Stdout("x" * 8), Stdout("lost"), Output({"data": {"text/plain": "lost"}}), stage):
        mailbox.put(event)
    assert mailbox.take() == [Stdout("x" * 8), Missed(8), stage]
    mailbox.put(Stdout("room again"))
    assert mailbox.take() == [Stdout("room again")]
