"""How much the sessions take on disk, measured in a thread and remembered for a while."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ..errors import SessionExportError
from ..records.session import Counts, Session
from ..records.times import now
from ..workspaces.listing import bytes_below

if TYPE_CHECKING:
    from ..store.catalog import Catalog

WRITTEN_SECONDS = 5.0
UNWRITTEN_SECONDS = 600.0
"""How old a measure may become of a session that this server writes, and of any other."""
REST = 20
"""A folder that takes long to measure is left alone for so many times as long."""
MOST_REMEMBERED = 10_000
PATIENCE = 0.05
"""Seconds that an answer waits for what was never measured, or has just changed."""


@dataclass(frozen=True, slots=True)
class Measure:
    """Bytes of a session's folder at a time; `counts` where `session.json` has none."""

    bytes: int
    at: datetime
    counts: Counts | None
    stale_at: float


class Gauge:
    """Called on the event loop; one thread measures, one session after the other."""

    def __init__(self, catalog: Catalog, log: logging.Logger) -> None:
        self._catalog = catalog
        self._log = log
        self._thread = ThreadPoolExecutor(1, "session-export-gauge")
        self._measures: dict[str, Measure] = {}
        self._changed: set[str] = set()
        self._under_way: asyncio.Future[None] | None = None
        self._closing = False

    async def measure(self, sessions: Sequence[Session], written: set[str]) -> dict[str, Measure]:
        """Return what is known of sessions, and see to it that more is known next time.

        `written` are the ids of those that this server writes.
        """
        stale = [session for session in sessions if self._is_stale(session.id)]
        some_unknown = any(self._is_awaited(session.id) for session in stale)
        if stale and self._under_way is None and not self._closing:
            # What was never measured comes first.
            stale.sort(key=lambda session: not self._is_awaited(session.id))
            loop = asyncio.get_running_loop()
            self._under_way = loop.run_in_executor(self._thread, self._run, stale, written)
            self._under_way.add_done_callback(self._end)
        if some_unknown and self._under_way is not None:
            await asyncio.wait({self._under_way}, timeout=PATIENCE)
        known = self._measures
        return {one.id: known[one.id] for one in sessions if one.id in known}

    def forget(self, session_id: str) -> None:
        """Measure anew what has just changed a lot, or is gone; an answer waits for it a little."""
        self._changed.add(session_id)

    def close(self) -> None:
        """End the thread after the folder that it is at."""
        self._closing = True
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _is_awaited(self, session_id: str) -> bool:
        return session_id not in self._measures or session_id in self._changed

    def _is_stale(self, session_id: str) -> bool:
        if self._is_awaited(session_id):
            return True
        return time.monotonic() >= self._measures[session_id].stale_at

    def _end(self, measured: asyncio.Future[None]) -> None:
        self._under_way = None
        if not measured.cancelled() and (error := measured.exception()):
            self._log.warning("Sessions could not be measured: %s", error)
        while len(self._measures) > MOST_REMEMBERED:
            del self._measures[next(iter(self._measures))]

    def _run(self, sessions: Sequence[Session], written: set[str]) -> None:
        for session in sessions:
            if self._closing:
                return
            # First: what changes while it is measured makes it stale again.
            self._changed.discard(session.id)
            self._measures[session.id] = self._measure(session, session.id in written)

    def _measure(self, session: Session, written: bool) -> Measure:
        began = time.monotonic()
        at = now()
        size = bytes_below(self._catalog.folder(session.id).path).bytes
        counts = None
        if session.counts is None and not written:
            with suppress(SessionExportError), self._catalog.read(session.id) as reader:
                counts = reader.counts()
        ended = time.monotonic()
        rest = max(WRITTEN_SECONDS if written else UNWRITTEN_SECONDS, REST * (ended - began))
        return Measure(size, at, counts, ended + rest)
