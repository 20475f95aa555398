"""What is compressed ahead, and how far."""

from __future__ import annotations

import threading

import pytest

from jupyter_session_export.archive.ahead import (
    BATCH_BYTES,
    BATCH_ENTRIES,
    SMALL_BATCH_BYTES,
    WINDOW_SLOTS,
    Ahead,
    Packed,
)
from jupyter_session_export.archive.workers import Workers
from tests.unit.archive.samples import text

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
        ahead = Ahead(items, workers, Held(others), None)
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
        packed = [item for item in Ahead(items, workers, codec, None) if isinstance(item, Packed)]
    finally:
        workers.close()
    assert [item.entry for item in packed] == items
    here = codec.threads.count(threading.get_ident())
    assert here == (2 * BATCH_ENTRIES if is_small else 0)
