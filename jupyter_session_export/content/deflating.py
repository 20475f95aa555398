"""How hard content is deflated, whole or in blocks that workers can share.

`benchmarks/codecs.py` has the figures behind the levels: libdeflate gets below
zlib level 9's size at several times its speed but needs all of the content in
memory; zlib-ng does so in blocks; isal is many times as fast and some per cent
larger.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import deflate
from isal import isal_zlib
from zlib_ng import zlib_ng

from ..errors import InvalidRequest
from .base64_runs import may_hold_base64, runs_of

WHOLE_LEVEL = 7
QUICKER_LEVEL = 6
QUICKER_COSTS_AT_MOST = 1.012
"""Where it saves a third of the time; tables of numbers are such content."""
QUICKER_SAMPLE_BYTES = 256 * 1024
SEALED_LEVEL = 8
"""For content that is compressed once and then exported any number of times."""
BLOCK_LEVEL = 7
FAST_LEVEL = 3
FASTER_LEVEL = 2
FASTER_COSTS_AT_MOST = 1.035
BASE64_LEVEL = 2
BASE64_RATIO = 0.72
"""What was compressed before it became base64 never gets below this."""
SAMPLE_BYTES = 32 * 1024
PRIME_BYTES = 32 * 1024
"""The window of deflate: a block is primed with so much of what went before."""
STORED_BLOCK_BYTES = 65_535
"""The most that a stored block can hold (RFC 1951, 3.2.4)."""


class Deflating(Protocol):
    """One way to make raw deflate streams; the same bytes go in, the same come out."""

    def whole(self, raw: bytes | bytearray | memoryview) -> bytes | bytearray:
        """Deflate content that is in memory."""

    def block(self, raw: bytes, prime: bytes, *, last: bool) -> bytes:
        """Deflate a block that follows `prime`; blocks joined make one stream."""


class Maximum:
    """All in all no larger than zlib's level 9."""

    def __init__(self, level: int = WHOLE_LEVEL, quicker: int | None = None) -> None:
        """`quicker` is a level for large content on which it is hardly worse."""
        self._level = level
        self._quicker = quicker

    def whole(self, raw: bytes | bytearray | memoryview) -> bytes | bytearray:
        if may_hold_base64(raw):
            return _in_runs(bytes(raw), b"", last=True)
        return deflate.deflate_compress(raw, self._level_for(raw))

    def _level_for(self, raw: bytes | bytearray | memoryview) -> int:
        if self._quicker is None or len(raw) < 16 * QUICKER_SAMPLE_BYTES:
            return self._level
        middle = len(raw) // 2
        sample = raw[middle : middle + QUICKER_SAMPLE_BYTES]
        quick, small = (
            len(deflate.deflate_compress(sample, level)) for level in (self._quicker, self._level)
        )
        return self._quicker if quick <= small * QUICKER_COSTS_AT_MOST else self._level

    def block(self, raw: bytes, prime: bytes, *, last: bool) -> bytes:
        if may_hold_base64(raw):
            return _in_runs(raw, prime, last=last)
        return _text_block(raw, prime, last=last)


def _in_runs(raw: bytes, prime: bytes, *, last: bool) -> bytes:
    """Deflate text and base64 each as suits it, which takes half the time and fewer bytes."""
    pieces = []
    for run in runs_of(raw):
        piece = raw[run.start : run.end]
        deflated = _base64_block if run.is_base64 else _text_block
        pieces.append(deflated(piece, prime, last=last and run.end == len(raw)))
        prime = raw[max(0, run.end - PRIME_BYTES) : run.end]
    return b"".join(pieces)


def _text_block(raw: bytes, prime: bytes, *, last: bool) -> bytes:
    packer = zlib_ng.compressobj(BLOCK_LEVEL, zlib_ng.DEFLATED, -zlib_ng.MAX_WBITS, zdict=prime)
    packed: bytes = packer.compress(raw)
    return packed + packer.flush(zlib_ng.Z_FINISH if last else zlib_ng.Z_SYNC_FLUSH)


def _base64_block(raw: bytes, prime: bytes, *, last: bool) -> bytes:
    packed = _quick_block(raw, prime, BASE64_LEVEL, last=last)
    if len(packed) < BASE64_RATIO * len(raw):
        # What it stands for was not compressed: then there is much to match.
        return _text_block(raw, prime, last=last)
    return packed


def _quick_block(raw: bytes, prime: bytes, level: int, *, last: bool) -> bytes:
    packer = isal_zlib.compressobj(level, isal_zlib.DEFLATED, -isal_zlib.MAX_WBITS, zdict=prime)
    packed: bytes = packer.compress(raw)
    return packed + packer.flush(isal_zlib.Z_FINISH if last else isal_zlib.Z_SYNC_FLUSH)


class Fast:
    """As fast as a disk, a few per cent larger."""

    def whole(self, raw: bytes | bytearray | memoryview) -> bytes | bytearray:
        packed: bytes = isal_zlib.compress(raw, _fast_level(raw), -isal_zlib.MAX_WBITS)
        return packed

    def block(self, raw: bytes, prime: bytes, *, last: bool) -> bytes:
        return _quick_block(raw, prime, _fast_level(raw), last=last)


def _fast_level(raw: bytes | bytearray | memoryview) -> int:
    """Return the lower of two levels where a sample of the inside hardly shows the difference."""
    if len(raw) < 4 * SAMPLE_BYTES:
        return FAST_LEVEL
    middle = len(raw) // 2
    sample = raw[middle : middle + SAMPLE_BYTES]
    faster, smaller = (
        len(isal_zlib.compress(sample, level, -isal_zlib.MAX_WBITS))
        for level in (FASTER_LEVEL, FAST_LEVEL)
    )
    return FASTER_LEVEL if faster <= smaller * FASTER_COSTS_AT_MOST else FAST_LEVEL


class Storing:
    """Deflate's own stored blocks, for content that does not shrink.

    Method 0 with a data descriptor can't be read as a stream; this can.
    """

    def whole(self, raw: bytes | bytearray | memoryview) -> bytes | bytearray:
        return self.block(bytes(raw), b"", last=True)

    def block(self, raw: bytes, prime: bytes, *, last: bool) -> bytes:
        return b"".join(_stored_blocks(raw, last))


def _stored_blocks(raw: bytes, last: bool) -> Iterator[bytes | memoryview]:
    view = memoryview(raw)
    for at in range(0, len(raw), STORED_BLOCK_BYTES):
        piece = view[at : at + STORED_BLOCK_BYTES]
        size = len(piece)
        yield b"\0" + size.to_bytes(2, "little") + (size ^ 0xFFFF).to_bytes(2, "little")
        yield piece
    if last:
        yield b"\1\0\0\xff\xff"


MAXIMUM = "maximum"
FAST = "fast"


def deflating(compression: str) -> Deflating:
    """Return what `compression` stands for. Raises InvalidRequest for an unknown word."""
    if compression == MAXIMUM:
        return Maximum(quicker=QUICKER_LEVEL)
    if compression == FAST:
        return Fast()
    raise InvalidRequest(f"There is no compression {compression!r}.", 'It is "maximum" or "fast".')
