"""Keeps what fails in the recording from whoever is recorded."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

WARN_EVERY = 60.0
"""Seconds between two warnings; a client may send any number of unreadable messages."""


class Warner:
    """Keeps a failing report from its caller, and warns of it now and then."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._silent_until = float("-inf")
        self._failures = 0

    def quietly(self, report: Callable[[], None]) -> None:
        try:
            report()
        except Exception:  # noqa: BLE001  # the client's connection matters more than its record
            self._failures += 1
            if time.monotonic() >= self._silent_until:
                self._silent_until = time.monotonic() + WARN_EVERY
                self._log.warning(
                    "Messages of a kernel's websocket could not be recorded (%d so far)",
                    self._failures,
                    exc_info=True,
                )
