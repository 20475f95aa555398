"""Compresses ahead in worker threads, in order, and bounded in bytes."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from itertools import islice
from pathlib import Path

from ..content.deflating import Deflating
from .blocks import Blocks
from .companion import Companion
from .entries import Entry, Generated, LedgerLine, OnDisk, Opener, Recorded, Source, Text
from .packing import Batch, Item, Packed, pack_batch
from .workers import Workers, never

WHOLE_LIMIT = 16 * 1024 * 1024
"""Files up to this size are compressed whole; two workers hold two of them, raw and packed."""
GENERATED_BYTES = 8 * 1024 * 1024
"""Generated content up to this size is compressed whole, more in blocks of it."""
TOGETHER_BYTES = 64 * 1024
"""Sealed content up to this stored size is had from the record many at a time."""
BATCH_ENTRIES = 128
BATCH_BYTES = 512 * 1024
SMALL_BATCH_BYTES = 3 * 1024 * BATCH_ENTRIES
"""A whole batch of so little is packed at once, here or by the companion: workers would be at odds
about the interpreter's lock at each system call, which costs more than a processor brings."""
GLANCE_ENTRIES = 16
WINDOW_BYTES = 64 * 1024 * 1024
WINDOW_SLOTS = 32
"""Enough for the other workers to go on with while one is at a large file that is next."""

Ready = Entry | LedgerLine | Packed | Blocks
"""An `Entry` here is recorded or generated: nothing could be done for it ahead."""
Slot = Future[Batch] | Batch | Entry | Blocks


class Ahead:
    """Items of a plan, in its order, each as far as workers could bring it."""

    def __init__(
        self,
        plan: Iterable[Item],
        opener: Opener,
        workers: Workers,
        how: Deflating,
        media: Deflating | None,
        *,
        companion: Companion | None = None,
    ) -> None:
        self._plan = plan
        self._opener = opener
        self._workers = workers
        self._how = how
        self._media = media
        self._companion = companion
        self._look = companion.look if companion else never
        self._slots: deque[tuple[int, Slot]] = deque()
        self._cost = 0
        self._batch: list[Item] = []
        self._batch_bytes = 0
        self._to_pack = 0
        self.found_bytes = 0
        """Sizes of the texts and files so far, which are looked at ahead of being packed."""

    def __iter__(self) -> Iterator[Ready]:
        slots = 0
        plan = iter(self._plan)
        for item in islice(plan, 1):
            # Proxies and people wait for the first bytes: they don't wait for company.
            self._take(item)
            self._submit_batch()
            yield from self._give()
        for count, item in enumerate(plan):
            self._take(item)
            # To ask whether a batch is done takes a lock: not for each of its entries.
            if len(self._slots) > slots or count % GLANCE_ENTRIES == 0:
                while self._slots and (self._is_full() or self._is_done()):
                    yield from self._give()
                slots = len(self._slots)
        self._submit_batch()
        while self._slots:
            yield from self._give()

    def stop(self) -> None:
        """Have the companion end."""
        if self._companion:
            self._companion.stop()

    def close(self) -> None:
        """Close the files that are still open, and see the companion off."""
        if self._companion:
            self._companion.close()
        for _, slot in self._slots:
            if isinstance(slot, Blocks):
                slot.close()

    def _take(self, item: Item) -> None:
        size = 0
        if isinstance(item, Entry):
            if not _may_come_in_batches(item.source):
                self._submit_batch()
                self._append(0, item)
                return
            size = _size(item.source)
            if not isinstance(item.source, Recorded):
                self.found_bytes += size
                self._to_pack += 1
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
            return entry._replace(source=Generated(lambda: (source.data,)))
        if not isinstance(source, OnDisk):
            return entry
        return Blocks(entry, source, self._workers, self._how, self._media)

    def _submit_batch(self) -> None:
        if self._batch:
            self._append(2 * self._batch_bytes, self._packed(self._batch))
        self._batch, self._batch_bytes, self._to_pack = [], 0, 0

    def _packed(self, batch: list[Item]) -> Slot:
        if not self._to_pack:
            return pack_batch(batch, self._opener, self._how)
        if len(batch) == BATCH_ENTRIES and self._batch_bytes <= SMALL_BATCH_BYTES:
            taken = self._companion and self._companion.offer(batch)
            return taken or pack_batch(batch, self._opener, self._how)
        return self._workers.submit(lambda: pack_batch(batch, self._opener, self._how))

    def _append(self, cost: int, slot: Slot) -> None:
        self._slots.append((cost, slot))
        self._cost += cost

    def _is_full(self) -> bool:
        return self._cost >= WINDOW_BYTES or len(self._slots) >= WINDOW_SLOTS

    def _is_done(self) -> bool:
        slot = self._slots[0][1]
        return slot.done() if isinstance(slot, Future) else True

    def _give(self) -> Iterator[Ready]:
        cost, slot = self._slots[0]
        if isinstance(slot, Future):
            yield from self._workers.result(slot, self._look)
        elif isinstance(slot, list):
            yield from slot
        else:
            yield slot
        self._slots.popleft()
        self._cost -= cost


def _may_come_in_batches(source: Source) -> bool:
    if isinstance(source, Recorded):
        return source.sealed.stored_size <= TOGETHER_BYTES
    return not isinstance(source, Generated)


def _size(source: Source) -> int:
    """Return how many bytes are read of a source, as far as that is known."""
    if isinstance(source, OnDisk):
        if source.size is not None:
            return source.size
        try:
            return Path(source.path).stat().st_size
        except OSError:
            return 0
    if isinstance(source, Recorded):
        return source.sealed.stored_size
    return len(source.data) if isinstance(source, Text) else 0
