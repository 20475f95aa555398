"""Reading sealed content: from the database where it is small, else from its file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..content.codec import CHUNK_BYTES, unseal
from ..errors import ContentDamaged
from ..records.content import Sealed
from .database import Database
from .faults import StoreFaults
from .folder import SessionFolder, open_private
from .pins import Pin, Pins

INLINE_LIMIT = 64 * 1024
"""Up to this stored size content lies in the database, above it in a file of its own."""


class KeptBlobs:
    """What is kept of a session, for any thread."""

    def __init__(self, folder: SessionFolder, database: Database, pins: Pins) -> None:
        self._folder = folder
        self._database = database
        self._pins = pins

    def open(self, sealed: Sealed, offset: int = 0) -> Iterator[bytes]:
        """Yield the kept bytes from `offset` on; nothing is opened before the first is asked for.

        Raises ContentDamaged where they are missing or not as many as were sealed.
        """
        content = self._inline(sealed)
        if content is None:
            yield from self._from_file(sealed, offset)
        elif len(content) != sealed.stored_size:
            raise _missing(sealed, "Its length in the database is not what was sealed.")
        else:
            yield content[offset:]

    def read(self, sealed: Sealed) -> bytes:
        """Return the raw content. Raises ContentDamaged where it is not what was sealed."""
        return b"".join(unseal(sealed, self.open(sealed)))

    def pin(self, sealeds: Iterable[Sealed]) -> Pin:
        """Keep these from being collected until the pin is released."""
        return self._pins.pin(frozenset(bytes.fromhex(sealed.sha256) for sealed in sealeds))

    def _inline(self, sealed: Sealed) -> bytes | None:
        if sealed.stored_size > INLINE_LIMIT:
            return None
        row = self._database.row(
            "SELECT content FROM blobs WHERE sha256 = ?", (bytes.fromhex(sealed.sha256),)
        )
        return row[0] if row else None

    def _from_file(self, sealed: Sealed, offset: int) -> Iterator[bytes]:
        try:
            descriptor = open_private(self._path(sealed.sha256), os.O_RDONLY)
        except OSError as error:
            raise _missing(sealed, str(error)) from error
        with StoreFaults("read recorded content"), os.fdopen(descriptor, "rb", 0) as file:
            if os.fstat(descriptor).st_size != sealed.stored_size:
                raise _missing(sealed, "Its file's length is not what was sealed.")
            file.seek(offset)
            while chunk := file.read(CHUNK_BYTES):
                yield chunk

    def _path(self, sha256: str) -> Path:
        return self._folder.blobs / sha256[:2] / sha256


def _missing(sealed: Sealed, why: str) -> ContentDamaged:
    return ContentDamaged(f"Recorded content {sealed.sha256[:12]} is missing or cut short.", why)
