"""Brings an export from being asked for to being ready, or to another end, whatever hangs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from ..errors import ExportFailed, SessionExportError
from .crew import Crew
from .job import READY, ExportJob
from .waiting import done_before, ends_soon

if TYPE_CHECKING:
    from ..archive.prepared import PreparedArchive

MOST_PREPARING = 16
"""Threads that prepare exports, of all owners together."""
RESERVED = 4
"""Of those, the last ones are for owners who have none."""
MOST_TIDYING = 2


async def wanted(step: Awaitable[None], job: ExportJob) -> None:
    """Await a step of an export for as long as that is wanted. Raises what ended it meanwhile."""
    work = asyncio.ensure_future(step)
    try:
        if await done_before(work, job.over):
            await work
    finally:
        if work.cancel():
            await ends_soon(work)
    job.check()


class Runner:
    """`settle` is awaited on the event loop; `prepare` and `discard` are called by threads."""

    def __init__(
        self,
        *,
        settle: Callable[[ExportJob], Awaitable[None]],
        prepare: Callable[[ExportJob], PreparedArchive],
        discard: Callable[[ExportJob], None],
        log: logging.Logger,
    ) -> None:
        self._settle = settle
        self._prepare = prepare
        self._discard = discard
        self._log = log
        self.crew = Crew(MOST_PREPARING, "session-export", reserved=RESERVED)
        self._tidying = Crew(MOST_TIDYING, "session-export-tidy")
        self._turns = asyncio.Semaphore(MOST_TIDYING)

    async def run(self, job: ExportJob) -> None:
        """Do all of it; whatever goes wrong becomes the job's error."""
        try:
            await wanted(self._settle(job), job)
            job.ready(await self._prepared(job))
        except SessionExportError as error:
            job.fail(error)
        except Exception as error:  # noqa: BLE001  # the job's end must be told, whatever it was
            self._log.exception("Export %s failed", job.id)
            job.fail(ExportFailed("The export failed.", f"{type(error).__name__}: {error}"))
        finally:
            if job.state != READY:
                await self.discard(job)

    async def discard(self, job: ExportJob) -> None:
        """Remove what an export has left on disk; to remove gigabytes takes a while."""
        await self.tidy(job, self._discard)

    async def tidy(self, job: ExportJob, do: Callable[[ExportJob], None]) -> None:
        """See to what an export has on disk."""
        # What waits for its turn doesn't hang: its time begins with its thread's.
        async with self._turns:
            work = self._tidying.submit(job.session.owner, lambda: do(job))
            waiting = asyncio.wrap_future(work)
            try:
                if await ends_soon(waiting):
                    await waiting
                else:
                    self._tidying.give_up(work)
            except Exception:  # noqa: BLE001  # a job that has ended can't fail any more
                self._log.exception("What export %s has on disk can't be seen to", job.id)

    def close(self) -> None:
        """Let the threads end."""
        self.crew.close()
        self._tidying.close()

    async def _prepared(self, job: ExportJob) -> PreparedArchive:
        work = self.crew.submit(job.session.owner, lambda: self._prepare(job))
        waiting = asyncio.wrap_future(work)
        if await done_before(waiting, job.over):
            return await waiting
        if not work.cancel() and not await ends_soon(waiting):
            self.crew.give_up(work)
            # Should it come back after all, then to leave nothing behind.
            work.add_done_callback(lambda _: self._discard(job))
        waiting.cancel()
        job.check()
        raise ExportFailed("The export has ended.")
