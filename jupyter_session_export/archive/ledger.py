"""The ledger: every candidate of the ZIP, and what became of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from isal import isal_zlib

from ..records.times import to_iso
from .entries import Disposition, LedgerLine
from .growing import LINES_PER_BLOCK, Growing, Grown

MANIFEST = "manifest.json"
CHECKSUMS = "manifest-sha256.txt"
MOST_REASONS = 200
MOST_LEFT_OUT = 10_000
"""So many lines of what is left out are kept beside the manifest."""
QUOTE = json.encoder.encode_basestring_ascii


class Lines:
    """Lines of text, kept compressed but for the last few."""

    def __init__(self) -> None:
        self._open: list[str] = []
        self._closed: list[bytes] = []

    def add(self, line: str) -> None:
        self._open.append(line)
        if len(self._open) == LINES_PER_BLOCK:
            self._closed.append(isal_zlib.compress("\n".join(self._open).encode(), 1))
            self._open.clear()

    def blocks(self, first: int = 0) -> Iterator[str]:
        """Yield some lines at a time, from the `first` block on."""
        for block in self._closed[first:]:
            yield isal_zlib.decompress(block).decode()
        if self._open and first <= len(self._closed):
            yield "\n".join(self._open)

    def __iter__(self) -> Iterator[str]:
        for block in self.blocks():
            yield from block.split("\n")

    def __len__(self) -> int:
        return LINES_PER_BLOCK * len(self._closed) + len(self._open)

    def part(self, offset: int, limit: int) -> Iterator[str]:
        """Yield up to `limit` lines, from the one at `offset` on."""
        skipped, inside = divmod(offset, LINES_PER_BLOCK)
        lines = (line for block in self.blocks(skipped) for line in block.split("\n"))
        return islice(lines, inside, inside + limit)


class Head(NamedTuple):
    """What manifest.json begins with."""

    session_id: str
    exported_at: datetime
    record_position: int


class Ledger:
    """Lines in the order they came, sealed as they come: 100,000 of them cost 10 to 15 MB."""

    def __init__(self, head: Head) -> None:
        self.counts: Counter[Disposition] = Counter()
        self.reasons: Counter[str] = Counter()
        self.entries_by_section: Counter[str] = Counter()
        self.bytes_by_section: Counter[str] = Counter()
        self.left_out_lines = Lines()
        """The first of those that are not in the ZIP as they should be, as in the manifest."""
        self._manifest = Growing(_begin(head))
        self._before = "\n"
        self._checksums = Growing()

    @property
    def left_out(self) -> int:
        """How many candidates are not in the ZIP as they should be."""
        return self.counts.total() - self.counts["included"]

    def add(self, line: LedgerLine) -> None:
        """Write a line."""
        path, _, disposition, reason, size, digest = line
        self.counts[disposition] += 1
        written = _written(line)
        if disposition != "included":
            self._count_reason(f"{disposition}: {reason}")
            if len(self.left_out_lines) < MOST_LEFT_OUT:
                self.left_out_lines.add(written)
        if digest is not None:
            section = path.partition("/")[0]
            self.entries_by_section[section] += 1
            self.bytes_by_section[section] += size
            self._checksums.add(f"{digest}  {path}\n")
        self._manifest.add(self._before + written)
        self._before = ",\n"

    def _count_reason(self, reason: str) -> None:
        # Reasons may name a file each; the summary shows the first few kinds only.
        known = reason in self.reasons or len(self.reasons) < MOST_REASONS
        self.reasons[reason if known else "for other reasons"] += 1

    def manifest(self) -> Grown:
        """Return manifest.json of the contract; each entry so far is a line of its own."""
        return self._manifest.grown("\n]}\n")

    def checksums(self) -> Grown:
        """Return manifest-sha256.txt, for `sha256sum -c`: all that is in the ZIP so far."""
        return self._checksums.grown()


def read_line(text: str) -> LedgerLine:
    """Read a line as the manifest has it. Raises ValueError or TypeError on another layout."""
    return LedgerLine(**json.loads(text))


def _begin(head: Head) -> str:
    session_id, exported_at, position = head
    begin = {
        "version": 1,
        "session_id": session_id,
        "exported_at": to_iso(exported_at),
        "record_position": position,
    }
    return json.dumps(begin)[:-1] + ', "entries": ['


def _written(line: LedgerLine) -> str:
    """Write a line as JSON; one by one, dictionaries would cost as much as all the rest."""
    path, source, disposition, reason, size, digest = line
    return (
        f'{{"path": {QUOTE(path)}, "source": {QUOTE(source)}, "disposition": "{disposition}", '
        f'"reason": {"null" if reason is None else QUOTE(reason)}, "bytes": {size}, '
        f'"sha256": {"null" if digest is None else QUOTE(digest)}}}'
    )
