"""Numbers, flushes, seals and forgets the executions of one session.

Only the recorder's thread calls it; any method may raise StoreError.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace

from ..errors import ContentDamaged, StoreError
from ..records.execution import ExecutionKey
from .chronicle import Chronicle
from .comms import Comms
from .freezes import Freezes
from .journals import Journals
from .live import Live
from .logbook import Logbook
from .purging import Purges
from .queue import Command
from .restoring import lines_of, restore
from .sealing import (
    INLINE_SEAL_BYTES,
    SealedExecution,
    Sealer,
    attempt,
    seal,
    seal_roughly,
)
from .sink import Sink
from .upkeep import COLLECT_BYTES, Upkeep

SHORTENED_BYTES = 512 * 1024
HEAD_LENGTH = 200
"""Characters of the source that lists show."""


class Archivist:
    """Owns all executions that have a number and are not wholly sealed."""

    def __init__(
        self,
        sink: Sink,
        sealer: Sealer,
        call: Callable[[Command], None],
        log: logging.Logger,
        limit: int = 0,
    ) -> None:
        self.lives: dict[ExecutionKey, Live] = {}
        self.on_forgotten: Callable[[Live], None] = lambda live: None
        self.on_failed: Callable[[StoreError], None] = lambda error: None
        self.logbook = Logbook(sink)
        self.chronicle = Chronicle(self.logbook, sink)
        self._sink = sink
        self._sealer = sealer
        self._call = call
        self._log = log
        self._written: list[Live] = []
        self._freezes = Freezes(self._is_sealed, self._commit_frozen)
        self._upkeep = Upkeep(sink)
        self.journals = Journals(sink, self._upkeep, limit)
        self.purges = Purges(self, sink)
        self.comms = Comms(sink)

    def begin(self, live: Live) -> None:
        """Give an execution its number and its place in the record."""
        number = self._sink.next_number()
        live.begin(number, self.journals.of(number))
        self.lives[live.key] = live
        self._sink.begin(live.execution)
        self.chronicle.begun(live)

    def end(self, live: Live) -> None:
        """Seal an execution that has finished."""
        self.chronicle.ended(live.execution)
        self.seal(live)

    def has(self, kernel_id: str) -> bool:
        """Tell whether an execution of this kernel isn't wholly sealed."""
        return any(key.kernel_id == kernel_id for key in self.lives)

    def seal(self, live: Live) -> None:
        """Seal an execution as it stands, at once or, a large one, in the sealer's thread."""
        if live.journal is None or live.sealing:
            return
        self._spread_updates(live)
        view = live.journal.view()
        if view.total > INLINE_SEAL_BYTES and self.purges.pending:
            live.reseal_at = time.monotonic()
            return
        execution = live.current
        source, modified, blobs = live.source, live.modified, self._sink.blobs
        before = live.members
        live.sealing, live.reseal_at = True, None
        live.journal.hold()

        def job() -> SealedExecution:
            return seal(execution, source, view, blobs, modified, before=before)

        def rescue(error: Exception) -> SealedExecution:
            rough = seal_roughly(execution, source, view, blobs, modified)
            return replace(rough, error=error)

        if view.total <= INLINE_SEAL_BYTES:
            self._finish(live, attempt(job, rescue))
        else:
            self._sealer.submit(lambda: self._hand_back(live, attempt(job, rescue)))

    def reopen(self, key: ExecutionKey) -> Live | None:
        """Return a finished execution so that more can be added.

        None for an unknown one, and where its own content is damaged.
        """
        if key in self.lives:
            return self.lives[key]
        found = self._sink.find(key)
        if found is None:
            return None
        if self.journals.any_discarded:
            # Its own spool may be waiting to be removed; it is to begin anew.
            self.commit()
        execution, members = found
        journal = self.journals.of(execution.number)
        live = Live(execution, quiet=self.journals.quiet_of(key))
        try:
            restore(journal, members, self._sink.blobs)
            live.resume(journal, lines_of(journal, self._sink.blobs))
        except ContentDamaged as error:
            journal.remove()
            self._log.warning("Nothing can be added to execution %s: %s", execution.number, error)
            return None
        live.note_sealed(execution, members, journal.changes)
        self.lives[key] = live
        return live

    def tick(self) -> None:
        """Flush what runs, seal again what has gone quiet, forget what is over, commit."""
        at = time.monotonic()
        for live in list(self.lives.values()):
            if live.journal is not None and live.is_sealed:
                if not live.is_over:
                    live.journal.rest()
            elif live.journal is not None and live.dirty:
                live.journal.flush()
            if live.reseal_at is not None and at >= live.reseal_at:
                self.seal(live)
        self.commit()
        for live in list(self.lives.values()):
            if live.is_over:
                self._forget(live)
        recovering = any(live.execution.recovered and live.dirty for live in self.lives.values())
        self._upkeep.tick(recovering=recovering)
        self.purges.advance()

    def commit(self) -> None:
        self.comms.flush()
        for live in self._written:
            if live.journal is not None and live.journal.is_cut:
                # Whether all of it is sealed can't be told from a spool that has less.
                live.journal.flush()
        self._sink.commit()
        # Only what is committed may leave the spool, or be forgotten.
        self.journals.remove_discarded()
        written, self._written = self._written, []
        for live in written:
            if live.is_over and live.key in self.lives:
                self._forget(live)

    @property
    def unsealed_bytes(self) -> int:
        """How much text of what runs, or ran moments ago, isn't in the record."""
        return sum(live.unsealed_bytes for live in self.lives.values() if not live.execution.tool)

    def release(self) -> None:
        """Forget what is sealed and was kept for more that might come."""
        for live in list(self.lives.values()):
            if live.is_sealed:
                self._forget(live)

    def seal_ended(self) -> None:
        """Seal all that has finished, without waiting for it to go quiet."""
        for live in list(self.lives.values()):
            if live.ended and live.dirty:
                self.seal(live)

    def shorten(self) -> None:
        """Keep of each large execution that isn't sealed the first and the last only."""
        for live in self.lives.values():
            if live.dirty and not live.sealing and live.output_bytes > INLINE_SEAL_BYTES:
                live.shorten(SHORTENED_BYTES)
                self._upkeep.garbage = max(self._upkeep.garbage, COLLECT_BYTES)

    def freeze(self, without: str | None, done: Future[int]) -> None:
        """Seal all, also what runs; resolve with the record's position."""
        self.spread()
        needs = {
            key: live.journal.changes
            for key, live in self.lives.items()
            if live.journal is not None and live.dirty and key.msg_id != without
        }
        self._freezes.add(needs, done)

    def spread(self) -> None:
        """Write what was displayed anew into the executions that show it."""
        for live in list(self.lives.values()):
            self._spread_updates(live)

    def numbered(self, number: int) -> Live | None:
        """Return an execution that isn't wholly sealed, or was moments ago."""
        return next((one for one in self.lives.values() if one.execution.number == number), None)

    def drop(self, live: Live) -> None:
        """Forget an execution at once, with all that is in its spool."""
        self.lives.pop(live.key, None)
        self._written = [one for one in self._written if one is not live]
        live.drop()
        if live.ended:
            self.on_forgotten(live)

    def note_garbage(self, size: int) -> None:
        """Note that so many bytes of content may be unused now."""
        self._upkeep.garbage += size

    def begin_anew(self, live: Live) -> None:
        """Go on recording a dropped execution that runs, marked, without what came so far."""
        live.begin_anew(self.journals.of(live.execution.number))
        self.lives[live.key] = live
        self._sink.begin(live.execution)

    def fail(self, error: Exception) -> None:
        """Tell those who wait that it comes to nothing; seal again what may be lost."""
        self.purges.fail(error)
        self.comms.note_lost()
        written, self._written = self._written, []
        for live in written:
            live.note_lost()
        self._freezes.fail(error)

    def _commit_frozen(self) -> int:
        self.commit()
        self._sink.check()
        return self._sink.position

    def _is_sealed(self, key: ExecutionKey, changes: int) -> bool:
        live = self.lives.get(key)
        if live is not None and live.sealed_changes < changes:
            self.seal(live)
        return live is None or live.sealed_changes >= changes

    def _hand_back(self, live: Live, result: SealedExecution | Exception) -> None:
        def finish() -> None:
            try:
                self._finish(live, result)
            except StoreError as error:
                self.on_failed(error)
            except Exception as error:
                self.fail(error)
                raise

        self._call(finish)

    def _finish(self, live: Live, result: SealedExecution | Exception) -> None:
        live.sealing = False
        if live.journal is not None:
            live.journal.release()
        if isinstance(result, StoreError) and not isinstance(result, ContentDamaged):
            raise result
        if isinstance(result, Exception):
            # Not even what was printed can be had.
            execution = replace(live.execution, truncated=True)
            result = SealedExecution(execution, [], live.changes, error=result)
        if result.error is not None:
            self._log.error("An execution could not be sealed as a whole", exc_info=result.error)
        head = live.source[:HEAD_LENGTH]
        self._sink.write(result.execution, result.members, source_head=head, shown=result.shown)
        self._upkeep.garbage += live.note_sealed(result.execution, result.members, result.changes)
        self._written.append(live)
        if live.ended and not live.is_sealed and live.reseal_at is None:
            self.seal(live)
        self._freezes.advance()
        self.purges.advance()

    def _forget(self, live: Live) -> None:
        self.lives.pop(live.key, None)
        self.journals.keep_quiet(live)
        if live.journal is not None:
            self.journals.discard(live.journal)
        self.on_forgotten(live)

    def _spread_updates(self, live: Live) -> None:
        """Write display updates into the executions that show what they update."""
        updates, live.updates = live.updates, {}
        targets: dict[ExecutionKey, Live] = {}
        for (key, _), line in updates.items():
            target = self.reopen(key)
            if target is not None and target.journal is not None:
                target.journal.append(line)
                target.last_at = max(target.last_at, live.last_at)
                target.kept_until = max(target.kept_until, live.kept_until)
                targets[key] = target
        for target in targets.values():
            if target.ended:
                self.seal(target)
