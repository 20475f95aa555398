"""What the routes call: sessions, recording and exports of one owner at a time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from ..errors import (
    CancelledByUser,
    ExportFailed,
    ExportNotFound,
    InvalidRequest,
    SessionExportError,
)
from ..exports.archiver import Archiver
from ..exports.belongings import Belongings
from ..exports.clients import Origin
from ..exports.crew import Crew
from ..exports.epochs import Epochs
from ..exports.gathering import relative_to_root
from ..exports.job import ExportJob
from ..exports.registry import ExportRegistry
from ..exports.request import ExportRequest
from ..exports.runner import wanted
from ..exports.stats import Statistics
from ..exports.transfer import Transfer
from ..recording.recorder import Recorder
from ..records.activity import Deed
from ..records.session import Session
from ..settings import SessionExport
from ..store.catalog import Catalog
from ..upkeep.cleaner import Cleaner
from ..upkeep.configured import idle_of, rules_of
from ..workspaces.audit import AuditLog
from .access import AccessKeys, Grant
from .actors import Actors
from .audit import Audit
from .clients import ClientsService
from .descriptions import Descriptions
from .figures import Figures
from .gauge import Gauge
from .life import SessionLife
from .own_files import SessionFilesService
from .owners import Owner, Owners
from .purging import Purging
from .quota import Quota
from .refusals import Refusals
from .restoring import Restoring
from .returning import Returning
from .sessions import OpenSessions
from .upkeep import Upkeep

MOST_TRANSFERS = 32
"""Threads that make chunks for downloads; none is held while its client reads."""
MOST_CHARACTERS = 4096
RESERVED_TRANSFERS = 8
"""Of those, the last ones are for owners who have none."""


class SessionExportService:
    """All calls are made on the event loop; what blocks is done in threads."""

    def __init__(
        self,
        *,
        settings: SessionExport,
        catalog: Catalog,
        recorder: Recorder,
        keys: AccessKeys,
        root: str,
        log: logging.Logger,
    ) -> None:
        self.settings = settings
        self.keys = keys
        self.owners = Owners(settings)
        self.senders = Crew(MOST_TRANSFERS, "session-export-send", reserved=RESERVED_TRANSFERS)
        self._recorder = recorder
        belongings = Belongings.by(settings)
        statistics = Statistics(catalog, belongings, include_hidden=settings.include_hidden)
        self._archiver = Archiver(
            catalog,
            belongings=belongings,
            workers=settings.workers,
            include_hidden=settings.include_hidden,
            lost=self._lost,
        )
        idle = idle_of(settings)
        self.sessions = OpenSessions(
            catalog, recorder, keys, root, log, opened=self._opened, idle=idle
        )
        self.log = log
        self.actors = Actors(self.owners, self.sessions)
        self._gauge = Gauge(catalog, log)
        kept = AuditLog(catalog.data_dir)
        self._audit = Audit(self.sessions, recorder, kept, log, changed=self._gauge.forget)
        keeper = self._archiver.keeper
        self._exports = ExportRegistry(
            settle=self._begin,
            prepare=self._archiver.prepare,
            discard=keeper.discard,
            put_down=keeper.put_down,
            forgotten=keeper.forget,
            limit=settings.max_exports,
            lifetime=timedelta(minutes=settings.export_lifetime_minutes),
            log=log,
        )
        self.returning = Returning(keeper.restore, self._adopt, log)
        self._epochs = Epochs(
            self._exports,
            cancels=settings.cancel_on_session_change,
            audit=self._audit,
            returned=self.returning.of,
            log=log,
        )
        self.clients = ClientsService(self.sessions, self._exports, self._epochs, self.senders)
        self._figures = Figures(catalog, self.sessions, recorder, statistics)
        self.refusals = Refusals(self.actors, self.sessions, self._exports, self._audit)
        self.descriptions = Descriptions(settings, self.sessions, recorder, self._gauge)
        self.purging = Purging(
            catalog,
            self.sessions,
            recorder,
            self._exports,
            self.returning,
            changed=self._gauge.forget,
        )
        self.restoring = Restoring(catalog, self.sessions, recorder, self._audit)
        self.files = SessionFilesService(settings, catalog, self.sessions, self._audit)
        cleaner = Cleaner(catalog, rules_of(settings))
        self.life = SessionLife(
            catalog=catalog,
            sessions=self.sessions,
            recorder=recorder,
            exports=self._exports,
            epochs=self._epochs,
            cleaner=cleaner,
            log=log,
        )
        self.upkeep = Upkeep(self.life, cleaner, idle, log)
        self.quota = Quota(catalog, self.upkeep.once, log)

    async def describe(self, owner: Owner, session_id: str | None) -> dict[str, Any]:
        """Return a session as `GET session` shows it."""
        return await self.descriptions.of(await self.sessions.find(owner, session_id))

    async def list(self, owner: Owner, only: str | None, offset: int, limit: int) -> dict[str, Any]:
        """Return a page of the owner's sessions, newest first; `only` the one a key opens."""
        await self.sessions.of(owner)
        sessions = await self.sessions.all(owner)
        if only is not None:
            sessions = [session for session in sessions if session.id == only]
        page = sessions[offset : offset + limit]
        return {
            "sessions": await self.descriptions.of_all(page),
            "total": len(sessions),
            "offset": offset,
        }

    async def end(self, owner: Owner, session_id: str | None, *, shut_down: bool) -> dict[str, Any]:
        """End a session, and its kernels if that is asked for."""
        asked = await self.sessions.find(owner, session_id)
        self._audit(asked, "session.end", None, {"shutdown_kernels": shut_down})
        session = await self.life.end(owner, session_id, shut_down=shut_down)
        return await self.descriptions.of(session)

    async def remove(self, owner: Owner, session_id: str) -> dict[str, Any]:
        """Remove a session with all that it holds."""
        self._audit(await self.sessions.find(owner, session_id), "session.remove")
        session = await self.life.remove(owner, session_id)
        self._gauge.forget(session.id)
        return await self.descriptions.of(session)

    async def stats(self, owner: Owner, session_id: str | None) -> dict[str, Any]:
        """Return counts, bytes and times per section."""
        return await self._figures.of(await self.sessions.find(owner, session_id))

    async def outlook(
        self, owner: Owner, session_id: str | None, kernel_id: str | None
    ) -> dict[str, Any]:
        """Return insights, and what other kernels than this one ran."""
        return await self._figures.outlook(await self.sessions.find(owner, session_id), kernel_id)

    async def queue(self, owner: Owner, session_id: str | None, kernel_id: str) -> dict[str, Any]:
        """Return whether a session is recorded, and what waits for one of its kernels."""
        session = await self.sessions.find(owner, session_id)
        recording = self.descriptions.recording(session)
        return {"recording": recording, **await self._figures.queue(session, kernel_id)}

    async def set_recording(
        self, owner: Owner, session_id: str | None, state: Any, notebook: Any = None
    ) -> dict[str, Any]:
        """Pause or resume the recording of a session of this server, or of one notebook in it."""
        if state not in ("on", "paused"):
            raise InvalidRequest('state must be "on" or "paused".')
        if not self.settings.record:
            raise InvalidRequest(
                "Recording is turned off on this server.", "Set SessionExport.record to True."
            )
        path = _notebook(notebook)
        record = await self.sessions.of_this_server(owner, session_id)
        # What the kernels published before this must meet the state that it was published in.
        await self._recorder.settle(record.session.id)
        if path is not None:
            path = relative_to_root(path, record.session.root)
            await self._recorder.pause_notebook(record.session.id, path, off=state == "paused")
        elif state == "on":
            self._recorder.resume(record.session.id)
        else:
            self._recorder.pause(record.session.id)
        # A freeze comes after the change in the recorder's queue: then it has taken place.
        await self._recorder.freeze(record)
        self._audit(record.session, f"recording.{state}", path)
        return {"recording": self.descriptions.recording(record.session)}

    async def note_page(self, owner: Owner, deeds: Sequence[Deed]) -> None:
        """Write down what a page tells of, in the owner's current session."""
        session = (await self.sessions.of(owner)).session
        if not self.settings.record:
            return
        for deed in deeds:
            self._recorder.note(session.id, deed)

    async def export(
        self, owner: Owner, session_id: str | None, request: ExportRequest
    ) -> ExportJob:
        """Begin an export. Raises SessionNotFound or TooManyExports."""
        session = await self.sessions.find(owner, session_id)
        origin = await self._origin(owner, session, request)
        return self._exports.create(session, request, origin)

    async def _origin(
        self, owner: Owner, session: Session, request: ExportRequest
    ) -> Origin | None:
        """Return who begins an export: a client, in its owner's current session."""
        if request.client_id is None:
            return None
        if self.sessions.record_of(session.id) is None:
            session = await self.sessions.find(owner, None)
        return self._epochs.origin(session, request.client_id)

    async def exports(
        self, owner: Owner, session_id: str | None, limit: int
    ) -> Sequence[ExportJob]:
        """Return the owner's newest exports, or those of one session."""
        await self.returning.of(owner.id)
        return self._exports.all(owner.id, session_id)[:limit]

    async def find_export(self, owner: Owner, grant: Grant | None, export_id: str) -> ExportJob:
        """Return an export of the owner, or of the session that a key opens."""
        await self.returning.of(owner.id)
        job = self._exports.find(owner.id, export_id)
        if grant is not None and job.session.id != grant.session_id:
            raise ExportNotFound("There is no such export of this session.")
        return job

    def cancel_export(self, job: ExportJob) -> None:
        """End an export for its owner."""
        # A ZIP that is ready may have been taken already: to say that it wasn't would be false.
        action = "export.cancelled" if job.under_way else "export.discarded"
        self._exports.cancel(job, CancelledByUser("The export was cancelled."))
        self._audit(job.session, action, job.id)

    def download(self, job: ExportJob, start: int, end: int) -> Transfer:
        """Return the sending of a range of a ZIP.

        Raises what `ExportJob.archive` raises, or TooManyExports.
        """
        self._exports.admit_download(job)
        transfer = self._archiver.send(job, start, end)
        return self._audit.download(job.session, "export.downloaded", job.id, transfer)

    async def stream(
        self, owner: Owner, session_id: str | None, request: ExportRequest
    ) -> Transfer:
        """Return the sending of a ZIP that is made meanwhile."""
        session = await self.sessions.find(owner, session_id)
        origin = await self._origin(owner, session, request)
        job = self._exports.stream(session, request, origin)
        try:
            await wanted(self._settle(job), job)
        except BaseException as error:
            # Whatever it was: it must not count as under way for ever.
            job.fail(_told(error))
            raise
        transfer = self._archiver.stream(job)
        return self._audit.download(job.session, "export.downloaded", job.id, transfer)

    def _opened(self, owner_id: str) -> None:
        self.returning.begin(owner_id)

    def _lost(self, job: ExportJob, error: SessionExportError) -> None:
        self._exports.lose(job, error)

    def _adopt(self, jobs: Sequence[ExportJob]) -> None:
        """Take in exports of earlier servers, and the epochs of which they tell."""
        for job in jobs:
            if job.origin is not None:
                self._epochs.restore(job.origin, job.session.owner)
        self._exports.adopt(jobs)

    async def _begin(self, job: ExportJob) -> None:
        """Write down that an export has begun, then settle its record."""
        keeper = self._archiver.keeper
        keeper.expect(job)
        await asyncio.to_thread(keeper.begin, job)
        await self._settle(job)

    async def _settle(self, job: ExportJob) -> None:
        """Bring the record up to date, then note who took it, after the frozen position."""
        session = job.session
        record = self.sessions.record_of(session.id)
        if record is not None:
            asker = job.request.asked_by
            job.frozen_at = await self._recorder.freeze(record, asker.msg_id if asker else None)
        what = {"scope": job.request.scope, "include": job.request.sections}
        self._audit(session, "export.begun", job.id, what)

    async def close(self) -> None:
        """End the clean-up and exports, then sessions."""
        await self.quota.stop()
        await self.upkeep.stop()
        await self.returning.close()
        await self._exports.close()
        await self._audit.close()
        self.senders.close()
        await self.sessions.close()
        self._gauge.close()


def _notebook(value: Any) -> str | None:
    if value is not None and not (isinstance(value, str) and 0 < len(value) <= MOST_CHARACTERS):
        raise InvalidRequest(f"notebook must be a path of at most {MOST_CHARACTERS} characters.")
    return value


def _told(error: BaseException) -> SessionExportError:
    if isinstance(error, SessionExportError):
        return error
    return ExportFailed("The download failed.", f"{type(error).__name__}: {error}")


def root_of(contents_manager: Any) -> str:
    """Return the served folder, or "" where contents are not files."""
    root = getattr(contents_manager, "root_dir", "")
    return str(Path(root).resolve()) if root and Path(root).is_dir() else ""
