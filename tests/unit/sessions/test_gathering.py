"""What a kernel publishes becomes events and outputs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.sessions.events import Event, Output, Stderr, Stdout
from jupyter_session_export.sessions.gathering import Gathering, last_text
from jupyter_session_export.sessions.link import Heard


def stream(text: str, name: str = "stdout") -> Heard:
    return Heard("stream", {"name": name, "text": text})


def display(text: str, display_id: str | None = None, kind: str = "display_data") -> Heard:
    transient = {"display_id": display_id} if display_id else {}
    return Heard(kind, {"data": {"text/plain": text}, "metadata": {}, "transient": transient})


def heard(*messages: Heard, most_bytes: int = 1 << 20) -> tuple[Gathering, list[Event]]:
    told: list[Event] = []
    gathering = Gathering(told.append, most_bytes)
    for message in messages:
        gathering.hear(message)
    return gathering, told


def test_text_is_told_and_kept() -> None:
    """Each text is an event; neighbours of one stream are one output."""
    gathering, told = heard(stream("a"), stream("b"), stream("c", "stderr"))
    assert told == [Stdout("a"), Stdout("b"), Stderr("c")]
    assert (gathering.stream("stdout"), gathering.stream("stderr")) == ("ab", "c")
    assert [output["text"] for output in gathering.outputs()] == ["ab", "c"]


@given(st.lists(st.tuples(st.sampled_from(["stdout", "stderr"]), st.text()), max_size=20))
def test_no_text_is_lost(parts: list[tuple[str, str]]) -> None:
    """Whatever the texts and their order, each stream is all of its parts, lone surrogates too."""
    gathering, _ = heard(*(stream(text, name) for name, text in parts))
    for name in ("stdout", "stderr"):
        assert gathering.stream(name) == "".join(text for own, text in parts if own == name)


def test_what_is_displayed_anew_replaces_what_was() -> None:
    """Outputs are folded as a notebook shows them; each update is an event."""
    gathering, told = heard(
        display("0 %", "bar"), display("50 %", "bar", "update_display_data"), display("end")
    )
    assert [output["data"]["text/plain"] for output in gathering.outputs()] == ["50 %", "end"]
    assert [event.output["data"]["text/plain"] for event in told if isinstance(event, Output)] == [
        "0 %",
        "50 %",
        "end",
    ]


def test_cleared_output_is_gone_but_was_said() -> None:
    """`clear_output` clears outputs, not what stdout has got."""
    gathering, _ = heard(stream("a"), Heard("clear_output", {"wait": False}), stream("b"))
    assert [output["text"] for output in gathering.outputs()] == ["b"]
    assert gathering.stream("stdout") == "ab"


def test_a_flood_is_kept_in_part_and_counted() -> None:
    """Beyond the bound nothing is kept, all is told, and how much is missing is known."""
    gathering, told = heard(stream("a" * 60), stream("b" * 60), stream("c"), most_bytes=100)
    assert gathering.stream("stdout") == "a" * 60
    assert gathering.left_out == 61
    assert len(told) == 3


def test_the_text_is_that_of_the_result() -> None:
    """A result goes before a display, whatever comes last; without both there is none."""
    result = Heard("execute_result", {"data": {"text/plain": "42"}, "execution_count": 1})
    assert last_text(heard(display("a"), result, display("b"))[0].outputs()) == "42"
    assert last_text(heard(display("a"), display("b"))[0].outputs()) == "b"
    assert last_text(heard(stream("a"))[0].outputs()) == ""
    assert last_text(heard(display("\x1b[33m42\x1b[39m"))[0].outputs()) == "42"


def test_the_kernel_tells_what_it_used() -> None:
    """The figures come with the idle that ends the execution; nonsense counts as untold."""
    idle = {"execution_state": "idle"}
    told = Heard("status", idle, {"session_export": {"cpu_ms": 5, "peak_rss_bytes": 7}})
    usage = heard(told)[0].usage
    assert usage is not None
    assert (usage.cpu_ms, usage.peak_rss_bytes) == (5, 7)
    assert heard(Heard("status", idle, {"session_export": "?"}))[0].usage is None
