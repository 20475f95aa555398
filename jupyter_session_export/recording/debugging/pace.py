"""How fast a debugger may be asked, so that nobody who steps has to wait for us."""

from __future__ import annotations

import time
from collections import deque

from .turns import Turns

WAIT_SECONDS = 5.0
"""How long a person may keep the debugger busy before a stop is left as it is."""
CAPTURE_SECONDS = 2.0
"""What a stop may take from the first request to the last."""
SLOW_SECONDS = 0.1
"""A step waits for an answer of ours at most: one that takes longer is slow."""
MOST_SECONDS = 0.25
"""On a machine where the same question never takes less than half of it, up to so long isn't."""
MOST_SLOW = 3
"""Of the last answers; then a stop is asked a single thing until most are quick again."""
REMEMBERED = 50

WENT_ON = "the program went on"
BUSY = "the debugger was busy with its person's own requests"
LATE = f"more would have taken longer than {CAPTURE_SECONDS:g} s"
SLOW = "the debugger answers slowly"


class GivenUp(Exception):
    """A stop is left as far as it was captured; the text says why."""


class Patience:
    """How a debugger has answered lately, over all its stops: values may be slow to show."""

    def __init__(self) -> None:
        self._slow: deque[bool] = deque(maxlen=REMEMBERED)
        self._quickest: dict[str, float] = {}

    @property
    def is_over(self) -> bool:
        return sum(self._slow) >= MOST_SLOW

    def note(self, command: str, seconds: float) -> None:
        """Note how long an answer took."""
        quickest = min(seconds, self._quickest.get(command, seconds))
        self._quickest[command] = quickest
        self._slow.append(seconds > min(MOST_SECONDS, max(SLOW_SECONDS, 2 * quickest)))


class Pace:
    """When the next request of one capture may be sent, and whether any may."""

    def __init__(self, turns: Turns, stop_id: str, patience: Patience) -> None:
        self.stop_id = stop_id
        self._turns = turns
        self._patience = patience
        self._until = time.monotonic() + WAIT_SECONDS
        self._begun = False
        self._asked_at = 0.0

    def wait(self) -> None:
        """Wait for our turn. Raises GivenUp."""
        if self._begun and self._patience.is_over:
            # A step would have to wait for what takes long to show.
            raise GivenUp(SLOW)
        if not self._turns.wait(self.stop_id, self._until):
            over = self._turns.is_over(self.stop_id)
            raise GivenUp(WENT_ON if over else LATE if self._begun else BUSY)
        self._asked_at = time.monotonic()
        if not self._begun:
            self._begun = True
            self._until = self._asked_at + CAPTURE_SECONDS

    def answered(self, command: str) -> None:
        """Note that the last request was answered."""
        self._patience.note(command, time.monotonic() - self._asked_at)
