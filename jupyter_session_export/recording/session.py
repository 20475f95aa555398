"""The recording of one session: on, paused or stopped, and what happens when its store fails.

Only the recorder's thread calls it, but for `state` and `reason`.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..errors import ContentDamaged, StoreDamaged, StoreError
from ..records.activity import ACTIVITY, LogLine
from ..records.purge import Purged, PurgeScope
from ..records.times import from_timestamp, now, to_iso
from .archivist import Archivist
from .kernelstate import KernelState
from .promise import reject
from .queue import Loss
from .sink import Sink
from .track import Track
from .wire import Message

ON = "on"
PAUSED = "paused"
STOPPED = "stopped"


@dataclass(slots=True)
class Gap:
    """A stretch that is not in the record."""

    since: datetime
    reason: str
    messages: int = 0


class SessionRecording:
    """Feeds a session's track while it is on; keeps account of what it misses while it isn't."""

    def __init__(
        self,
        sink: Sink,
        track: Track,
        archivist: Archivist,
        log: logging.Logger,
        retry_after: float,
    ) -> None:
        self.sink = sink
        self.track = track
        self.archivist = archivist
        self.paused = False
        self._log = log
        self._retry_after = retry_after
        self._retry_at = 0.0
        self._gap: Gap | None = None
        self._touched_at: float | None = None
        archivist.on_failed = self._stop

    @property
    def id(self) -> str:
        return self.sink.session.id

    @property
    def state(self) -> str:
        if self._gap is not None:
            return STOPPED
        return PAUSED if self.paused else ON

    @property
    def reason(self) -> str | None:
        """Why it is stopped."""
        return None if self._gap is None else self._gap.reason

    def take(self, kernel: KernelState, message: Message, at: float) -> None:
        """Take a message of an execution."""
        self._touched_at = at
        try:
            if self._gap is None and not self.paused:
                self.track.take(kernel, message, at)
            else:
                if self._gap is not None:
                    self._gap.messages += 1
                self.track.ignore(kernel, message, at)
        except StoreError as error:
            self._stop(error)

    def attempt(self, action: Callable[[], None]) -> None:
        """Do something with the sink; a failing one stops the recording, never the caller."""
        try:
            action()
        except StoreError as error:
            self._stop(error)

    def note(self, action: str, target: str | None = None, **detail: Any) -> None:
        """Write an activity line."""
        session = self.sink.session
        line = LogLine(ACTIVITY, now(), session.id, session.user_id, action, target, detail)
        self.attempt(lambda: self.sink.log(line))

    def note_loss(self, kernel: KernelState, loss: Loss) -> None:
        """Write down what the queue could not hold."""
        self.attempt(lambda: self.track.truncate(kernel))
        self.note(
            "recording.gap",
            kernel.id,
            since=to_iso(from_timestamp(loss.first_at)),
            until=to_iso(from_timestamp(loss.last_at)),
            reason="messages came faster than they could be recorded",
            messages=loss.messages,
            bytes=loss.bytes,
        )

    def recover(self) -> None:
        """Seal what a crashed writer left behind."""
        for spool in self.sink.leftovers():
            try:
                self.archivist.recover(spool)
            except (ValueError, KeyError, TypeError, ContentDamaged):
                self._log.warning("A crashed recording left a journal that can't be read")
        for key in self.sink.unfinished():
            self.archivist.recover_unspooled(key)

    def pause(self) -> None:
        if not self.paused:
            self.paused = True
            self.note("recording.paused")

    def resume(self) -> None:
        if self.paused:
            self.paused = False
            self.note("recording.resumed")

    def tick(self) -> None:
        """Flush, seal, commit; or try whether the store works again."""
        if self._gap is not None:
            if time.monotonic() >= self._retry_at:
                self._retry(self._gap)
            return
        self.attempt(self._tick)

    def freeze(self, without: str | None, done: Future[int]) -> None:
        """Seal all; whatever comes of it, somebody waits for the end of `done`."""
        try:
            self.archivist.freeze(without, done)
        except StoreError as error:
            self._stop(error)
            reject(done, error)
        except Exception as error:
            reject(done, error)
            raise

    def commit(self) -> int:
        """Have readers see what has come; return how much text of it isn't sealed yet."""
        if self._gap is None:
            self.attempt(self.archivist.commit)
        return self.archivist.unsealed_bytes

    def purge(self, scope: PurgeScope, done: Future[Purged]) -> None:
        """Remove what was recorded; whatever comes of it, somebody waits for `done`."""
        try:
            self.archivist.purges.add(scope, done)
        except StoreError as error:
            self._stop(error)
            reject(done, error)

    def end(self) -> None:
        """Note that nobody resumes the session any more."""
        self.note("session.ended")
        self.attempt(lambda: self.sink.end(now()))

    def close(self) -> None:
        self.attempt(self.archivist.release)
        self.attempt(self._tick)
        self.attempt(self.sink.close)

    def _tick(self) -> None:
        if self._touched_at is not None:
            self.sink.touch(from_timestamp(self._touched_at))
            self._touched_at = None
        self.archivist.tick()

    def _stop(self, error: StoreError) -> None:
        if isinstance(error, StoreDamaged):
            # Writing on would damage it further.
            self._retry_at = math.inf
        if self._gap is None:
            self._begin_gap(error)
        # Only now: who hears of it may ask for the state next.
        self.archivist.fail(error)

    def _begin_gap(self, error: StoreError) -> None:
        self._gap = Gap(now(), error.message)
        outlook = "it is not tried again before the server is restarted."
        if not isinstance(error, StoreDamaged):
            self._retry_at = time.monotonic() + self._retry_after
            outlook = f"it is tried again every {self._retry_after:g} s."
        self._log.warning(
            "Recording of session %s has stopped: %s Kernels and files are not affected; %s",
            self.sink.session.number,
            error.message,
            outlook,
        )
        for live in self.archivist.lives.values():
            if not live.ended:
                live.outcome.truncated = True

    def _retry(self, gap: Gap) -> None:
        self._retry_at = time.monotonic() + self._retry_after
        try:
            self.track.index.prune()
            self.archivist.seal_ended()
            self.archivist.tick()
            self._write_gap(gap)
        except StoreError as error:
            self._stop(error)
            return
        self._gap = None
        self._log.warning("Recording of session %s goes on.", self.sink.session.number)

    def _write_gap(self, gap: Gap) -> None:
        session = self.sink.session
        detail = {
            "since": to_iso(gap.since),
            "until": to_iso(now()),
            "reason": gap.reason,
            "messages": gap.messages,
        }
        line = LogLine(ACTIVITY, now(), session.id, session.user_id, "recording.gap", None, detail)
        self.sink.log(line)
        self.sink.commit()
