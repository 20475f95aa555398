"""What is compressed ahead, and how far."""

from __future__ import annotations

import os
import threading
from collections.abc import Collection, Sequence
from concurrent.futures import Future
from pathlib import Path

import pytest

from jupyter_session_export.archive.ahead import (
    BATCH_BYTES,
    BATCH_ENTRIES,
    SMALL_BATCH_BYTES,
    TOGETHER_BYTES,
    WINDOW_SLOTS,
    Ahead,
    Packed,
)
from jupyter_session_export.archive.companion import Companion
from jupyter_session_export.archive.entries import Entry
from jupyter_session_export.archive.packing import Batch, Item, pack_all
from jupyter_session_export.archive.workers import Workers
from jupyter_session_export.content.deflating import MAXIMUM, deflating
from jupyter_session_export.errors import StoreUnavailable
from jupyter_session_export.records.content import Sealed
from tests.unit.archive.samples import MemoryStore, on_disk, recorded, text

WITHIN = 20.0


class Held:
    """A codec that is done with the first content only when it has seen so many others."""

    def __init__(self, others: int) -> None:
        self._others = others
        self._enough = threading.Event()

    def whole(self, raw: bytes | bytearray | memoryview) -> bytes:
        if bytes(raw[:5]) == b"first":
            assert self._enough.wait(WITHIN)
        else:
            self._others -= 1
            if not self._others:
                self._enough.set()
        return b"packed"

    def block(self, raw: bytes, prime: bytes, *, last: bool) -> bytes:
        raise AssertionError("these are packed whole")


def test_others_go_on_while_a_large_one_is_next() -> None:
    """What is next may take long: the other workers have a window's worth to do meanwhile."""
    others = WINDOW_SLOTS - 2
    workers = Workers(2)
    items = [text("before"), text("first", b"first" * BATCH_BYTES)]
    items += [text(f"{number}", b"x" * BATCH_BYTES) for number in range(others)]
    try:
        ahead = Ahead(items, MemoryStore(), workers, Held(others), None)
        packed = [item.entry.path for item in ahead if isinstance(item, Packed)]
    finally:
        workers.close()
    assert packed == [item.path for item in items]


class Watched:
    """A codec that notes which thread called it."""

    def __init__(self) -> None:
        self.threads: list[int] = []

    def whole(self, raw: bytes | bytearray | memoryview) -> bytes:
        self.threads.append(threading.get_ident())
        return b""

    def block(self, raw: bytes, prime: bytes, *, last: bool) -> bytes:
        raise AssertionError("these are packed whole")


@pytest.mark.parametrize("is_small", [True, False])
def test_batches_of_small_files_need_no_worker(is_small: bool) -> None:
    """Very small files are packed where they are read; larger ones by the workers."""
    size = SMALL_BATCH_BYTES // BATCH_ENTRIES + (not is_small)
    workers, codec = Workers(2), Watched()
    items = [text(f"{number}", b"x" * size) for number in range(1 + 2 * BATCH_ENTRIES)]
    try:
        ahead = Ahead(items, MemoryStore(), workers, codec, None)
        packed = [item for item in ahead if isinstance(item, Packed)]
    finally:
        workers.close()
    assert [item.entry for item in packed] == items
    here = codec.threads.count(threading.get_ident())
    assert here == (2 * BATCH_ENTRIES if is_small else 0)


class Asked(MemoryStore):
    """A store that notes how much it is asked for at a time."""

    def __init__(self, *, fails: bool = False) -> None:
        super().__init__()
        self.asked: list[int] = []
        self._fails = fails

    def read_small(self, sealeds: Collection[Sealed]) -> dict[str, bytes]:
        self.asked.append(len(sealeds))
        if self._fails:
            raise StoreUnavailable("It can't be read.")
        return super().read_small(sealeds)


def _all(store: Asked, items: list[Entry]) -> list[Packed | Entry]:
    workers = Workers(2)
    try:
        ahead = Ahead(items, store, workers, deflating(MAXIMUM), None)
        return [item for item in ahead if isinstance(item, (Packed, Entry))]
    finally:
        workers.close()


def test_small_recorded_content_is_had_many_at_a_time() -> None:
    """One look into the record serves a batch; large content waits for its turn; order is kept."""
    store = Asked()
    large = recorded("large", store.put(os.urandom(TOGETHER_BYTES + 1)))
    contents = [b"recorded %d" % number for number in range(2 * BATCH_ENTRIES)]
    items = [recorded(f"{n}", store.put(content)) for n, content in enumerate(contents)]
    items.insert(BATCH_ENTRIES, large)
    items.insert(7, text("text", b"made"))
    found = _all(store, items)
    assert [item.entry if isinstance(item, Packed) else item for item in found] == items
    assert [item for item in found if isinstance(item, Entry)] == [large]
    assert sum(store.asked) == len(contents)
    assert max(store.asked) >= BATCH_ENTRIES - 1
    kept = [bytes(item.kept) for item in found if isinstance(item, Packed)]
    assert set(store.kept.values()) - {store.kept[large.source.sealed.sha256]} <= set(kept)


@pytest.mark.parametrize("fails", [True, False])
def test_what_the_record_does_not_give_is_left_to_its_turn(fails: bool) -> None:
    """There it is opened by itself, and tells by itself what is wrong with it."""
    store = Asked(fails=fails)
    there, gone = store.put(b"there"), store.put(b"gone")
    del store.kept[gone.sha256]
    short = store.put(b"short")
    store.kept[short.sha256] += b"more"
    items = [text("first")] + [recorded(s.sha256, s) for s in (there, gone, short)]
    found = _all(store, items)[1:]
    assert found[1:] == items[2:]
    assert (found[0] == items[1]) is fails


class Offered(Companion):
    """A companion that takes every second batch, and is done with the last one first."""

    def __init__(self) -> None:
        super().__init__(MAXIMUM, MemoryStore())
        self.taken: list[tuple[Sequence[Item], Future[Batch]]] = []
        self._offers = 0

    def offer(self, batch: Sequence[Item]) -> Future[Batch] | None:
        self._offers += 1
        if self._offers % 2:
            return None
        self.taken.append((batch, Future()))
        if len(self.taken) == 3:
            for each, future in reversed(self.taken):
                future.set_result(pack_all(each, {}, deflating(MAXIMUM)))
        return self.taken[-1][1]


def test_the_companion_gets_small_batches_only_and_order_is_kept(tmp_path: Path) -> None:
    """Whole batches of very small files: not the first file, no larger ones, not the last few."""
    names = [f"{number:04}" for number in range(1 + 6 * BATCH_ENTRIES + 7)]
    for name in names:
        (tmp_path / name).write_bytes(name.encode())
    (tmp_path / "large").write_bytes(b"x" * BATCH_BYTES)
    items = [on_disk(name, tmp_path / name) for name in names]
    items.insert(1 + 2 * BATCH_ENTRIES, on_disk("large", tmp_path / "large"))
    workers, companion = Workers(2), Offered()
    how = deflating(MAXIMUM)
    ahead = Ahead(items, MemoryStore(), workers, how, None, companion=companion)
    try:
        found = list(ahead)
    finally:
        workers.close()
        ahead.close()
    assert found == pack_all(items, {}, how)
    assert [len(batch) for batch, _ in companion.taken] == [BATCH_ENTRIES] * 3
    assert not any(item.path == "large" for batch, _ in companion.taken for item in batch)
