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


def runs_of(content: bytes | bytearray | memoryview) -> list[Run]:
    """Return all of the content as runs in order, of text and of base64 in turn."""
    found = _joined(_pieces(content))
    return list(_joined(Run(a, b, kind and b - a >= LEAST_RUN) for a, b, kind in found))


def _pieces(content: bytes | bytearray | memoryview) -> Iterator[Run]:
    for start in range(0, len(content), STRIDE):
        stride = bytes(content[start : start + STRIDE])
        other = _other(stride)
        if other <= MOST_OTHER / 2 or other >= LEAST_OTHER_IN_TEXT:
            yield Run(start, start + len(stride), other <= MOST_OTHER)
            continue
        for at in range(0, len(stride), GRAIN):
            grain = stride[at : at + GRAIN]
            yield Run(start + at, start + at + len(grain), _other(grain) <= MOST_OTHER)


def _joined(runs: Iterable[Run]) -> Iterator[Run]:
    last: Run | None = None
    for run in runs:
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
