"""Folded outputs as outputs.json says them."""

from __future__ import annotations

from typing import Any

from jupyter_session_export.recording.folding import Output, StreamOutput
from jupyter_session_export.recording.outputs import (
    INLINE_TEXT_BYTES,
    INLINE_TOTAL_BYTES,
    render,
    to_document,
)


def streams(count: int, size: int) -> list[Output]:
    """Return pieces of stdout and stderr in turn."""
    return [
        StreamOutput("stderr" if n % 2 else "stdout", n // 2 * size, n // 2 * size + size)
        for n in range(count)
    ]


def read(file: str, start: int, end: int) -> bytes:
    return file[3:4].encode() * (end - start)


def document(outputs: list[Output]) -> list[dict[str, Any]]:
    def seal_value(mime: str, value: Any) -> Any:
        raise AssertionError(mime)

    return render(outputs, read, seal_value).document


def test_short_text_is_inline() -> None:
    """What a person would read is in outputs.json itself."""
    first, second = document(streams(2, 3))
    assert first == {"output_type": "stream", "name": "stdout", "text": "ooo"}
    assert second == {"output_type": "stream", "name": "stderr", "text": "eee"}


def test_long_text_is_a_range() -> None:
    """A piece that is long by itself stays in its stream's file."""
    (piece,) = document(streams(1, INLINE_TEXT_BYTES + 1))
    assert piece["text"] == {"$ref": "stdout.txt", "start": 0, "end": INLINE_TEXT_BYTES + 1}


def test_inline_text_is_bounded_in_all() -> None:
    """However many short pieces there are, outputs.json doesn't hold the streams again."""
    outputs = streams(1000, 10_000)
    pieces = document(outputs)
    inline = [piece for piece in pieces if isinstance(piece["text"], str)]
    assert sum(len(piece["text"]) for piece in inline) <= INLINE_TOTAL_BYTES
    assert pieces[: len(inline)] == inline
    assert pieces[-1]["text"] == {"$ref": "stderr.txt", "start": 4_990_000, "end": 5_000_000}
    assert len(to_document(pieces)) < 2 * INLINE_TOTAL_BYTES
