"""Chunks of the size that servers and disks like best."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator

CHUNK_BYTES = 512 * 1024
SMALL_BYTES = 4 * 1024


Piece = bytes | bytearray | memoryview


def coalesced(pieces: Iterable[Piece], size: int = CHUNK_BYTES) -> Generator[bytes, None, None]:
    """Join small pieces and cut large ones, so that no chunk is much larger than `size`."""
    pending: list[Piece] = []
    held = 0
    for piece in pieces:
        length = len(piece)
        if held + length >= size and held > SMALL_BYTES:
            yield b"".join(pending)
            pending, held = [], 0
        if held + length < size:
            pending.append(piece)
            held += length
            continue
        whole = max(size, length - length % size)
        yield from _cut(pending, piece, whole, size)
        rest = bytes(memoryview(piece)[whole:])
        pending, held = [rest] if rest else [], len(rest)
    if held:
        yield b"".join(pending)


def _cut(before: list[Piece], piece: Piece, whole: int, size: int) -> Iterator[bytes]:
    """Yield a piece up to `whole` in chunks, the first with the little that came before it."""
    if len(piece) == whole == size and not before and isinstance(piece, bytes):
        yield piece
        return
    view = memoryview(piece)
    yield b"".join([*before, view[:size]])
    for at in range(size, whole, size):
        yield bytes(view[at : at + size])
