"""What is compressed ahead, and how far."""

from __future__ import annotations

import threading

from jupyter_session_export.archive.ahead import BATCH_BYTES, WINDOW_SLOTS, Ahead, Packed
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
        raise NotImplementedError


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
