"""Reading sealed content: from the database where it is small, else from its file."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator
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
TOGETHER = 64
"""So many are looked up by one statement, in a third of the time of as many statements."""
_MARKS = ", ".join("?" * TOGETHER)
_TOGETHER = f"SELECT sha256, content FROM blobs WHERE sha256 IN ({_MARKS})"  # noqa: S608


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

    def read_small(self, sealeds: Collection[Sealed]) -> dict[str, bytes]:
        """Return what lies in the database of these, by SHA-256."""
        wanted = {s.sha256 for s in sealeds if s.stored_size <= INLINE_LIMIT}
        digests = [bytes.fromhex(sha256) for sha256 in wanted]
        found: dict[str, bytes] = {}
        for at in range(0, len(digests), TOGETHER):
            some = digests[at : at + TOGETHER]
            # Always as many values: SQLite compiles one statement only.
            some += some[-1:] * (TOGETHER - len(some))
            rows = self._database.rows(_TOGETHER, some)
            found.update((digest.hex(), content) for digest, content in rows if content is not None)
        return found

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
