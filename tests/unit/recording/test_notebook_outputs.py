"""Outputs as a notebook has them: how large they may be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from jupyter_session_export.errors import OutputTooLarge
from jupyter_session_export.recording.folding import ErrorOutput, Output, RichOutput, StreamOutput
from jupyter_session_export.recording.notebook_outputs import as_notebook


class Printed:
    """What a run has printed, piece by piece; tells how many pieces were asked for."""

    def __init__(self, piece: bytes, pieces: int) -> None:
        self._piece, self._pieces = piece, pieces
        self.output = StreamOutput("stdout", 0, len(piece) * pieces)
        self.read_pieces = 0

    def read(self, *_: Any) -> Iterator[bytes]:
        for _ in range(self._pieces):
            self.read_pieces += 1
            yield self._piece


def folded(outputs: list[Output], read: Any, most: int) -> int:
    return sum(shape.size for shape in as_notebook(outputs, read, lambda value: value, most))


def test_a_progress_bar_is_as_large_as_what_it_shows() -> None:
    """Though it was drawn a thousand times."""
    bar = Printed(b"\r" + b"#" * 50, 1000)
    assert folded([bar.output], bar.read, 50) == 50


@pytest.mark.parametrize("piece", [b"x" * 10, b"x" * 9 + b"\n", b"\r\n" * 5 + b"xxxxxxxx"])
def test_what_shows_too_much_is_refused_while_it_is_read(piece: bytes) -> None:
    """One line, or many; the rest isn't read."""
    printed = Printed(piece, 1000)
    with pytest.raises(OutputTooLarge):
        folded([printed.output], printed.read, 100)
    assert printed.read_pieces < 20


def test_all_outputs_of_a_run_count() -> None:
    """Values and tracebacks are measured before they are read."""
    rich = RichOutput("display_data", {"text/plain": "x" * 40}, {})
    error = ErrorOutput("E", "v" * 20, ["x" * 20])
    assert folded([rich, error], None, 80) == 80
    with pytest.raises(OutputTooLarge):
        folded([rich, error], None, 79)
