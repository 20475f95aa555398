"""Readings of this process: held for a moment, written by a thread or at a cell's end."""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path
from typing import Any

from ..errors import StoreUnavailable
from ..workspaces.spool import Row, SpoolWriter

FLUSH_SECONDS = 0.25
"""A process that is killed loses the readings of about so long."""
BATCH = 1000
MOST_HELD = 20_000
"""Readings in memory; whoever adds more writes them out first."""
MOST_UNWRITABLE = 200_000
"""Readings that are held for a disk to get room again; more are refused."""

_log = logging.getLogger("jupyter_session_export")


class ReadingLog:
    """Takes readings from any thread, about a microsecond each."""

    def __init__(self, folder: Path) -> None:
        self._writer = SpoolWriter(folder)
        self._rows: list[Row] = []
        self._lock = threading.Lock()
        self._failed = False
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="session-readings", daemon=True)
        self._thread.start()

    def add(self, row: Row) -> None:
        """Take a reading. Raises StoreUnavailable when no more can be held."""
        rows = self._rows
        if len(rows) >= MOST_HELD:
            self._make_room()
        rows.append(row)

    def add_device(self, device: str, facts: dict[str, Any]) -> None:
        """Write what is said of a device. Raises StoreUnavailable."""
        with self._lock:
            self._writer.device(device, facts, time.time_ns())

    def flush(self) -> None:
        """Write all that is held. Raises StoreUnavailable; what is held stays held then."""
        with self._lock:
            # The list stays the same one: others append to it meanwhile.
            while batch := self._rows[:BATCH]:
                self._writer.readings(batch)
                del self._rows[: len(batch)]
            self._failed = False

    def flush_quietly(self, *_: object) -> None:
        """Write all that is held; a disk that takes nothing is told once."""
        try:
            self.flush()
        except StoreUnavailable as error:
            if not self._failed:
                _log.warning("%s %s", error.message, error.detail)
            self._failed = True

    def close(self) -> None:
        """Write what is held and end."""
        self._ended.set()
        self._thread.join()
        self.flush_quietly()
        self._writer.close()

    def _make_room(self) -> None:
        self.flush_quietly()
        if len(self._rows) >= MOST_UNWRITABLE:
            self.flush()

    def _run(self) -> None:
        while not self._ended.wait(FLUSH_SECONDS):
            if self._rows:
                self.flush_quietly()
