"""Folding messages into what a front end shows."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.recording.folding import (
    ErrorOutput,
    Fold,
    Output,
    RichOutput,
    StreamOutput,
)
from jupyter_session_export.recording.outcome import REPLY


def stream(text: str, name: str = "stdout") -> dict[str, Any]:
    return {"type": "stream", "name": name, "bytes": len(text)}


def show(text: str, display_id: str | None = None, kind: str = "display_data") -> dict[str, Any]:
    content: dict[str, Any] = {"data": {"text/plain": text}, "metadata": {}}
    if display_id:
        content["transient"] = {"display_id": display_id}
    return {"type": kind, "content": content}


def clear(*, wait: bool) -> dict[str, Any]:
    return {"type": "clear_output", "content": {"wait": wait}}


def error() -> dict[str, Any]:
    return {"type": "error", "content": {"ename": "E", "evalue": "v", "traceback": ["t"]}}


def fold(*lines: dict[str, Any]) -> list[Output]:
    return Fold().take(lines).outputs


def texts(outputs: list[Output]) -> list[Any]:
    return [o.data["text/plain"] for o in outputs if isinstance(o, RichOutput)]


LINES = st.lists(
    st.one_of(
        st.builds(
            stream, st.text("x", min_size=1, max_size=5), st.sampled_from(["stdout", "stderr"])
        ),
        st.builds(
            show,
            st.text("abc", max_size=3),
            st.sampled_from([None, "d", "e"]),
            st.sampled_from(["display_data", "execute_result", "update_display_data"]),
        ),
        st.builds(lambda wait: clear(wait=wait), st.booleans()),
        st.builds(error),
        st.just({"type": "status", "content": {"execution_state": "busy"}}),
    ),
    max_size=30,
)


@given(LINES, st.lists(st.integers(0, 30), max_size=4))
def test_pieces_fold_as_the_whole(lines: list[dict[str, Any]], cuts: list[int]) -> None:
    """Folding in pieces equals folding whole."""
    pieces = Fold()
    at = 0
    for cut in [*sorted(cuts), len(lines)]:
        pieces.take(lines[at:cut])
        at = max(at, cut)
    assert pieces.outputs == fold(*lines)


@given(LINES)
def test_streams_never_overlap(lines: list[dict[str, Any]]) -> None:
    """Stream outputs are ranges in order; no two neighbours have one name."""
    outputs = fold(*lines)
    ends = {"stdout": 0, "stderr": 0}
    for before, output in zip([None, *outputs], outputs, strict=False):
        if isinstance(output, StreamOutput):
            assert ends[output.name] <= output.start < output.end
            ends[output.name] = output.end
            assert not (isinstance(before, StreamOutput) and before.name == output.name)


def test_streams_merge_with_their_neighbour_only() -> None:
    """Text of one name is one output until something comes between."""
    assert fold(stream("ab"), stream("c"), stream("d", "stderr"), stream("e")) == [
        StreamOutput("stdout", 0, 3),
        StreamOutput("stderr", 0, 1),
        StreamOutput("stdout", 3, 4),
    ]


def test_clear_at_once() -> None:
    """clear_output removes what was shown; later text keeps its place in the file."""
    assert fold(stream("ab"), clear(wait=False), stream("c")) == [StreamOutput("stdout", 2, 3)]


def test_clear_waits() -> None:
    """clear_output(wait=True) removes nothing until the next output comes."""
    assert fold(stream("ab"), clear(wait=True)) == [StreamOutput("stdout", 0, 2)]
    assert texts(fold(stream("ab"), clear(wait=True), show("new"))) == ["new"]
    assert len(fold(show("x"), clear(wait=True), show("new"))) == 1


def test_clear_at_once_undoes_waiting() -> None:
    """A clear that has happened is not done again with the next output."""
    assert len(fold(clear(wait=True), clear(wait=False), show("a"), show("b"))) == 2


def test_update_changes_every_display_of_the_id() -> None:
    """update_display_data changes all outputs with the id and adds none."""
    outputs = fold(
        show("a", "d"), show("b", "e"), show("c", "d"), show("new", "d", "update_display_data")
    )
    assert texts(outputs) == ["new", "b", "new"]


def test_display_under_a_known_id_updates_too() -> None:
    """Displaying under an id again updates what is there and adds an output."""
    assert texts(fold(show("a", "d"), show("b", "d"))) == ["b", "b"]


def test_update_of_what_was_cleared() -> None:
    """What was cleared is not updated back into being."""
    update = show("new", "d", "update_display_data")
    assert fold(show("a", "d"), clear(wait=False), update) == []


def test_error() -> None:
    """An error keeps its name, value and traceback."""
    assert fold(error()) == [ErrorOutput("E", "v", ["t"])]


def test_help_comes_last() -> None:
    """It is told by a reply, which may overtake what was put out before it."""
    page = {"type": REPLY, "content": {"status": "ok", "page": {"text/plain": "help"}}}
    idle = {"type": "status", "content": {"execution_state": "idle"}}
    for lines in ([page, stream("first"), idle], [stream("first"), idle, page]):
        first, last = fold(*lines)
        assert isinstance(first, StreamOutput)
        assert texts([last]) == ["help"]
