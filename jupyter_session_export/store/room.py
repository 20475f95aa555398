"""How much more the sessions of a data folder may take on disk."""

from __future__ import annotations

import threading
from collections.abc import Callable

from ..errors import StoreFull

RESERVE = 50
"""One part in so many of the quota is left for sealing what was recorded up to then."""
REOPENS_AT = 25
"""Once nothing more fits, nothing does until one part in so many of the quota is free."""

DUE_AFTER = 100
"""Another measure is due when one part in so many of the quota was written since the last one."""


class Room:
    """Counts down what is written from what a measure has found. Any thread.

    `most` is the quota in bytes; 0 is no limit. Before the first measure everything
    fits. `on_full` is called when nothing fits any more, `on_due` once so much was
    written since the last measure that another is due.
    """

    def __init__(self, most: int = 0) -> None:
        self.most = most
        self.on_full: Callable[[], None] = _nothing
        self.on_due: Callable[[], None] = _nothing
        self._used = 0
        self._written = 0
        self._written_before = 0
        self._full = False
        self._told_due = False
        self._lock = threading.Lock()

    @property
    def is_full(self) -> bool:
        """Tell whether nothing fits any more."""
        return self._full

    @property
    def left(self) -> int:
        """Bytes that may still be written; less than none where others have written, too."""
        return self.most - self._used - (self._written - self._written_before)

    def take(self, size: int, *, sealing: bool = False) -> None:
        """Count bytes that are about to be written; for `sealing` there is a reserve.

        Raises StoreFull.
        """
        if not self.most:
            return
        with self._lock:
            fits, tell = self._take(size, sealing=sealing)
        tell()
        if not fits:
            raise StoreFull(
                "The recorded sessions take as much of the disk as they may.",
                f"max_store_bytes is {self.most:,}: purge or remove some, or raise it.",
            )

    def count(self, size: int) -> None:
        """Count bytes that were written already; those that were deleted are less than none."""
        with self._lock:
            self._written += size

    def measure(self, count: Callable[[], int]) -> int:
        """Take over what `count` finds the sessions to take; return it."""
        with self._lock:
            before = self._written
        used = count()
        with self._lock:
            self._used, self._written_before = used, before
            self._told_due = False
        return used

    def _take(self, size: int, *, sealing: bool) -> tuple[bool, Callable[[], None]]:
        """Count bytes; return whether they fit, and what is to be called then."""
        self._full = self._full and self.left * REOPENS_AT < self.most
        free = self.left if sealing else self.left - self.most // RESERVE
        if size > free or (self._full and not sealing):
            newly, self._full = not self._full, True
            return False, self.on_full if newly else _nothing
        self._written += size
        since = self._written - self._written_before
        newly = not self._told_due and since * DUE_AFTER >= self.most
        self._told_due = self._told_due or newly
        return True, self.on_due if newly else _nothing


def _nothing() -> None:
    return None
