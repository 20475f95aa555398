"""Keeps the sessions within `max_store_bytes`: measures them, and has room made."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

from ..errors import SessionExportError
from ..upkeep.policy import is_nearly_full
from ..workspaces.listing import bytes_below

if TYPE_CHECKING:
    from ..store.catalog import Catalog

MEASURE_SECONDS = 30.0
FULL_SECONDS = 5.0
"""How often it measures while the recording waits for room."""
UNUSED_SECONDS = 600.0
"""How old a measure may become of a session that nobody uses."""
CLEAN_SECONDS = 60.0
REST = 20
"""After a measure that took long it rests for so many times as long."""


class Quota:
    """Between two measures the store counts what the recorder writes: that is never too much.

    What exports prepare and what a session's own files take is known at the next measure.
    """

    def __init__(
        self, catalog: Catalog, make_room: Callable[[], Awaitable[object]], log: logging.Logger
    ) -> None:
        self._catalog = catalog
        self._make_room = make_room
        self._log = log
        self._thread = ThreadPoolExecutor(1, "session-export-quota")
        self._task: asyncio.Task[None] | None = None
        self._wanted = asyncio.Event()
        self._sizes: dict[str, tuple[int, float]] = {}
        self._cleaned_at = float("-inf")

    def start(self) -> None:
        """Begin now, on the running event loop."""
        if self._task is not None or not self._catalog.room.most:
            return
        loop = asyncio.get_running_loop()

        def measure_soon() -> None:
            loop.call_soon_threadsafe(self._wanted.set)

        self._catalog.room.on_full = measure_soon
        self._task = loop.create_task(self._run())

    async def stop(self) -> None:
        """End it after the folder that it is at."""
        self._catalog.room.on_full = lambda: None
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def once(self) -> int:
        """Measure, and make room where there is hardly any; return what is taken then."""
        used = await self._measure()
        due = time.monotonic() >= self._cleaned_at + CLEAN_SECONDS
        if due and is_nearly_full(used, self._catalog.room.most):
            self._cleaned_at = time.monotonic()
            await self._make_room()
            used = await self._measure()
        return used

    async def _run(self) -> None:
        while True:
            began = time.monotonic()
            try:
                await self.once()
            except SessionExportError as error:
                self._log.warning("The sessions could not be measured: %s", error)
            except Exception:  # noqa: BLE001  # the next measure tries again
                self._log.exception("The sessions could not be measured")
            took = time.monotonic() - began
            pause = FULL_SECONDS if self._catalog.room.is_full else MEASURE_SECONDS
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._wanted.wait(), max(pause, REST * took))
            self._wanted.clear()

    async def _measure(self) -> int:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._catalog.room.measure, self._count)

    def _count(self) -> int:
        at = time.monotonic()
        sizes: dict[str, tuple[int, float]] = {}
        for session in self._catalog.sessions():
            size, until = self._sizes.get(session.id, (0, 0.0))
            if at >= until:
                used = session.ended_at is None or self._catalog.in_use(session.id)
                size = bytes_below(self._catalog.folder(session.id).path).bytes
                until = at if used else at + UNUSED_SECONDS
            sizes[session.id] = size, until
        self._sizes = sizes
        return sum(size for size, _ in sizes.values())
