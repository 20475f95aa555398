"""Turn content into its sealed form and back.

Content up to `WHOLE_LIMIT` is deflated whole by libdeflate, which gets below
zlib level 9's size at several times its speed but needs all of it in memory;
more than that is deflated as a stream by zlib-ng. `benchmarks/codecs.py` has
the figures behind the levels.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterable, Iterator

import deflate
from zlib_ng import zlib_ng

from ..errors import StoreDamaged
from ..records.content import DEFLATED, STORED, Sealed
from .trial import is_worth_deflating

WHOLE_LIMIT = 32 * 1024 * 1024
"""Up to this many bytes libdeflate takes content whole."""
CHUNK_BYTES = 256 * 1024
"""What is read, inflated or handed on at a time."""
WHOLE_LEVEL = 6
STREAM_LEVEL = 7


def seal(content: bytes | bytearray | memoryview) -> tuple[Sealed, bytes | bytearray | memoryview]:
    """Hash and compress content that is in memory; return what to know of it and what to keep."""
    kept, method = content, STORED
    if is_worth_deflating(len(content), lambda at, n: bytes(content[at : at + n])):
        packed = deflate.deflate_compress(content, WHOLE_LEVEL)
        if len(packed) < len(content):
            kept, method = packed, DEFLATED
    sealed = Sealed(
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        stored_size=len(kept),
        crc32=deflate.crc32(content),
        method=method,
    )
    return sealed, kept


def seal_chunks(
    chunks: Iterable[bytes], write: Callable[[bytes], object], *, deflated: bool
) -> Sealed:
    """Hash and compress content that comes in chunks, handing what to keep to `write`."""
    digest, crc, size, stored_size = hashlib.sha256(), 0, 0, 0
    packer = zlib_ng.compressobj(STREAM_LEVEL, zlib_ng.DEFLATED, -zlib_ng.MAX_WBITS)
    for chunk in chunks:
        digest.update(chunk)
        crc = deflate.crc32(chunk, crc)
        size += len(chunk)
        kept = packer.compress(chunk) if deflated else chunk
        stored_size += len(kept)
        write(kept)
    if deflated:
        kept = packer.flush()
        stored_size += len(kept)
        write(kept)
    method = DEFLATED if deflated else STORED
    return Sealed(digest.hexdigest(), size, stored_size, crc, method)


def unseal(sealed: Sealed, kept: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the raw content in chunks. Raises StoreDamaged where it is not what was sealed."""
    crc = size = 0
    for chunk in _inflate(kept) if sealed.method == DEFLATED else kept:
        crc = deflate.crc32(chunk, crc)
        size += len(chunk)
        yield chunk
    if size != sealed.size or crc != sealed.crc32:
        raise StoreDamaged(
            f"Recorded content {sealed.sha256[:12]} is damaged.",
            "Its bytes on disk are not those that were sealed; check the disk.",
        )


def _inflate(kept: Iterable[bytes]) -> Iterator[bytes]:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for packed in kept:
            pending = packed
            while pending:
                chunk = inflater.decompress(pending, CHUNK_BYTES)
                pending = inflater.unconsumed_tail
                if chunk:
                    yield chunk
        rest = inflater.flush()
    except zlib.error as error:
        raise StoreDamaged("Recorded content is damaged.", str(error)) from error
    if rest:
        yield rest
