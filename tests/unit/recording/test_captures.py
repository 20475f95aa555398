"""Output that widgets show themselves, as `interact` has them do."""

from __future__ import annotations

from typing import Any

from jupyter_session_export.recording.captures import Capture, Captures
from jupyter_session_export.recording.folding import Fold
from jupyter_session_export.recording.wire import Message

from .test_folding import clear, show, stream, texts


def comm(kind: str, comm_id: str, **state: Any) -> Message:
    message = Message({"msg_type": kind}, ("", "", ""))
    message.content = {"comm_id": comm_id, "data": {"state": state}}
    return message


def captured(*, begins: bool, widget: str = "w") -> dict[str, Any]:
    return {"type": "recorder.captured", "content": {"widget": widget, "begins": begins}}


def test_a_widget_says_whose_output_it_takes() -> None:
    """From the request that it names to the next; others' states are none of this."""
    captures = Captures()
    assert captures.take(comm("comm_msg", "w", msg_id="before it was opened")) == []
    assert captures.take(comm("comm_open", "w", _model_name="OutputModel", msg_id="")) == []
    assert captures.take(comm("comm_open", "x", _model_name="IntSliderModel")) == []
    assert captures.take(comm("comm_msg", "x", msg_id="m1")) == []
    assert captures.take(comm("comm_msg", "w", msg_id="m1")) == [Capture("m1", "w", begins=True)]
    assert captures.take(comm("comm_msg", "w", outputs=[])) == []
    assert captures.take(comm("comm_msg", "w", msg_id="m2")) == [
        Capture("m1", "w", begins=False),
        Capture("m2", "w", begins=True),
    ]
    assert captures.take(comm("comm_close", "w")) == [Capture("m2", "w", begins=False)]


def test_a_cell_keeps_its_view_of_the_widget() -> None:
    """What the widget takes doesn't clear it; it is all there for who wants it."""
    lines = [
        show("the widget"),
        captured(begins=True),
        clear(wait=True),
        stream("inside"),
        show("inside too"),
        captured(begins=False),
        show("after"),
    ]
    assert texts(Fold(in_cell=True).take(lines).outputs) == ["the widget", "after"]
    whole = Fold().take(lines)
    assert (texts(whole.outputs), whole.captured) == (["inside too", "after"], True)
