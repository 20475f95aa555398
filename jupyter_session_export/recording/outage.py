"""A session's store fails: nothing more of it is recorded until it works again.

Only the recorder's thread calls it, but for `lasts` and `reason`.
"""

from __future__ import annotations

import logging
import math
import time
from dataclasses import dataclass
from datetime import datetime

from ..errors import StoreDamaged, StoreError
from ..records.times import now, to_iso
from .archivist import Archivist
from .index import ExecutionIndex
from .sink import Sink

PATIENT_TRIES = 3
"""So often it is tried to go on before what is not sealed is shortened."""
WARN_AGAIN = 3600.0


@dataclass(slots=True)
class Gap:
    """A stretch that is not in the record."""

    since: datetime
    reason: str
    messages: int = 0


class Outage:
    """Begins with an error, is told once, and ends with a try that goes well."""

    def __init__(
        self,
        sink: Sink,
        index: ExecutionIndex,
        archivist: Archivist,
        log: logging.Logger,
        retry_after: float,
    ) -> None:
        self._sink = sink
        self._index = index
        self._archivist = archivist
        self._log = log
        self._retry_after = retry_after
        self._retry_at = 0.0
        self._tries = 0
        self._warned: dict[str, float] = {}
        self._gap: Gap | None = None

    @property
    def lasts(self) -> bool:
        return self._gap is not None

    @property
    def reason(self) -> str | None:
        """Why nothing is recorded."""
        return None if self._gap is None else self._gap.reason

    def begin(self, error: StoreError) -> None:
        """Stop the recording, or note that a try has failed."""
        if isinstance(error, StoreDamaged):
            # Writing on would damage it further.
            self._retry_at = math.inf
        if self._gap is None:
            self._begin(error)
        # Only now: who hears of it may ask for the state next.
        self._archivist.fail(error)

    def miss(self) -> None:
        """Count a message that isn't recorded."""
        if self._gap is not None:
            self._gap.messages += 1

    def try_soon(self) -> None:
        """Try again at the next tick, if it may be tried at all."""
        if self._retry_at < math.inf:
            self._retry_at = 0.0

    def tick(self) -> None:
        """Try whether the store works again, if it is time."""
        if self._gap is not None and time.monotonic() >= self._retry_at:
            self._retry(self._gap)

    def _begin(self, error: StoreError) -> None:
        self._gap = Gap(now(), error.message)
        self._tries = 0
        outlook = "it is not tried again before the server is restarted."
        if not isinstance(error, StoreDamaged):
            self._retry_at = time.monotonic() + self._retry_after
            outlook = f"it is tried again every {self._retry_after:g} s."
        self._log.log(
            self._level(error.message),
            "Recording of session %s has stopped: %s Kernels and files are not affected; %s",
            self._sink.session.number,
            error.message,
            outlook,
        )
        for live in self._archivist.lives.values():
            if not live.ended:
                live.outcome.truncated = True

    def _retry(self, gap: Gap) -> None:
        self._retry_at = time.monotonic() + self._retry_after
        self._tries += 1
        try:
            if self._tries > PATIENT_TRIES:
                # What is itself too large for the disk would be in its own way for ever.
                self._archivist.shorten()
            self._index.prune()
            self._archivist.seal_ended()
            self._archivist.tick()
            self._write(gap)
        except StoreError as error:
            self.begin(error)
            return
        self._gap = None
        self._log.warning("Recording of session %s goes on.", self._sink.session.number)

    def _level(self, reason: str) -> int:
        """Warn once an hour at most of what comes and goes."""
        at = time.monotonic()
        if at < self._warned.get(reason, -math.inf) + WARN_AGAIN:
            return logging.INFO
        self._warned = {reason: at}
        return logging.WARNING

    def _write(self, gap: Gap) -> None:
        self._archivist.logbook.note(
            "recording.gap",
            user_id=self._sink.session.user_id,
            since=to_iso(gap.since),
            until=to_iso(now()),
            reason=gap.reason,
            messages=gap.messages,
        )
        self._sink.commit()
