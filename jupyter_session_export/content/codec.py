"""Turn content into its sealed form and back."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterable, Iterator

import deflate

from ..errors import ContentDamaged
from ..records.content import DEFLATED, STORED, Sealed
from .deflating import PRIME_BYTES, SEALED_LEVEL, Deflating, Maximum
from .trial import SAMPLE_BYTES, is_worth_deflating

WHOLE_LIMIT = 32 * 1024 * 1024
"""Up to this many bytes content is best sealed whole."""
CHUNK_BYTES = 512 * 1024
"""What is read, inflated or handed on at a time."""
BLOCK_BYTES = 1024 * 1024
"""What is deflated at a time where content is not taken whole."""
SMALL_BYTES = 5 * 1024
BEST = Maximum(SEALED_LEVEL)


def seal(
    content: bytes | bytearray | memoryview,
    how: Deflating = BEST,
    *,
    name: str = "",
    deflated: bool = True,
) -> tuple[Sealed, bytes | bytearray | memoryview]:
    """Hash and compress content that is in memory; return what to know of it and what to keep.

    `name` may tell by its suffix that the content is media, which spares a try;
    without `deflated` it is kept as it is.
    """
    kept, method = content, STORED
    size = len(content)
    if deflated and (
        size <= SAMPLE_BYTES
        or is_worth_deflating(size, lambda at, n: bytes(content[at : at + n]), name)
    ):
        packed = how.whole(content)
        if len(packed) < size:
            kept, method = packed, DEFLATED
    digest = hashlib.sha256(content).hexdigest()
    return Sealed(digest, size, len(kept), _crc32(content), method), kept


def _crc32(content: bytes | bytearray | memoryview) -> int:
    """Return the CRC; zlib's lets no other thread in for a small one, which is faster."""
    return zlib.crc32(content) if len(content) < SMALL_BYTES else deflate.crc32(content)


class Sealer:
    """Seals content that comes in blocks, such as those of `blocks_of`.

    `add` and `finish` return what to keep; `sealed` is right after `finish`.
    """

    def __init__(self, *, deflated: bool = True, how: Deflating = BEST) -> None:
        self._how = how if deflated else None
        self._digest = hashlib.sha256()
        self._crc = self._size = self._stored_size = 0
        self._prime = b""

    def add(self, raw: bytes) -> bytes:
        self._digest.update(raw)
        self._crc = deflate.crc32(raw, self._crc)
        self._size += len(raw)
        kept = self._how.block(raw, self._prime, last=False) if self._how else raw
        self._prime = raw[-PRIME_BYTES:]
        self._stored_size += len(kept)
        return kept

    def finish(self) -> bytes:
        kept = self._how.block(b"", b"", last=True) if self._how else b""
        self._stored_size += len(kept)
        return kept

    @property
    def sealed(self) -> Sealed:
        method = DEFLATED if self._how else STORED
        return Sealed(self._digest.hexdigest(), self._size, self._stored_size, self._crc, method)


def seal_chunks(
    chunks: Iterable[bytes],
    write: Callable[[bytes], object],
    *,
    deflated: bool,
    how: Deflating = BEST,
) -> Sealed:
    """Hash and compress content that comes in chunks, handing what to keep to `write`."""
    sealer = Sealer(deflated=deflated, how=how)
    for block in blocks_of(chunks):
        write(sealer.add(block))
    write(sealer.finish())
    return sealer.sealed


def blocks_of(chunks: Iterable[bytes], size: int = BLOCK_BYTES) -> Iterator[bytes]:
    """Join or cut chunks into blocks of `size` bytes; the last may be shorter."""
    pending: list[bytes] = []
    held = 0
    for chunk in chunks:
        pending.append(chunk)
        held += len(chunk)
        if held < size:
            continue
        joined = b"".join(pending)
        whole = held - held % size
        for at in range(0, whole, size):
            yield joined[at : at + size]
        pending, held = [joined[whole:]], held - whole
    if held:
        yield b"".join(pending)


def unseal(sealed: Sealed, kept: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the raw content in chunks. Raises ContentDamaged where it is not what was sealed."""
    crc = size = 0
    for chunk in _inflate(kept) if sealed.method == DEFLATED else kept:
        crc = deflate.crc32(chunk, crc)
        size += len(chunk)
        yield chunk
    if size != sealed.size or crc != sealed.crc32:
        raise ContentDamaged(
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
        raise ContentDamaged("Recorded content is damaged.", str(error)) from error
    if rest:
        yield rest
