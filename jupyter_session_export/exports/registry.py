"""All exports of a server: begun, followed, cancelled, forgotten."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING
from weakref import WeakSet

from ..errors import (
    CancelledByUser,
    CancelledSessionChange,
    ExportCancelled,
    ExportFailed,
    ExportNotFound,
    ServerStopped,
    SessionExportError,
    TooManyExports,
)
from ..records.session import Session
from ..records.times import now
from .job import CUT_OFF, READY, ExportJob
from .request import ExportRequest

if TYPE_CHECKING:
    from ..archive.prepared import PreparedArchive

REMEMBERED = timedelta(hours=24)
"""How long an ended export still answers with what became of it."""
MOST_REMEMBERED = 1000
MOST_READY = 8
"""Of so many ZIPs that an owner has ready and nobody fetches, the oldest makes room."""
TIDY_SECONDS = 30.0
WORKERS = 16
"""Threads that prepare exports, of all owners together."""


def _leave(job: ExportJob) -> None:
    """Do nothing with a job that is nowhere but in memory."""


class ExportRegistry:
    """Runs exports: `settle` on the event loop, then `prepare` in a worker thread.

    `settle(job)` brings the record up to date; `prepare(job)` returns the ZIP;
    `discard(job)` removes what it left on disk, `put_down(job)` leaves that to the next
    server, `forgotten(job)` is told of what isn't remembered any more. All other calls
    are made on the event loop.
    """

    def __init__(
        self,
        *,
        settle: Callable[[ExportJob], Awaitable[None]],
        prepare: Callable[[ExportJob], PreparedArchive],
        discard: Callable[[ExportJob], None],
        limit: int,
        lifetime: timedelta,
        log: logging.Logger,
        put_down: Callable[[ExportJob], None] = _leave,
        forgotten: Callable[[ExportJob], None] = _leave,
    ) -> None:
        self._settle = settle
        self._prepare = prepare
        self._discard = discard
        self._put_down = put_down
        self._forgotten = forgotten
        self._limit = limit
        self._lifetime = lifetime
        self._log = log
        self._jobs: dict[str, ExportJob] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._streams: WeakSet[ExportJob] = WeakSet()
        self._tidying: asyncio.Task[None] | None = None
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="session-export")

    def create(self, session: Session, request: ExportRequest) -> ExportJob:
        """Begin an export. Raises TooManyExports."""
        self.forget()
        mine = [job for job in self._jobs.values() if job.session.owner == session.owner]
        if sum(job.under_way for job in mine) >= self._limit:
            raise TooManyExports(
                f"{self._limit} exports are under way already.",
                "Wait until one of them is ready, or cancel it.",
            )
        self._make_room(mine)
        job = ExportJob(session, request)
        self._jobs[job.id] = job
        self._tasks[job.id] = asyncio.create_task(self._run(job))
        self._keep_tidy()
        return job

    def adopt(self, jobs: Iterable[ExportJob]) -> None:
        """Take in exports of an earlier server: ready ones, and what ended."""
        for job in jobs:
            self._jobs.setdefault(job.id, job)
        self.forget()
        self._keep_tidy()

    def stream(self, session: Session, request: ExportRequest) -> ExportJob:
        """Return an export that is sent while it is made, and not kept. Raises TooManyExports."""
        mine = [
            job for job in self._streams if job.session.owner == session.owner and job.transfers
        ]
        if len(mine) >= self._limit:
            raise TooManyExports(
                f"{self._limit} downloads are under way already.", "Wait until one of them ends."
            )
        job = ExportJob(session, request)
        self._streams.add(job)
        return job

    def find(self, owner: str, export_id: str) -> ExportJob:
        """Return an export of this owner. Raises ExportNotFound."""
        job = self._jobs.get(export_id)
        if job is None or job.session.owner != owner:
            raise ExportNotFound(f"There is no export {export_id[:40]!r}.", "Start a new one.")
        return job

    def all(self, owner: str, session_id: str | None = None) -> list[ExportJob]:
        """Return an owner's exports, or those of one session, the newest first."""
        return [
            job
            for job in reversed(self._jobs.values())
            if job.session.owner == owner and session_id in (None, job.session.id)
        ]

    def cancel(self, job: ExportJob, reason: ExportCancelled | None = None) -> None:
        """End an export that is under way or ready."""
        job.cancel(reason or CancelledByUser("The export was cancelled."))
        if job.id not in self._tasks:
            self._discard(job)

    async def cancel_all(self, session_id: str, why: str, *, ready: bool) -> None:
        """End a session's exports that are under way, or also those that are ready."""
        jobs = [job for job in self._jobs.values() if job.session.id == session_id]
        for job in jobs:
            if job.under_way or (ready and job.state == READY):
                self.cancel(job, CancelledSessionChange(why, "Start a new export."))
        tasks = [self._tasks[job.id] for job in jobs if job.id in self._tasks]
        await asyncio.gather(*tasks)

    def forget(self) -> None:
        """Let go of what is old: ZIPs that nobody fetches, and jobs that ended long ago."""
        present = now()
        for job in list(self._jobs.values()):
            if _is_idle(job) and present - job.last_used_at > self._lifetime:
                self._expire(job)
            if job.has_ended and present - job.created_at > REMEMBERED:
                self._drop(job)
        ended = [job for job in self._jobs.values() if job.has_ended]
        for job in ended[: max(0, len(self._jobs) - MOST_REMEMBERED)]:
            self._drop(job)

    def _drop(self, job: ExportJob) -> None:
        del self._jobs[job.id]
        self._forgotten(job)

    def _make_room(self, jobs: list[ExportJob]) -> None:
        idle = sorted(filter(_is_idle, jobs), key=lambda job: job.last_used_at)
        for job in idle[: max(0, len(idle) - MOST_READY + 1)]:
            self._expire(job)

    def _expire(self, job: ExportJob) -> None:
        job.expire()
        self._discard(job)

    def _keep_tidy(self) -> None:
        if self._tidying is None:
            self._tidying = asyncio.create_task(self._tidy())

    async def _tidy(self) -> None:
        while True:
            await asyncio.sleep(TIDY_SECONDS)
            self.forget()

    async def close(self) -> None:
        """End what is under way and wait for the workers; what is ready stays on disk."""
        if self._tidying is not None:
            self._tidying.cancel()
        for job in self._jobs.values():
            job.interrupt(ServerStopped(CUT_OFF, "Start a new export."))
        await asyncio.gather(*self._tasks.values())
        for job in self._jobs.values():
            self._put_down(job)
        await asyncio.to_thread(self._workers.shutdown)

    async def _run(self, job: ExportJob) -> None:
        loop = asyncio.get_running_loop()
        try:
            await self._settle(job)
            job.check()
            job.ready(await loop.run_in_executor(self._workers, self._prepare, job))
        except SessionExportError as error:
            job.fail(error)
        except Exception as error:  # noqa: BLE001  # the job's end must be told, whatever it was
            self._log.exception("Export %s failed", job.id)
            job.fail(ExportFailed("The export failed.", f"{type(error).__name__}: {error}"))
        finally:
            del self._tasks[job.id]
            if job.state != READY:
                self._discard(job)


def _is_idle(job: ExportJob) -> bool:
    return job.state == READY and not job.transfers
