"""Reads and compresses entries, many small ones at a time; what can't be read is told of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ..content.codec import seal
from ..content.deflating import Deflating
from ..errors import StoreError
from ..records.content import Sealed
from .entries import Disposition, Entry, LedgerLine, OnDisk, Opener, Recorded, Text
from .files import Identity, Unpackable, read_whole

Item = Entry | LedgerLine


class Packed(NamedTuple):
    """An entry whose kept bytes are in memory; `identity` is that of its file, if it has one."""

    entry: Entry
    sealed: Sealed
    kept: bytes | bytearray | memoryview
    disposition: Disposition
    reason: str | None
    identity: Identity | None


Batch = list[Packed | LedgerLine | Entry]
"""An `Entry` here is recorded: nothing could be done for it ahead."""


class Raw(NamedTuple):
    """An entry that was read."""

    entry: Entry
    data: bytes
    change: str | None
    identity: Identity | None


def pack_batch(batch: Sequence[Item], opener: Opener, how: Deflating) -> Batch:
    """Read and compress some entries; what can't be read becomes a line of the ledger.

    An `Entry` is left of what the record did not give.
    """
    return pack_all(batch, _read_small(batch, opener), how)


def pack_all(batch: Sequence[Item], kept: Mapping[str, bytes], how: Deflating) -> Batch:
    """Do so; of what is recorded, `kept` has the kept bytes by its SHA-256.

    All are read first: deflating each at once would push what reads them out of
    the processor's cache every time.
    """
    items = [_read(item, kept) for item in batch]
    return [_pack(item, how) if isinstance(item, Raw) else item for item in items]


def pack_whole(entry: Entry, how: Deflating) -> Packed | LedgerLine | Entry:
    """Do so with one entry that is not recorded."""
    item = _read(entry, {})
    return _pack(item, how) if isinstance(item, Raw) else item


def _read_small(batch: Sequence[Item], opener: Opener) -> Mapping[str, bytes]:
    sources = (item.source for item in batch if isinstance(item, Entry))
    sealeds = [source.sealed for source in sources if isinstance(source, Recorded)]
    try:
        return opener.read_small(sealeds) if sealeds else {}
    except StoreError:
        # Then each is opened by itself, and tells by itself why it can't be.
        return {}


def _read(item: Item, kept: Mapping[str, bytes]) -> Raw | Packed | LedgerLine | Entry:
    if isinstance(item, LedgerLine):
        return item
    source = item.source
    if isinstance(source, Recorded):
        content = kept.get(source.sealed.sha256, b"")
        is_whole = len(content) == source.sealed.stored_size
        return (
            Packed(item, source.sealed, content, "included", item.note, None) if is_whole else item
        )
    if not isinstance(source, OnDisk):
        return Raw(item, source.data if isinstance(source, Text) else b"", None, None)
    try:
        data, identity, change = read_whole(source)
    except Unpackable as why:
        return LedgerLine(item.path, item.origin, why.disposition, why.reason, 0, None)
    return Raw(item, data, change, identity)


def _pack(raw: Raw, how: Deflating) -> Packed:
    entry, data, change, identity = raw
    deflated = not (isinstance(entry.source, OnDisk) and entry.source.stored)
    sealed, kept = seal(data, how, name=entry.path, deflated=deflated)
    disposition: Disposition = "changed" if change else "included"
    return Packed(entry, sealed, kept, disposition, change or entry.note, identity)
