"""The ledger: every candidate of the ZIP, and what became of it."""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from ..records.times import to_iso
from .entries import Disposition, LedgerLine

MANIFEST = "manifest.json"
CHECKSUMS = "manifest-sha256.txt"
LINES_PER_BLOCK = 512
QUOTE = json.encoder.encode_basestring_ascii


class Ledger:
    """Lines in the order they came, kept compressed: 100,000 of them cost about 10 MB."""

    def __init__(self) -> None:
        self.counts: Counter[Disposition] = Counter()
        self.reasons: Counter[str] = Counter()
        self.entries_by_section: Counter[str] = Counter()
        self.bytes_by_section: Counter[str] = Counter()
        self._open: list[str] = []
        self._closed: list[bytes] = []

    @property
    def left_out(self) -> int:
        """How many candidates are not in the ZIP as they should be."""
        return self.counts.total() - self.counts["included"]

    def add(self, line: LedgerLine) -> None:
        """Write a line."""
        self.counts[line.disposition] += 1
        if line.disposition != "included":
            self.reasons[f"{line.disposition}: {line.reason}"] += 1
        if line.sha256 is not None:
            section = line.path.partition("/")[0]
            self.entries_by_section[section] += 1
            self.bytes_by_section[section] += line.bytes
        self._open.append(_written(line))
        if len(self._open) == LINES_PER_BLOCK:
            self._closed.append(zlib.compress("\n".join(self._open).encode(), 1))
            self._open.clear()

    def lines(self) -> Iterator[LedgerLine]:
        """Yield the lines anew."""
        for text in self._texts():
            yield LedgerLine(**json.loads(text))

    def manifest(
        self, session_id: str, exported_at: datetime, record_position: int
    ) -> Iterator[bytes]:
        """Yield manifest.json of the contract; each entry is a line of its own."""
        head = {
            "version": 1,
            "session_id": session_id,
            "exported_at": to_iso(exported_at),
            "record_position": record_position,
        }
        yield json.dumps(head)[:-1].encode() + b', "entries": ['
        separator = "\n"
        for text in self._texts():
            yield (separator + text).encode()
            separator = ",\n"
        yield b"\n]}\n"

    def checksums(self) -> Iterator[bytes]:
        """Yield manifest-sha256.txt: what `sha256sum -c` checks, of all that is in the ZIP."""
        for line in self.lines():
            if line.sha256 is not None:
                yield f"{line.sha256}  {line.path}\n".encode()

    def _texts(self) -> Iterator[str]:
        for block in list(self._closed):
            yield from zlib.decompress(block).decode().split("\n")
        yield from list(self._open)


def _written(line: LedgerLine) -> str:
    """Write a line as JSON; one by one, dictionaries would cost as much as all the rest."""
    reason = "null" if line.reason is None else QUOTE(line.reason)
    digest = "null" if line.sha256 is None else f'"{line.sha256}"'
    return (
        f'{{"path": {QUOTE(line.path)}, "source": {QUOTE(line.source)}, '
        f'"disposition": "{line.disposition}", "reason": {reason}, '
        f'"bytes": {line.bytes}, "sha256": {digest}}}'
    )
