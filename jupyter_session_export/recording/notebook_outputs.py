"""Folded outputs as a notebook has them whose page was open all the time."""

from __future__ import annotations

import codecs
import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ..errors import OutputTooLarge
from ..records.shown import Shown, digest
from .folding import ErrorOutput, Fold, Output, RichOutput, StreamOutput
from .outputs import error_document, stream_file
from .refs import is_reference
from .terminal import Terminal, length

MOST_DIGESTED = 16 * 1024 * 1024
"""Bytes of one execution's outputs; a page looks at what is larger when it is asked for."""

ReadRange = Callable[[str, int, int], Iterable[bytes]]
"""(file, start, end) → that range of stdout.txt or stderr.txt, in chunks."""
Resolve = Callable[[Any], Any]
"""A value, or the reference to one → the value."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One output and its size, as it is shown.

    `cursor` is where the next character of its stream goes, in UTF-16 units of its text.
    """

    document: dict[str, Any]
    size: int
    cursor: int | None = None


def as_notebook(
    outputs: Iterable[Output], read: ReadRange, resolve: Resolve, most: float = math.inf
) -> Iterator[Shape]:
    """Yield each output in nbformat's layout, version 4.

    Raises OutputTooLarge before more is held than `most` characters of texts and bytes of values.
    """
    left = most
    for output in outputs:
        shape = _shape(output, read, resolve, left)
        left -= shape.size
        yield shape


def _shape(output: Output, read: ReadRange, resolve: Resolve, most: float) -> Shape:
    if isinstance(output, StreamOutput):
        return _stream(output, read, most)
    size = _size(output)
    _check(size, most)
    if isinstance(output, ErrorOutput):
        return Shape(error_document(output), size)
    return Shape(_rich(output, resolve), size)


def _check(size: int, most: float) -> None:
    if size > most:
        raise OutputTooLarge(
            "The outputs of this run are too large to be shown.",
            "An export has them, in its folder executions/.",
        )


def size_of(outputs: Iterable[Output]) -> int:
    """Return the bytes of texts and values as they came; small JSON counts as nothing."""
    return sum(map(_size, outputs))


def summarize(outputs: list[Output], read: ReadRange, resolve: Resolve) -> Shown:
    """Return how much a notebook shows, and its digest; None of what is too large or too deep."""
    size, found = size_of(outputs), None
    if size <= MOST_DIGESTED:
        # JSON can be nested deeper than Python's stack is.
        with suppress(RecursionError):
            found = digest(one.document for one in as_notebook(outputs, read, resolve))
    return Shown(len(outputs), size, found)


def displays(fold: Fold) -> dict[str, list[int]]:
    """Return at which places each display id is shown: an update of it is for those."""
    places: dict[str, list[int]] = {}
    for place, output in enumerate(fold.outputs):
        if isinstance(output, RichOutput) and output.display_id:
            places.setdefault(output.display_id, []).append(place)
    return places


def _stream(output: StreamOutput, read: ReadRange, most: float) -> Shape:
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    terminal = Terminal()
    done: list[str] = []
    size = 0
    for chunk in read(stream_file(output.name), output.start, output.end):
        done.append(terminal.feed(decoder.decode(chunk)))
        size += len(done[-1])
        # A progress bar puts out megabytes, and shows a line.
        _check(size + terminal.held, most)
    done.append(terminal.feed(decoder.decode(b"", final=True)))
    left = terminal.left_of_end
    text = "".join([*done, terminal.end()])
    document = {"output_type": "stream", "name": output.name, "text": text}
    return Shape(document, len(text), length(text) - left)


def _rich(output: RichOutput, resolve: Resolve) -> dict[str, Any]:
    document: dict[str, Any] = {
        "output_type": output.type,
        "data": {mime: resolve(value) for mime, value in output.data.items()},
        "metadata": output.metadata,
    }
    if output.type == "execute_result":
        document["execution_count"] = output.execution_count
    return document


def _size(output: Output) -> int:
    if isinstance(output, StreamOutput):
        return output.end - output.start
    if isinstance(output, ErrorOutput):
        return len(output.value) + sum(map(len, output.traceback))
    return sum(map(_size_of_value, output.data.values()))


def _size_of_value(value: Any) -> int:
    if is_reference(value):
        return int(value["size"])
    return len(value) if isinstance(value, str) else 0
