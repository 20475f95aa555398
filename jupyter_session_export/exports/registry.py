"""All exports of a server: begun, followed, cancelled, forgotten."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ..archive.hanging import HANGING, SURE
from ..errors import (
    CancelledByUser,
    CancelledSessionChange,
    ExportCancelled,
    ExportNotFound,
    ServerStopped,
    SessionExportError,
    TooManyExports,
)
from ..records.session import Session
from ..records.times import now
from .admission import admit
from .clients import Client, Origin
from .forgetting import to_expire, to_forget, to_make_room
from .job import CUT_OFF, READY, ExportJob
from .request import ExportRequest
from .runner import Runner

if TYPE_CHECKING:
    from ..archive.prepared import PreparedArchive

TIDY_SECONDS = 30.0
MOST_DOWNLOADS = 64
"""Sendings of one owner's ZIPs at a time; each takes up to 2 MiB."""


def _leave(job: ExportJob) -> None:
    """Do nothing with a job that is nowhere but in memory."""


class ExportRegistry:
    """Runs exports: `settle` on the event loop, then `prepare` in a worker thread.

    `settle(job)` brings the record up to date; `prepare(job)` returns the ZIP;
    `discard(job)`, in a thread too, removes what it left on disk, `put_down(job)`
    leaves that to the next server, `forgotten(job)` is told of what isn't remembered
    any more. All other calls are made on the event loop.
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
        self._put_down = put_down
        self._forgotten = forgotten
        self.runner = Runner(settle=settle, prepare=prepare, discard=discard, log=log)
        self._limit = limit
        self._lifetime = lifetime
        self._log = log
        self._jobs: dict[str, ExportJob] = {}
        self._streams: set[ExportJob] = set()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._tidying: asyncio.Task[None] | None = None

    def create(
        self, session: Session, request: ExportRequest, origin: Origin | None = None
    ) -> ExportJob:
        """Begin an export. Raises TooManyExports."""
        self.forget()
        mine = self.all(session.owner)
        if sum(job.under_way for job in mine) >= self._limit:
            raise TooManyExports(
                f"{self._limit} exports are under way already.",
                "Wait until one of them is ready, or cancel it.",
            )
        admit(session.owner)
        for old in to_make_room(mine):
            self._expire(old)
        job = ExportJob(session, request, origin)
        self._jobs[job.id] = job
        self._start(job, self.runner.run(job))
        self._keep_tidy()
        return job

    def adopt(self, jobs: Iterable[ExportJob]) -> None:
        """Take in exports of an earlier server: ready ones, and what ended."""
        for job in jobs:
            self._jobs.setdefault(job.id, job)
        self.forget()
        self._keep_tidy()

    def stream(
        self, session: Session, request: ExportRequest, origin: Origin | None = None
    ) -> ExportJob:
        """Return an export that is sent while it is made, and not kept. Raises TooManyExports."""
        if sum(job.session.owner == session.owner for job in self._streaming()) >= self._limit:
            raise TooManyExports(
                f"{self._limit} downloads are under way already.", "Wait until one of them ends."
            )
        admit(session.owner)
        job = ExportJob(session, request, origin, streamed=True)
        self._streams.add(job)
        return job

    def admit_download(self, job: ExportJob) -> None:
        """Let a ZIP be sent once more. Raises TooManyExports: each sending takes memory."""
        owner = job.session.owner
        if sum(mine.transfers for mine in self.all(owner)) >= MOST_DOWNLOADS:
            raise TooManyExports(
                f"{MOST_DOWNLOADS} downloads are under way already.",
                "Wait until one of them ends.",
            )
        admit(owner)

    def find(self, owner: str, export_id: str) -> ExportJob:
        """Return an export of this owner. Raises ExportNotFound."""
        job = self._jobs.get(export_id)
        if job is None or job.session.owner != owner:
            raise ExportNotFound(f"There is no export {export_id[:40]!r}.", "Start a new one.")
        return job

    def session_of(self, export_id: str) -> str | None:
        """Return the session of an export, whosever it is."""
        job = self._jobs.get(export_id)
        return None if job is None else job.session.id

    def all(self, owner: str, session_id: str | None = None) -> list[ExportJob]:
        """Return an owner's exports, or those of one session, the newest first."""
        jobs = [
            job
            for job in reversed(self._jobs.values())
            if job.session.owner == owner and session_id in (None, job.session.id)
        ]
        # Those of an earlier server may have come back after newer ones had begun.
        return sorted(jobs, key=lambda job: job.created_at, reverse=True)

    def of_client(self, client: Client) -> list[ExportJob]:
        """Return what a client began and could still be ended, one-shot downloads too."""
        jobs = (*self._jobs.values(), *self._streaming())
        return [job for job in jobs if not job.has_ended and client.began(job.origin)]

    def cancel(self, job: ExportJob, reason: ExportCancelled | None = None) -> None:
        """End an export that is under way or ready."""
        was_ready = job.state == READY
        job.cancel(reason or CancelledByUser("The export was cancelled."))
        if was_ready:
            self._start(job, self.runner.discard(job))

    def lose(self, job: ExportJob, error: SessionExportError) -> None:
        """End an export that was ready and can't be sent any more."""
        if job.state == READY:
            job.lose(error)
            self._start(job, self.runner.discard(job))

    async def cancel_all(self, session_id: str, why: str, *, ready: bool) -> None:
        """End a session's exports that are under way, or also those that are ready."""
        jobs = [job for job in self._jobs.values() if job.session.id == session_id]
        for job in (*jobs, *self._streaming()):
            if job.session.id == session_id and (job.under_way or (ready and job.state == READY)):
                self.cancel(job, CancelledSessionChange(why, "Start a new export."))
        await asyncio.gather(*(self._tasks[job.id] for job in jobs if job.id in self._tasks))

    def forget(self) -> None:
        """Let go of what is old: ZIPs that nobody fetches, and jobs that ended long ago."""
        present = now()
        for job in to_expire(self._jobs.values(), self._lifetime, present):
            self._expire(job)
        for job in to_forget(self._jobs.values(), present):
            del self._jobs[job.id]
            self._start(job, self.runner.tidy(job, self._forgotten))

    async def close(self) -> None:
        """End what is under way, and leave what is ready to the next server.

        Waits for the workers, but for those that hang.
        """
        if self._tidying is not None:
            self._tidying.cancel()
        for job in (*self._jobs.values(), *self._streaming()):
            job.interrupt(ServerStopped(CUT_OFF, "Start a new export."))
        await asyncio.gather(*self._tasks.values())
        ready = [job for job in self._jobs.values() if job.state == READY]
        await asyncio.gather(*(self.runner.tidy(job, self._put_down) for job in ready))
        self.runner.close()

    def _streaming(self) -> set[ExportJob]:
        """Return one-shot downloads but for those that are over: they can't be ended any more."""
        self._streams = {job for job in self._streams if not job.over.is_set()}
        return self._streams

    def _expire(self, job: ExportJob) -> None:
        job.expire()
        self._start(job, self.runner.discard(job))

    def _start(self, job: ExportJob, work: Coroutine[Any, Any, None]) -> None:
        task = self._tasks[job.id] = asyncio.create_task(work)
        task.add_done_callback(lambda _: self._done(job, task))

    def _done(self, job: ExportJob, task: asyncio.Task[None]) -> None:
        if self._tasks.get(job.id) is task:
            del self._tasks[job.id]
        if job.has_ended:
            loop = asyncio.get_running_loop()
            loop.call_later(SURE.total_seconds() + 0.1, self._tell_hanging)

    def _keep_tidy(self) -> None:
        if self._tidying is None:
            self._tidying = asyncio.create_task(self._tidy())

    async def _tidy(self) -> None:
        while True:
            await asyncio.sleep(TIDY_SECONDS)
            self.forget()
            self._tell_hanging()

    def _tell_hanging(self) -> None:
        for each in HANGING.news():
            self._log.warning("A thread hangs and was given up, at %s", each.place)
