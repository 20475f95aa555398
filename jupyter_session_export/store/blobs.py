"""Keeping content once, by its SHA-256, exactly as a member of a ZIP holds it."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from ..content.codec import CHUNK_BYTES, WHOLE_LIMIT, seal, seal_chunks
from ..content.trial import is_worth_deflating
from ..records.content import Member, Sealed
from .database import Database
from .faults import StoreFaults
from .folder import SessionFolder, open_private, private_folder, write_all
from .kept_blobs import INLINE_LIMIT, KeptBlobs
from .pins import Pins
from .room import Room

Read = Callable[[int, int], bytes]
"""Of an offset and a length: bytes of the content."""
Write = Callable[[bytes | bytearray | memoryview], None]

ROW_BYTES = 512
"""About what a row takes in memory without its content."""
_SHA256 = re.compile("[0-9a-f]{64}")
_KNOWN = "SELECT size, stored_size, crc32, method FROM blobs WHERE sha256 = ?"
_KEEP = """INSERT OR IGNORE INTO blobs (sha256, size, stored_size, crc32, method, content)
    VALUES (?, ?, ?, ?, ?, ?)"""
_UNUSED = """SELECT sha256 FROM blobs AS b
    WHERE NOT EXISTS (SELECT 1 FROM members AS m WHERE m.sha256 = b.sha256)"""


class Blobs(KeptBlobs):
    """Keeping, by the one writer of a session. What was put is part of the open transaction."""

    def __init__(
        self, folder: SessionFolder, database: Database, pins: Pins, room: Room | None = None
    ) -> None:
        super().__init__(folder, database, pins)
        self._room = room or Room()
        self._new = _unfinished(folder)
        self._unwritten: Counter[bytes] = Counter()

    def put(self, content: bytes) -> Sealed:
        """Keep some content, compressed once; any thread. Raises StoreUnavailable."""
        if len(content) > WHOLE_LIMIT:
            view = memoryview(content)
            return self._put_large(len(content), lambda at, n: bytes(view[at : at + n]))
        known = self._known(hashlib.sha256(content).digest())
        if known is not None:
            return known
        sealed, kept = seal(content)
        if sealed.stored_size <= INLINE_LIMIT:
            self._room.take(sealed.stored_size, sealing=True)
            return self._adopt(sealed, bytes(kept))

        def fill(write: Write) -> Sealed:
            write(kept)
            return sealed

        return self._keep_file(fill)

    def put_read(self, size: int, read: Read) -> Sealed:
        """Keep content that is read by and by, in bounded memory; any thread.

        Raises StoreUnavailable, and whatever `read` raises.
        """
        return self.put(read(0, size)) if size <= WHOLE_LIMIT else self._put_large(size, read)

    def written(self, members: Iterable[Member]) -> None:
        """Take note that the record refers to these now."""
        for member in members:
            self.let_go(member.sealed)

    def let_go(self, sealed: Sealed) -> None:
        """Take note that what was put is written by now, or won't be; any thread."""
        with self._database.lock:
            digest = bytes.fromhex(sealed.sha256)
            if self._unwritten[digest] > 1:
                self._unwritten[digest] -= 1
            else:
                del self._unwritten[digest]

    def need_only(self, sealeds: Iterable[Sealed]) -> None:
        """Take note that of what was put and not written, the record will refer to these only."""
        with self._database.lock:
            self._unwritten = Counter(bytes.fromhex(sealed.sha256) for sealed in sealeds)

    def is_held(self) -> bool:
        """Tell whether a pin keeps content that nothing refers to."""
        with self._database.lock:
            unused = {digest for (digest,) in self._database.rows(_UNUSED)}
            return bool(unused.difference(self._unwritten))

    def collect(self) -> int:
        """Commit, then delete what nothing refers to and nobody pins; return how many blobs."""
        with self._database.lock, StoreFaults("delete unused content"):
            self._database.commit()
            pinned = self._pins.pinned()
            if pinned is None:
                return 0
            unused = {digest for (digest,) in self._database.rows(_UNUSED)}
            unused -= pinned.union(self._unwritten)
            self._database.change_each(
                "DELETE FROM blobs WHERE sha256 = ?", [(digest,) for digest in unused]
            )
            self._database.commit()
            # Only now: until the commit a crash would leave rows without their files.
            self._delete_files()
            return len(unused)

    def open(self, sealed: Sealed, offset: int = 0) -> Iterator[bytes]:
        """As `KeptBlobs.open`; also what a transaction has lost that SQLite gave up."""
        self._database.renew()
        yield from super().open(sealed, offset)

    def _known(self, digest: bytes) -> Sealed | None:
        with self._database.lock:
            self._database.renew()
            row = self._database.row(_KNOWN, (digest,))
            if row is None:
                return None
            self._unwritten[digest] += 1
            return Sealed(digest.hex(), *row)

    def _adopt(self, sealed: Sealed, kept: bytes | Path) -> Sealed:
        """Take in what was sealed, unless another thread was faster: the first one stays."""
        digest = bytes.fromhex(sealed.sha256)
        with self._database.lock, StoreFaults("keep content"):
            known = self._known(digest)
            if known is not None:
                return known
            content = kept if isinstance(kept, bytes) else None
            if isinstance(kept, Path):
                path = self._path(sealed.sha256)
                private_folder(path.parent)
                kept.replace(path)
            row = (sealed.size, sealed.stored_size, sealed.crc32, sealed.method)
            size = ROW_BYTES + len(content or b"")
            self._database.keep(_KEEP, (digest, *row, content), size)
            self._unwritten[digest] += 1
            return sealed

    def _put_large(self, size: int, read: Read) -> Sealed:
        digest = hashlib.sha256()
        for chunk in _chunks(size, read):
            digest.update(chunk)
        known = self._known(digest.digest())
        if known is not None:
            return known
        deflated = is_worth_deflating(size, read)
        return self._keep_file(
            lambda write: seal_chunks(_chunks(size, read), write, deflated=deflated)
        )

    def _keep_file(self, fill: Callable[[Write], Sealed]) -> Sealed:
        path = self._new / secrets.token_hex(8)
        with StoreFaults("keep content"):
            try:
                descriptor = open_private(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
                try:
                    sealed = fill(partial(self._write, descriptor))
                finally:
                    os.close(descriptor)
                return self._adopt(sealed, path)
            finally:
                path.unlink(missing_ok=True)

    def _write(self, descriptor: int, kept: bytes | bytearray | memoryview) -> None:
        self._room.take(len(kept), sealing=True)
        write_all(descriptor, kept)

    def _delete_files(self) -> None:
        """Delete each file that the database doesn't know, a crashed writer's included."""
        for path in self._folder.blobs.glob("[0-9a-f][0-9a-f]/*"):
            if not _SHA256.fullmatch(path.name):
                continue
            if self._database.row(_KNOWN, (bytes.fromhex(path.name),)) is None:
                size = path.stat().st_size
                path.unlink()
                self._room.count(-size)


def prepare_folder(folder: SessionFolder) -> None:
    """Make what `Blobs` writes into, and delete what a crashed writer was about to keep."""
    with StoreFaults("delete unfinished content"):
        for path in private_folder(_unfinished(folder)).iterdir():
            path.unlink()


def _unfinished(folder: SessionFolder) -> Path:
    return folder.blobs / "new"


def _chunks(size: int, read: Read) -> Iterator[bytes]:
    for at in range(0, size, CHUNK_BYTES):
        yield read(at, min(CHUNK_BYTES, size - at))
