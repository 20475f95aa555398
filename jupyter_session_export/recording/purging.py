"""Removes what was recorded of a session, also of what runs. The recorder's thread."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future
from contextlib import suppress
from typing import TYPE_CHECKING

from ..errors import StoreError, StoreFull
from ..records.content import Sealed
from ..records.purge import Purged, PurgeScope
from .live import Live
from .promise import reject, resolve
from .refs import references_in, sealed_of
from .sink import Sink

if TYPE_CHECKING:
    from .archivist import Archivist


class Purges:
    """Those that wait until nothing of the session is being sealed: it would come back."""

    def __init__(self, archivist: Archivist, sink: Sink) -> None:
        self._archivist = archivist
        self._sink = sink
        self._waiting: list[tuple[PurgeScope, Future[Purged]]] = []
        self.count = 0
        """How often something was purged."""
        self.on_purged: Callable[[PurgeScope, Collection[int]], None] = lambda scope, numbers: None

    @property
    def pending(self) -> bool:
        """Whether nothing more may be handed to the sealer's thread."""
        return bool(self._waiting)

    def add(self, scope: PurgeScope, done: Future[Purged]) -> None:
        """Purge as soon as that can be done; somebody waits for `done`."""
        self._waiting.append((scope, done))
        self.advance()

    def advance(self) -> None:
        """Do what can be done. Raises StoreError, which those who wait are told too."""
        if any(live.sealing for live in self._archivist.lives.values()):
            return
        while self._waiting:
            scope, done = self._waiting.pop(0)
            if done.cancelled():
                continue
            try:
                resolve(done, self._purge(scope))
            except Exception as error:
                reject(done, error)
                raise

    def fail(self, error: Exception) -> None:
        """Tell those who wait that there will be none; a full store spares them: they make room."""
        if isinstance(error, StoreFull):
            # What fails of it is told to whoever waits for that one.
            with suppress(StoreError):
                self.advance()
            return
        waiting, self._waiting = self._waiting, []
        for _, done in waiting:
            reject(done, error)

    def _purge(self, scope: PurgeScope) -> Purged:
        # What is not committed has no number that the sink could find.
        self._archivist.commit()
        self.count += 1
        numbers = self._sink.matching(scope)
        lives = [live for live in self._archivist.lives.values() if live.journal is not None]
        gone = [live for live in lives if live.execution.number in numbers]
        left = [live for live in lives if live.execution.number not in numbers]
        unsealed = sum(live.unsealed_bytes for live in gone)
        # The spools go first: after a crash they would be taken for what is to be saved.
        for live in gone:
            self._archivist.drop(live)
        if scope.is_all:
            for spool in self._sink.leftovers():
                spool.remove()
        self._archivist.comms.forget(scope, numbers)
        self._sink.forget_deeds(scope)
        size = self._sink.purge(numbers, list(_needed(left)))
        size += self._sink.purge_debugging(scope, numbers)
        self.on_purged(scope, numbers)
        self._archivist.note_garbage(size)
        running = [live for live in gone if not live.ended]
        for live in running:
            self._archivist.begin_anew(live)
        self._archivist.commit()
        return Purged(len(numbers) - len(running), size + unsealed, len(running))


def _needed(lives: list[Live]) -> Iterator[Sealed]:
    """Yield the content that journals refer to, which isn't part of the record yet."""
    for live in lives:
        if live.journal is None or not live.dirty:
            continue
        for line in live.journal.view().lines():
            for reference in references_in(line):
                yield sealed_of(reference)
