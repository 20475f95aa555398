"""Sealed content on its way into a ZIP, as it was kept."""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import StoreDamaged, StoreError
from ..records.content import Sealed
from .entries import Opener
from .files import Unpackable


def splice(sealed: Sealed, opener: Opener, offset: int = 0) -> Iterator[bytes]:
    """Yield the kept bytes from `offset` on, the first at once.

    Raises Unpackable before the first when they are not there, StoreDamaged
    later when they are not as many as they should be.
    """
    length = sealed.stored_size - offset
    chunks = iter(opener.open(sealed, offset)) if length else iter(())
    try:
        first = next(chunks, b"")
    except (StoreError, OSError) as error:
        raise Unpackable("failed", f"its recorded content can't be read: {error}") from error
    if length and not first:
        raise Unpackable("failed", "its recorded content is empty")
    return _counted(first, chunks, sealed, offset)


def _counted(first: bytes, chunks: Iterator[bytes], sealed: Sealed, offset: int) -> Iterator[bytes]:
    sent = offset + len(first)
    if sent <= sealed.stored_size:
        yield first
    for chunk in chunks:
        sent += len(chunk)
        if sent > sealed.stored_size:
            break
        yield chunk
    if sent != sealed.stored_size:
        raise StoreDamaged(
            f"Recorded content {sealed.sha256[:12]} is damaged.",
            f"Of its {sealed.stored_size} bytes, {sent} are there; check the disk.",
        )
