"""Noticing messages that never came."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.recording.sequence import FEW, Sequence
from jupyter_session_export.recording.wire import Message

PREFIX = "a1b2c3_42"


def message(number: int, msg_type: str, parent: str, prefix: str = PREFIX) -> Message:
    header = {"msg_id": f"{prefix}_{number}", "msg_type": msg_type}
    return Message(header, ("p", parent, "s"))


def requests(outputs: list[int], parent: str = "execute_request") -> list[Message]:
    """Return what requests publish of which each has so many outputs; replies are left out."""
    number, published = 7, []
    for count in outputs:
        for kind in ["status", *["stream"] * count, None, "status"]:
            if kind is not None:
                published.append(message(number, kind, parent))
            number += 1
    return published


@given(st.lists(st.integers(0, 40)), st.sampled_from(["execute_request", "kernel_info_request"]))
def test_replies_are_not_missed(outputs: list[int], parent: str) -> None:
    """What a client alone gets leaves no gap, at whatever moment one looks."""
    sequence = Sequence()
    for one in requests(outputs, parent):
        sequence.hear(one)
        assert sequence.missing() == 0


@given(st.integers(FEW + 1, 400), st.data())
def test_what_is_dropped_is_counted(dropped: int, data: st.DataObject) -> None:
    """To the message, wherever it was and with whatever is heard after it."""
    published = requests([dropped + 20, 3, 0])
    at = data.draw(st.integers(1, 20))
    sequence = Sequence()
    for one in published[:at] + published[at + dropped :]:
        sequence.hear(one)
    assert sequence.missing() == dropped
    assert sequence.missing() == 0


def test_a_few_may_be_prompts() -> None:
    """`input()` asks one client alone; many at a time can't be that."""
    sequence = Sequence()
    for number in (0, 1 + FEW, 2 + 2 * FEW):
        sequence.hear(message(number, "stream", "execute_request"))
        assert sequence.missing() == 0
    sequence.hear(message(4 + 3 * FEW, "stream", "execute_request"))
    assert sequence.missing() == FEW + 1


def test_losses_that_are_known_are_no_gap() -> None:
    """Those of our own queue are told of elsewhere, maybe before what follows them is heard."""
    sequence = Sequence()
    sequence.hear(message(0, "stream", "execute_request"))
    assert sequence.missing(500) == 0
    sequence.excuse(500)
    assert sequence.missing() == 0
    sequence.hear(message(501, "stream", "execute_request"))
    assert sequence.missing() == 0


def test_other_ids_say_nothing() -> None:
    """Neither a forked child's nor those of kernels that don't count."""
    sequence = Sequence()
    sequence.hear(message(1, "stream", "execute_request"))
    sequence.hear(message(900, "stream", "execute_request", prefix="a1b2c3_43"))
    for msg_id in ("", "77", "0b1e-4a", "x_y"):
        sequence.hear(Message({"msg_id": msg_id, "msg_type": "stream"}, ("p", "", "")))
    assert sequence.missing() == 0
