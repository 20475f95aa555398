"""The journals of one session: as long as they may be, and removed when all is committed."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from ..records.execution import ExecutionKey
from .bounded import BoundedJournal
from .live import FIRST_QUIET, Live
from .refs import references_in, sealed_of
from .sink import Sink, Spool
from .upkeep import Upkeep

MOST_QUIETS = 10_000


class Journals:
    """Makes and removes them. The recorder's thread; any method may raise StoreError."""

    def __init__(self, sink: Sink, upkeep: Upkeep, limit: int) -> None:
        self._sink = sink
        self._upkeep = upkeep
        self._limit = limit
        self._discarded: list[BoundedJournal] = []
        self._quiets: OrderedDict[ExecutionKey, float] = OrderedDict()

    def of(self, number: int) -> BoundedJournal:
        """Return the journal of an execution, empty as yet."""
        return self.within(self._sink.spool(number))

    def within(self, spool: Spool) -> BoundedJournal:
        """Return a journal that is written into a spool."""
        return BoundedJournal(spool, self._sink.commit, self._limit, self._let_go)

    @property
    def any_discarded(self) -> bool:
        return bool(self._discarded)

    def discard(self, journal: BoundedJournal) -> None:
        """Remove it once what was sealed of it is committed."""
        self._discarded.append(journal)

    def remove_discarded(self) -> None:
        """Remove them, as only what is committed may leave the spool."""
        while self._discarded:
            self._discarded.pop().remove()

    def quiet_of(self, key: ExecutionKey) -> float:
        """Return how long an execution stayed open when it was last kept for more to come."""
        return self._quiets.get(key, FIRST_QUIET)

    def keep_quiet(self, live: Live) -> None:
        """Remember that much came late, so that it is sealed seldom when more does."""
        if live.quiet > FIRST_QUIET:
            self._quiets[live.key] = live.quiet
            self._quiets.move_to_end(live.key)
        if len(self._quiets) > MOST_QUIETS:
            self._quiets.popitem(last=False)

    def _let_go(self, line: dict[str, Any]) -> None:
        """Have content go that a dropped line referred to."""
        for reference in references_in(line):
            sealed = sealed_of(reference)
            self._sink.blobs.let_go(sealed)
            self._upkeep.garbage += sealed.stored_size
