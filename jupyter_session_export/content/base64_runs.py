"""Long runs of base64 in text, such as the pictures of a notebook.

To a packer they are noise of six bits a character: there is nothing to match,
so searching for matches costs time and gains nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
MOST_OTHER = 0.04
"""Of a run's characters; in JSON each line of 76 ends with the two that stand for a newline."""
LEAST_OTHER_IN_TEXT = 0.5
PROBES = 16
PROBE_BYTES = 256
STRIDE = 16 * 1024
GRAIN = 512
"""Where a stride is neither all text nor all base64, it is looked at in such pieces."""
LEAST_RUN = 8 * 1024
"""A shorter run is not worth a block of its own."""


class Run(NamedTuple):
    """The bytes from `start` up to but not including `end`."""

    start: int
    end: int
    is_base64: bool


def may_hold_base64(content: bytes | bytearray | memoryview) -> bool:
    """Tell by a few probes whether it is worth looking for runs; a miss costs time only."""
    size = len(content)
    if size < LEAST_RUN:
        return False
    step = max(1, (size - PROBE_BYTES) // (PROBES - 1))
    probes = (content[at : at + PROBE_BYTES] for at in range(0, size - PROBE_BYTES + 1, step))
    return any(_other(bytes(probe)) <= MOST_OTHER for probe in probes)


def runs_of(content: bytes) -> list[Run]:
    """Return all of the content as runs in order, of text and of base64 in turn."""
    found = _joined(_pieces(content))
    return list(_joined(Run(a, b, kind and b - a >= LEAST_RUN) for a, b, kind in found))


def _pieces(content: bytes) -> Iterator[Run]:
    at = 0
    for start, end in _unspaced(content):
        yield Run(at, start, False)
        yield from _examined(content, start, end)
        at = end
    yield Run(at, len(content), False)


def _unspaced(content: bytes) -> Iterator[tuple[int, int]]:
    """Yield where there is no space for long, as in all base64 and hardly any text.

    Of text only a byte here and there is looked at.
    """
    start, size = 0, len(content)
    while start + LEAST_RUN <= size:
        space = content.rfind(b" ", start, start + LEAST_RUN)
        if space < 0:
            space = content.find(b" ", start + LEAST_RUN)
            end = size if space < 0 else space
            yield start, end
            space = end
        start = space + 1


def _examined(content: bytes, start: int, end: int) -> Iterator[Run]:
    for at in range(start, end, STRIDE):
        stride = content[at : min(at + STRIDE, end)]
        other = _other(stride)
        if other <= MOST_OTHER / 2 or other >= LEAST_OTHER_IN_TEXT:
            yield Run(at, at + len(stride), other <= MOST_OTHER)
            continue
        for grain in range(0, len(stride), GRAIN):
            piece = stride[grain : grain + GRAIN]
            yield Run(at + grain, at + grain + len(piece), _other(piece) <= MOST_OTHER)


def _joined(runs: Iterable[Run]) -> Iterator[Run]:
    last: Run | None = None
    for run in runs:
        if run.start == run.end:
            continue
        if last is not None and last.is_base64 == run.is_base64:
            last = last._replace(end=run.end)
            continue
        if last is not None:
            yield last
        last = run
    if last is not None:
        yield last


def _other(piece: bytes) -> float:
    """Return the share of characters that are not of the alphabet."""
    return len(piece.translate(None, ALPHABET)) / len(piece)
