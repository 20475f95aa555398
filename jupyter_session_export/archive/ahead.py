"""Compresses ahead in worker threads, in order, and bounded in bytes."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from ..content.codec import seal
from ..content.deflating import Deflating
from ..records.content import Sealed
from .blocks import Blocks
from .entries import Disposition, Entry, Generated, LedgerLine, OnDisk, Recorded, Text
from .files import Identity, Unpackable, read_whole
from .workers import Workers

WHOLE_LIMIT = 16 * 1024 * 1024
"""Files up to this size are compressed whole; two workers hold two of them, raw and packed."""
GENERATED_BYTES = 8 * 1024 * 1024
"""Generated content up to this size is compressed whole, more in blocks of it."""
BATCH_ENTRIES = 128
BATCH_BYTES = 512 * 1024
WINDOW_BYTES = 64 * 1024 * 1024


class Packed(NamedTuple):
    """An entry whose kept bytes are in memory; `identity` is that of its file, if it has one."""

    entry: Entry
    sealed: Sealed
    kept: bytes | bytearray | memoryview
    disposition: Disposition
    reason: str | None
    identity: Identity | None


Item = Entry | LedgerLine
Ready = Entry | LedgerLine | Packed | Blocks
"""An `Entry` here is recorded or generated: nothing can be done for it ahead."""
Slot = Future[list[Packed | LedgerLine]] | Entry | Blocks


class Ahead:
    """Items of a plan, in its order, each as far as workers could bring it."""

    def __init__(
        self, plan: Iterable[Item], workers: Workers, how: Deflating, media: Deflating | None
    ) -> None:
        self._plan = plan
        self._workers = workers
        self._how = how
        self._media = media
        self._slots: deque[tuple[int, Slot]] = deque()
        self._cost = 0
        self._batch: list[Item] = []
        self._batch_bytes = 0

    def __iter__(self) -> Iterator[Ready]:
        for item in self._plan:
            self._take(item)
            while self._slots and (self._is_full() or self._is_done()):
                yield from self._give()
        self._submit_batch()
        while self._slots:
            yield from self._give()

    def close(self) -> None:
        """Close the files that are still open."""
        for _, slot in self._slots:
            if isinstance(slot, Blocks):
                slot.close()

    def _take(self, item: Item) -> None:
        if isinstance(item, Entry) and isinstance(item.source, (Recorded, Generated)):
            self._submit_batch()
            self._append(0, item)
            return
        size = _size(item)
        if size > WHOLE_LIMIT and isinstance(item, Entry):
            self._submit_batch()
            self._append(WHOLE_LIMIT, self._large(item))
            return
        if self._batch_bytes + size > BATCH_BYTES:
            self._submit_batch()
        self._batch.append(item)
        self._batch_bytes += size
        if len(self._batch) == BATCH_ENTRIES:
            self._submit_batch()

    def _large(self, entry: Entry) -> Slot:
        source = entry.source
        if isinstance(source, Text):
            return replace(entry, source=Generated(lambda: (source.data,)))
        if not isinstance(source, OnDisk):
            return entry
        return Blocks(entry, source, self._workers, self._how, self._media)

    def _submit_batch(self) -> None:
        if self._batch:
            batch, how = self._batch, self._how
            self._append(
                2 * self._batch_bytes,
                self._workers.submit(lambda: [pack_whole(item, how) for item in batch]),
            )
        self._batch, self._batch_bytes = [], 0

    def _append(self, cost: int, slot: Slot) -> None:
        self._slots.append((cost, slot))
        self._cost += cost

    def _is_full(self) -> bool:
        return self._cost >= WINDOW_BYTES or len(self._slots) > 2 * self._workers.count

    def _is_done(self) -> bool:
        slot = self._slots[0][1]
        return slot.done() if isinstance(slot, Future) else True

    def _give(self) -> Iterator[Ready]:
        cost, slot = self._slots[0]
        if isinstance(slot, Future):
            yield from self._workers.result(slot)
        else:
            yield slot
        self._slots.popleft()
        self._cost -= cost


def pack_whole(item: Item, how: Deflating) -> Packed | LedgerLine:
    """Read and compress one entry in memory; what can't be read becomes a line of the ledger."""
    if isinstance(item, LedgerLine):
        return item
    source, change, identity = item.source, None, None
    if isinstance(source, OnDisk):
        try:
            file = read_whole(source)
        except Unpackable as why:
            return LedgerLine(item.path, item.origin, why.disposition, why.reason, 0, None)
        data, change, identity = file.data, file.change, file.identity
    else:
        data = source.data if isinstance(source, Text) else b""
    sealed, kept = seal(data, how, name=item.path)
    disposition: Disposition = "changed" if change else "included"
    return Packed(item, sealed, kept, disposition, change or item.note, identity)


def _size(item: Item) -> int:
    """Return how many bytes an item will be, as far as that is known."""
    if isinstance(item, LedgerLine):
        return 0
    source = item.source
    if isinstance(source, Text):
        return len(source.data)
    if isinstance(source, OnDisk):
        if source.size is not None:
            return source.size
        try:
            return Path(source.path).stat().st_size
        except OSError:
            return 0
    return 0
