"""Makes a prepared archive: everything is read, hashed and compressed before it is promised."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import chain

from ..content.codec import Sealer, blocks_of, seal
from ..content.deflating import MAXIMUM, deflating
from ..records.content import DEFLATED, STORED, Sealed
from .ahead import GENERATED_BYTES, Ahead, Ready
from .blocks import Blocks
from .companion import Companion
from .entries import Closing, Entry, Generated, LedgerLine, OnDisk, Opener, Recorded
from .files import Identity, Unpackable, read_up_to
from .format import is_large
from .ledger import Head
from .packing import Packed, pack_whole
from .plan import Plan
from .prepared import PreparedArchive
from .progress import Callback, Progress
from .register import Register
from .segments import Kept, Media, Segment, Segments, Staged
from .splice import splice
from .staging import Staging
from .workers import Workers, never

COPIED_BYTES = 64 * 1024
"""Sealed content and media up to this size are copied: one read for many members."""


def prepare(
    plan: Plan,
    opener: Opener,
    staging: Staging,
    *,
    compression: str = MAXIMUM,
    workers: int = 2,
    progress: Callback | None = None,
    check: Callable[[], None] | None = None,
) -> PreparedArchive:
    """Return the ZIP of a plan, ready to be sent in any ranges.

    `check` may raise ExportCancelled, as in `ZipStream`. What is in the staging
    by then is the caller's to remove.
    """
    check = check or never
    crew = Workers(workers, check)
    companion = Companion(compression, opener) if workers > 1 else None
    # Media is only looked at: it stays on disk and is sent from there.
    ahead = Ahead(plan, opener, crew, deflating(compression), None, companion=companion)

    def tell(preparing: _Preparing) -> None:
        if progress:
            progress(replace(preparing.state(), found_bytes=ahead.found_bytes))

    preparing = _Preparing(plan.head, opener, staging, compression, check=check, tell=tell)
    try:
        for item in ahead:
            preparing.take(item)
            tell(preparing)
        for entry in plan.closing(preparing.register.ledger):
            preparing.take(entry)
        return preparing.finish()
    finally:
        ahead.stop()
        crew.close()
        ahead.close()
        staging.close()


class _Preparing:
    """A prepared archive on its way."""

    def __init__(
        self,
        head: Head,
        opener: Opener,
        staging: Staging,
        compression: str,
        *,
        check: Callable[[], None],
        tell: Callable[[_Preparing], None],
    ) -> None:
        self.register = Register(head)
        self._opener = opener
        self._staging = staging
        self._how = deflating(compression)
        self._check = check
        self._tell = tell
        self._segments = Segments()
        self._raw_bytes = 0

    def take(self, item: Ready) -> None:
        self._check()
        if isinstance(item, Packed):
            self._packed(item)
        elif isinstance(item, Blocks):
            self._blocks(item)
        elif isinstance(item, LedgerLine):
            self.register.ledger.add(item)
        elif isinstance(item.source, Recorded):
            self._recorded(item, item.source.sealed)
        elif isinstance(item.source, Closing):
            self._staged(item, *item.source.grown())
        elif isinstance(item.source, Generated):
            self._generated(item, item.source)
        else:
            self.take(pack_whole(item, self._how))

    def finish(self) -> PreparedArchive:
        """Add the directory; its names, sizes and CRCs and the manifest's hashes make the ETag."""
        digest = hashlib.sha256()
        for chunk in list(self.register.directory.chunks(self._segments.length)):
            digest.update(chunk)
            self._stage(chunk)
        digest.update(self.register.ledger.checksums().sealed.sha256.encode())
        self._staging.flush()
        return PreparedArchive(
            self._segments,
            self._opener,
            self._staging,
            etag=f'"{digest.hexdigest()[:40]}"',
            entries=self.register.directory.count,
            left_out=self.register.ledger.left_out,
            left_out_lines=self.register.ledger.left_out_lines,
        )

    def state(self) -> Progress:
        return Progress(self.register.directory.count, self._raw_bytes, self._segments.length)

    def _stage(self, data: bytes | bytearray | memoryview) -> None:
        at = self._staging.size
        self._staging.append(data)
        self._segments.add(Staged(at, len(data)))

    def _begin(self, entry: Entry, sealed: Sealed) -> bytes:
        header = self.register.header(entry, sealed)
        self._stage(header)
        return header

    def _packed(self, packed: Packed) -> None:
        offset, source = self._segments.length, packed.entry.source
        if isinstance(source, OnDisk) and packed.identity and self._stays(packed):
            sealed = packed.sealed._replace(method=STORED, stored_size=packed.sealed.size)
            header = self._begin(packed.entry, sealed)
            self._segments.add(_media(source, sealed, packed.identity))
            packed = packed._replace(sealed=sealed)
        elif isinstance(source, Recorded) and packed.sealed.stored_size > self._staging.room:
            header = self._begin(packed.entry, packed.sealed)
            self._segments.add(Kept(packed.sealed))
        else:
            header = self._begin(packed.entry, packed.sealed)
            self._stage(packed.kept)
        self.register.enter_packed(packed, header, offset)
        self._raw_bytes += packed.sealed.size

    def _stays(self, packed: Packed) -> bool:
        """Tell whether a file stays on disk: media does, and all when the staging is full."""
        source = packed.entry.source
        if packed.disposition != "included" or (isinstance(source, OnDisk) and source.copied):
            return False
        is_media = packed.sealed.method == STORED and packed.sealed.size > COPIED_BYTES
        return is_media or packed.sealed.stored_size > self._staging.room

    def _recorded(self, entry: Entry, sealed: Sealed) -> None:
        try:
            kept = splice(sealed, self._opener)
        except Unpackable as why:
            self.register.leave_out(entry, why.disposition, why.reason)
            return
        if sealed.stored_size <= min(COPIED_BYTES, self._staging.room):
            self._staged(entry, sealed, kept)
            return
        offset = self._segments.length
        header = self._begin(entry, sealed)
        self._segments.add(Kept(sealed))
        self._enter(entry, sealed, offset, header)

    def _staged(self, entry: Entry, sealed: Sealed, kept: Iterable[bytes]) -> None:
        offset = self._segments.length
        header = self._begin(entry, sealed)
        for chunk in kept:
            self._stage(chunk)
        self._enter(entry, sealed, offset, header)

    def _enter(self, entry: Entry, sealed: Sealed, offset: int, header: bytes) -> None:
        self.register.enter(entry, sealed, offset, reason=entry.note, header=header)
        self._raw_bytes += sealed.size

    def _blocks(self, blocks: Blocks) -> None:
        entry, offset, header_at = blocks.entry, self._segments.length, self._staging.size
        try:
            blocks.open()
        except Unpackable as why:
            self.register.leave_out(entry, why.disposition, why.reason)
            return
        source, wide = entry.source, is_large(blocks.promised)
        if isinstance(source, OnDisk) and blocks.promised > self._staging.room:
            blocks.only_look()
        self._stage(self.register.header(entry, blocks.sealed, wide=wide))
        before = self._raw_bytes
        for kept in blocks:
            self._check()
            if blocks.method == DEFLATED:
                self._stage(kept)
            self._raw_bytes = before + blocks.read
            # A large file takes long: it is told of while it is packed, too.
            self._tell(self)
        sealed = blocks.sealed
        if isinstance(source, OnDisk) and sealed.method == STORED:
            sealed = self._stay(source, blocks)
        self._staging.patch(header_at, self.register.header(entry, sealed, wide=wide))
        self.register.enter(entry, sealed, offset, blocks.disposition, blocks.reason)

    def _stay(self, source: OnDisk, blocks: Blocks) -> Sealed:
        """Have a file sent from where it is, or a copy of it where it doesn't hold still."""
        if blocks.identity and blocks.disposition == "included" and not source.copied:
            self._segments.add(_media(source, blocks.sealed, blocks.identity))
            return blocks.sealed
        sealer = Sealer(deflated=False)
        for chunk in read_up_to(source, blocks.promised):
            self._check()
            self._stage(sealer.add(chunk))
        return sealer.sealed

    def _generated(self, entry: Entry, source: Generated) -> None:
        blocks = blocks_of(source.chunks(), GENERATED_BYTES)
        first = next(blocks, b"")
        if len(first) < GENERATED_BYTES:
            sealed, kept = seal(first, self._how)
            self._packed(Packed(entry, sealed, kept, "included", entry.note, None))
            return
        offset, header_at, sealer = self._segments.length, self._staging.size, Sealer(how=self._how)
        self._stage(self.register.header(entry, sealer.sealed))
        for block in chain((first,), blocks):
            self._check()
            self._stage(sealer.add(block))
        self._stage(sealer.finish())
        self._staging.patch(header_at, self.register.header(entry, sealer.sealed))
        self.register.enter(entry, sealer.sealed, offset, reason=entry.note)


def _media(source: OnDisk, sealed: Sealed, identity: Identity) -> Segment:
    return Media(str(source.path), str(source.root), sealed.crc32, identity)
