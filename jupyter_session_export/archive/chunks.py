"""Chunks of the size that servers and disks like best."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

CHUNK_BYTES = 256 * 1024
SMALL_BYTES = 4 * 1024


def coalesced(
    pieces: Iterable[bytes | bytearray | memoryview], size: int = CHUNK_BYTES
) -> Iterator[bytes]:
    """Join small pieces and cut large ones, so that no chunk is much larger than `size`."""
    pending: list[bytes | bytearray | memoryview] = []
    held = 0
    for piece in pieces:
        length = len(piece)
        if held + length < size:
            pending.append(piece)
            held += length
            continue
        if held > SMALL_BYTES:
            yield b"".join(pending)
            pending, held = [], 0
        yield from _cut(pending, piece, size)
        pending, held = [], 0
    if held:
        yield b"".join(pending)


def _cut(
    before: list[bytes | bytearray | memoryview],
    piece: bytes | bytearray | memoryview,
    size: int,
) -> Iterator[bytes]:
    """Yield a piece in chunks, with the little that came before it."""
    if len(piece) <= size and not before and isinstance(piece, bytes):
        yield piece
        return
    view = memoryview(piece)
    yield b"".join([*before, view[:size]])
    for at in range(size, len(piece), size):
        yield bytes(view[at : at + size])
