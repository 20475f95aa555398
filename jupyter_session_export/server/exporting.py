"""Exports of one owner at a time: begun, followed, sent, and taken over from earlier servers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from ..errors import CancelledByUser, ExportFailed, ExportNotFound, SessionExportError
from ..exports.archiver import Archiver
from ..exports.belongings import Belongings
from ..exports.clients import Origin
from ..exports.epochs import Epochs
from ..exports.job import ExportJob
from ..exports.registry import ExportRegistry
from ..exports.request import ExportRequest
from ..exports.runner import wanted
from ..exports.transfer import Transfer
from .access import Grant
from .audit import Audit
from .owners import Owner
from .returning import Returning

if TYPE_CHECKING:
    from ..recording.recorder import Recorder
    from ..settings import SessionExport
    from ..store.catalog import Catalog
    from .sessions import OpenSessions


class Exporting:
    """Called on the event loop; what blocks is done in threads."""

    def __init__(
        self,
        *,
        settings: SessionExport,
        catalog: Catalog,
        belongings: Belongings,
        sessions: OpenSessions,
        recorder: Recorder,
        audit: Audit,
        log: logging.Logger,
    ) -> None:
        self._sessions = sessions
        self._recorder = recorder
        self._audit = audit
        self._archiver = Archiver(
            catalog,
            belongings=belongings,
            workers=settings.workers,
            include_hidden=settings.include_hidden,
            lost=self._lost,
        )
        keeper = self._archiver.keeper
        self.exports = ExportRegistry(
            settle=self._write_down,
            prepare=self._archiver.prepare,
            discard=keeper.discard,
            put_down=keeper.put_down,
            forgotten=keeper.forget,
            limit=settings.max_exports,
            lifetime=timedelta(minutes=settings.export_lifetime_minutes),
            log=log,
        )
        self.returning = Returning(keeper.restore, self._adopt, log)
        self.epochs = Epochs(
            self.exports,
            cancels=settings.cancel_on_session_change,
            audit=audit,
            returned=self.returning.of,
            log=log,
        )

    async def begin(
        self, owner: Owner, session_id: str | None, request: ExportRequest
    ) -> ExportJob:
        """Begin an export. Raises SessionNotFound or TooManyExports."""
        session = await self._sessions.find(owner, session_id)
        origin = await self._origin(owner, request)
        return self.exports.create(session, request, origin)

    async def _origin(self, owner: Owner, request: ExportRequest) -> Origin | None:
        """Return who begins an export: a client, in its owner's current session."""
        if request.client_id is None:
            return None
        current = await self._sessions.find(owner, None)
        return self.epochs.origin(current, request.client_id)

    async def all(self, owner: Owner, session_id: str | None, limit: int) -> Sequence[ExportJob]:
        """Return the owner's newest exports, or those of one session."""
        await self.returning.of(owner.id)
        return self.exports.all(owner.id, session_id)[:limit]

    async def find(self, owner: Owner, grant: Grant | None, export_id: str) -> ExportJob:
        """Return an export of the owner, or of the session that a key opens."""
        await self.returning.of(owner.id)
        job = self.exports.find(owner.id, export_id)
        if grant is not None and job.session.id != grant.session_id:
            raise ExportNotFound("There is no such export of this session.")
        return job

    def cancel(self, job: ExportJob) -> None:
        """End an export for its owner."""
        # A ZIP that is ready may have been taken already: to say that it wasn't would be false.
        action = "export.cancelled" if job.under_way else "export.discarded"
        self.exports.cancel(job, CancelledByUser("The export was cancelled."))
        self._audit(job.session, action, job.id)

    def download(self, job: ExportJob, start: int, end: int) -> Transfer:
        """Return the sending of a range of a ZIP.

        Raises what `ExportJob.archive` raises, or TooManyExports.
        """
        self.exports.admit_download(job)
        transfer = self._archiver.send(job, start, end)
        return self._audit.download(job.session, "export.downloaded", job.id, transfer)

    async def stream(
        self, owner: Owner, session_id: str | None, request: ExportRequest
    ) -> Transfer:
        """Return the sending of a ZIP that is made meanwhile."""
        session = await self._sessions.find(owner, session_id)
        origin = await self._origin(owner, request)
        job = self.exports.stream(session, request, origin)
        try:
            await wanted(self._settle(job), job)
        except BaseException as error:
            # Whatever it was: it must not count as under way for ever.
            job.fail(_told(error))
            raise
        transfer = self._archiver.stream(job)
        return self._audit.download(job.session, "export.downloaded", job.id, transfer)

    def _lost(self, job: ExportJob, error: SessionExportError) -> None:
        self.exports.lose(job, error)

    def _adopt(self, jobs: Sequence[ExportJob]) -> None:
        """Take in exports of earlier servers, and the epochs of which they tell."""
        for job in jobs:
            if job.origin is not None:
                self.epochs.restore(job.origin, job.session.owner)
        self.exports.adopt(jobs)

    async def _write_down(self, job: ExportJob) -> None:
        """Write down that an export has begun, then settle its record."""
        keeper = self._archiver.keeper
        keeper.expect(job)
        await asyncio.to_thread(keeper.begin, job)
        await self._settle(job)

    async def _settle(self, job: ExportJob) -> None:
        """Bring the record up to date, then note who took it, after the frozen position."""
        session = job.session
        record = self._sessions.record_of(session.id)
        if record is not None:
            asker = job.request.asked_by
            job.frozen_at = await self._recorder.freeze(record, asker.msg_id if asker else None)
        what = {"scope": job.request.scope, "include": job.request.sections}
        self._audit(session, "export.begun", job.id, what)

    async def close(self) -> None:
        """End all exports."""
        await self.returning.close()
        await self.exports.close()


def _told(error: BaseException) -> SessionExportError:
    if isinstance(error, SessionExportError):
        return error
    return ExportFailed("The download failed.", f"{type(error).__name__}: {error}")
