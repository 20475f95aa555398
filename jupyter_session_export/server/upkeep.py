"""Clean-up on a server: when it starts, and every hour."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from ..errors import SessionExportError

if TYPE_CHECKING:
    from ..upkeep.cleaner import Cleaner
    from ..upkeep.report import Report
    from .life import SessionLife

HOUR = 3600.0


class Upkeep:
    """Runs the clean-up in a thread of its own, so that the event loop never waits for a disk."""

    def __init__(
        self,
        life: SessionLife,
        cleaner: Cleaner,
        idle: timedelta | None,
        log: logging.Logger,
        *,
        interval: float = HOUR,
    ) -> None:
        self._life = life
        self._cleaner = cleaner
        self._idle = idle
        self._log = log
        self._interval = interval
        self._thread = ThreadPoolExecutor(1, "session-export-upkeep")
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin now, on the running event loop."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """End it; a removal that is under way is taken up at the next start."""
        self._cleaner.stop()
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        await asyncio.to_thread(self._thread.shutdown)

    async def once(self) -> Report:
        """Clean up once."""
        if self._idle is not None:
            await self._life.end_idle(self._idle)
            await self._life.recover(self._idle)
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._cleaner.run)

    async def _run(self) -> None:
        while True:
            try:
                self._tell(await self.once())
            except SessionExportError as error:
                self._log.warning("Old sessions could not be cleaned up: %s", error)
            except Exception:  # noqa: BLE001  # the next hour tries again
                self._log.exception("Old sessions could not be cleaned up")
            await asyncio.sleep(self._interval)

    def _tell(self, report: Report) -> None:
        if report.removed or report.failed:
            self._log.info(
                "Clean-up: %d sessions removed (%d bytes), %d could not be.",
                len(report.removed),
                report.bytes,
                len(report.failed),
            )
