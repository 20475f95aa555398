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

WHOLE_LEVEL = 7
SEALED_LEVEL = 8
"""For content that is compressed once and then exported any number of times."""
BLOCK_LEVEL = 7
FAST_LEVEL = 3
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
    """No larger than zlib's level 9."""

    def __init__(self, level: int = WHOLE_LEVEL) -> None:
        self._level = level

    def whole(self, raw: bytes | bytearray | memoryview) -> bytes | bytearray:
        return deflate.deflate_compress(raw, self._level)

    def block(self, raw: bytes, prime: bytes, *, last: bool) -> bytes:
        packer = zlib_ng.compressobj(BLOCK_LEVEL, zlib_ng.DEFLATED, -zlib_ng.MAX_WBITS, zdict=prime)
        packed: bytes = packer.compress(raw)
        return packed + packer.flush(zlib_ng.Z_FINISH if last else zlib_ng.Z_SYNC_FLUSH)


class Fast:
    """As fast as a disk, a few per cent larger."""

    def whole(self, raw: bytes | bytearray | memoryview) -> bytes | bytearray:
        packed: bytes = isal_zlib.compress(raw, FAST_LEVEL, -isal_zlib.MAX_WBITS)
        return packed

    def block(self, raw: bytes, prime: bytes, *, last: bool) -> bytes:
        packer = isal_zlib.compressobj(
            FAST_LEVEL, isal_zlib.DEFLATED, -isal_zlib.MAX_WBITS, zdict=prime
        )
        packed: bytes = packer.compress(raw)
        return packed + packer.flush(isal_zlib.Z_FINISH if last else isal_zlib.Z_SYNC_FLUSH)


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
        return Maximum()
    if compression == FAST:
        return Fast()
    raise InvalidRequest(f"There is no compression {compression!r}.", 'It is "maximum" or "fast".')
