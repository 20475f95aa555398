"""Notices messages that a kernel numbered, and that never came."""

from __future__ import annotations

from .wire import Message

FEW = 10
"""So many at a time may be prompts (`input_request`), which go to one client alone."""


class Sequence:
    """Counts what one process of a kernel publishes.

    A `msg_id` of jupyter_client's `Session`, which ipykernel has one of, ends in a
    counter of all that the process sends. Of that iopub lacks replies, and each
    belongs to a request of which it has busy and idle. Other kernels' ids say nothing.
    """

    def __init__(self) -> None:
        self._prefix = ""
        self._first = 0
        self._last = 0
        self._seen = 0
        self._statuses = 0
        self._excused = 0
        self._settled = 0

    def hear(self, message: Message) -> None:
        """Count a message; those of forked children have another prefix, and don't count."""
        prefix, _, number = message.msg_id.rpartition("_")
        if not number.isdecimal() or not prefix:
            return
        if not self._prefix:
            self._prefix, self._first = prefix, int(number)
        if prefix != self._prefix:
            return
        self._last = max(self._last, int(number))
        self._seen += 1
        if message.type == "status" and message.parent_type.endswith("_request"):
            self._statuses += 1

    def excuse(self, messages: int) -> None:
        """Know where so many have gone."""
        self._excused += messages

    def missing(self, dropped: int = 0) -> int:
        """Return how many have been lost since this was asked before.

        `dropped` are going to be excused.
        """
        known = self._seen + self._statuses // 2 + self._excused + dropped
        missing = self._last - self._first + 1 - known
        grown = missing - self._settled
        self._settled = max(self._settled, missing)
        return grown if grown > FEW else 0
