"""What a writer left that crashed: sealed, and marked as recovered. The recorder's thread."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from ..errors import ContentDamaged
from ..records.execution import Execution, ExecutionKey
from ..records.times import now
from .journal import journal_line
from .live import HEAD, Live
from .outcome import LOST
from .restoring import has_sealed, lines_of, spooled_sizes
from .sink import Sink, Spool

if TYPE_CHECKING:
    from .archivist import Archivist


class Recovery:
    """Of one session, before anything else is recorded. Raises StoreError."""

    def __init__(self, archivist: Archivist, sink: Sink, log: logging.Logger) -> None:
        self._archivist = archivist
        self._sink = sink
        self._log = log
        self._cause = "server died" if sink.session.kernel is None else "kernel died"

    def run(self) -> None:
        """Recover each spool by itself: one that can't be read costs no other."""
        for spool in self._sink.leftovers():
            try:
                self._recover(spool)
            except (ValueError, KeyError, TypeError, RecursionError, ContentDamaged):
                self._log.warning("A crashed recording left a journal that can't be read")
        for key in self._sink.unfinished():
            self._end_unspooled(key)

    def _recover(self, spool: Spool) -> None:
        """Seal what is in a spool, unless that was done."""
        written, sizes = spool.last_written(), spooled_sizes(spool)
        journal = self._archivist.journals.within(spool)
        journal.adopt()
        lines = list(lines_of(journal, self._sink.blobs))
        head = next((line for line in lines if line.get("type") == HEAD), None)
        if head is None:
            self._log.warning("A crashed recording left a journal without its beginning")
            self._archivist.journals.discard(journal)
            return
        execution = Execution.from_json(head["execution"])
        if has_sealed(self._sink, execution.key, sizes, journal):
            self._archivist.journals.discard(journal)
            return
        live = Live(replace(execution, recovered=True))
        live.last_at = written
        live.resume(journal, lines)
        self._take_over(live)

    def _end_unspooled(self, key: ExecutionKey) -> None:
        """End an execution that a writer noted and then crashed, before it wrote more."""
        found = self._sink.find(key)
        if found is None or key in self._archivist.lives:
            return
        execution = replace(found[0], recovered=True)
        live = Live(execution)
        live.last_at = live.outcome.started_at = execution.started_at or now()
        live.begin_anew(self._archivist.journals.of(execution.number))
        live.ended = True
        self._take_over(live)

    def _take_over(self, live: Live) -> None:
        if not live.outcome.idle and live.outcome.lost_cause is None:
            at = live.last_at
            live.take(journal_line(LOST, {"cause": self._cause}, at), at)
        self._archivist.lives[live.key] = live
        self._archivist.chronicle.recovered(live.conclude())
        self._archivist.seal(live)
