"""The logs of one session: each line is stamped, scrubbed and bounded. The recorder's thread."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime
from typing import Any

from ..records.activity import ACTIVITY, Deed, LogLine
from ..records.scrubbing import tidied
from ..records.times import now, to_iso
from .sink import Sink
from .throttle import LeftOut, Throttle

UNBOUNDED = "execution."
"""Executions are in the record anyway; their lines are as complete as that is."""
LEFT_OUT = "log.left_out"


class Logbook:
    """Writes lines into a sink; any method may raise StoreError."""

    def __init__(self, sink: Sink, throttle: Throttle | None = None) -> None:
        self._sink = sink
        self._throttle = throttle or Throttle()
        self._latest: datetime | None = None

    def add(self, line: LogLine) -> None:
        """Write a line that somebody made, with the time of its writing: so they are in order."""
        time_of_writing = self._now()
        if not line.action.startswith(UNBOUNDED) and not self._throttle.admits(
            line.log, line.action, time_of_writing, time.monotonic()
        ):
            return
        self._write(replace(line, time=time_of_writing))

    def note(
        self,
        action: str,
        target: str | None = None,
        *,
        user_id: str | None = None,
        log: str = ACTIVITY,
        **detail: Any,
    ) -> None:
        """Write a line about what happened in the session."""
        session = self._sink.session
        self.add(LogLine(log, now(), session.id, user_id, action, target, detail))

    def note_deed(self, deed: Deed, user_id: str | None) -> None:
        """Write down what somebody did."""
        self.note(deed.action, deed.target, user_id=user_id, **deed.detail)

    def tell_left_out(self, *, all_of_it: bool = False) -> None:
        """Write how many lines were left out since the last time; a flood each minute."""
        for left_out in self._throttle.take_left_out(None if all_of_it else time.monotonic()):
            self._write(self._summary(left_out))

    def _summary(self, left_out: LeftOut) -> LogLine:
        detail = {
            "lines": left_out.lines,
            "since": to_iso(left_out.since),
            "until": to_iso(left_out.until),
            "reason": "they came faster than they are written down",
        }
        return LogLine(
            left_out.log,
            self._now(),
            self._sink.session.id,
            None,
            LEFT_OUT,
            left_out.action,
            detail,
        )

    def _write(self, line: LogLine) -> None:
        self._sink.log(replace(line, target=tidied(line.target), detail=tidied(line.detail)))

    def _now(self) -> datetime:
        """Return the time, which goes on also where the clock was set back."""
        present = now()
        self._latest = present if self._latest is None else max(present, self._latest)
        return self._latest
