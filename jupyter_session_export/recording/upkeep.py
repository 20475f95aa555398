"""What is done to a record now and then: unused content deleted, damage looked for."""

from __future__ import annotations

import time

from .sink import Sink

CHECK_EVERY = 10.0
COLLECT_BYTES = 16 * 1024 * 1024
COLLECT_SECONDS = 600.0
"""Replaced content is deleted once it is this much, or after this time."""


class Upkeep:
    """Of one session; `garbage` counts the bytes that may be unused."""

    def __init__(self, sink: Sink) -> None:
        self.garbage = 0
        self._sink = sink
        self._collected_at = time.monotonic()
        self._checked = 0
        self._check_at = time.monotonic() + CHECK_EVERY

    def tick(self, *, recovering: bool) -> None:
        """Do what is due; while something is `recovering`, nothing is known to be unused."""
        at = time.monotonic()
        due = self.garbage >= COLLECT_BYTES or at >= self._collected_at + COLLECT_SECONDS
        if self.garbage and due and not recovering:
            self.garbage, self._collected_at = 0, at
            self._sink.collect()
        if at >= self._check_at and self._checked != self._sink.position:
            self._check_at, self._checked = at + CHECK_EVERY, self._sink.position
            self._sink.check()
