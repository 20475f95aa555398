"""Enters each member twice: into the ZIP's directory and into the ledger."""

from __future__ import annotations

from ..records.content import Sealed
from . import format as layout
from .blocks import Blocks
from .entries import Disposition, Entry, LedgerLine
from .format import Directory
from .ledger import Head, Ledger
from .packing import Packed


class Register:
    """What is in the ZIP so far."""

    def __init__(self, head: Head) -> None:
        self.directory = Directory()
        self.ledger = Ledger(head)

    def header(self, entry: Entry, sealed: Sealed, *, wide: bool = False) -> bytes:
        """Return the local header of a member whose content is known."""
        time = layout.stamp(entry.modified)
        return layout.local_header(entry.path.encode(), time, sealed, wide=wide)

    def open_header(self, entry: Entry, promised: int) -> bytes:
        """Return the local header of a member whose descriptor will follow."""
        return layout.open_header(entry.path.encode(), layout.stamp(entry.modified), promised)

    def enter(
        self,
        entry: Entry,
        sealed: Sealed,
        offset: int,
        disposition: Disposition = "included",
        reason: str | None = None,
        *,
        header: bytes | None = None,
        described: bool = False,
    ) -> None:
        """Enter a member whose local header is at `offset`; `header` spares making it again."""
        if header and max(offset, sealed.size, sealed.stored_size) < layout.LIMIT_32:
            self.directory.add_like(header, offset)
        else:
            time = layout.stamp(entry.modified)
            self.directory.add(entry.path.encode(), time, sealed, offset, described=described)
        self.ledger.add(
            LedgerLine(entry.path, entry.origin, disposition, reason, sealed.size, sealed.sha256)
        )

    def enter_packed(self, packed: Packed, header: bytes, offset: int) -> None:
        """Enter what was compressed whole."""
        entry, sealed, _, disposition, reason, _ = packed
        self.enter(entry, sealed, offset, disposition, reason, header=header)

    def enter_blocks(self, blocks: Blocks, offset: int, *, described: bool) -> None:
        """Enter what was compressed in blocks."""
        self.enter(
            blocks.entry,
            blocks.sealed,
            offset,
            blocks.disposition,
            blocks.reason,
            described=described,
        )

    def leave_out(self, entry: Entry, disposition: Disposition, reason: str) -> None:
        """Write that an entry is not in the ZIP."""
        self.ledger.add(LedgerLine(entry.path, entry.origin, disposition, reason, 0, None))
