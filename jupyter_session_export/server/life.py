"""The end of sessions: asked for by their owner, or come by idleness."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from ..errors import KernelsRunning, SessionExportError, StoreDamaged
from ..recording.session import ON
from ..records.session import Session
from ..records.times import now
from ..upkeep.policy import Fate
from .owners import Owner

if TYPE_CHECKING:
    from ..exports.epochs import Epochs
    from ..exports.registry import ExportRegistry
    from ..recording.kernels import KernelWatch
    from ..recording.recorder import Recorder
    from ..store.catalog import Catalog
    from ..store.record import Record
    from ..upkeep.cleaner import Cleaner
    from .live.sessions import LiveSessions
    from .sessions import OpenSessions

ENDED = "The session has ended."


class SessionLife:
    """All calls are made on the event loop. `kernels` is None where nothing is recorded."""

    kernels: KernelWatch | None = None

    def __init__(
        self,
        *,
        catalog: Catalog,
        sessions: OpenSessions,
        recorder: Recorder,
        exports: ExportRegistry,
        epochs: Epochs,
        cleaner: Cleaner,
        live: LiveSessions,
        log: logging.Logger,
    ) -> None:
        self._live = live
        self._catalog = catalog
        self._sessions = sessions
        self._recorder = recorder
        self._exports = exports
        self._epochs = epochs
        self._cleaner = cleaner
        self._log = log

    async def end(self, owner: Owner, session_id: str | None, *, shut_down: bool) -> Session:
        """End a session. Raises SessionNotFound, SessionLeased, KernelsRunning."""
        session = await self._sessions.find(owner, session_id)
        record = self._sessions.record_of(session.id)
        if record is not None:
            return await self._end(record, shut_down=shut_down)
        if session.ended_at is None:
            return await asyncio.to_thread(self._cleaner.end, session.id)
        return session

    async def remove(self, owner: Owner, session_id: str) -> Session:
        """Remove a session with all that it holds.

        Raises SessionNotFound, SessionLeased, SessionInUse, KernelsRunning.
        """
        session = await self._sessions.find(owner, session_id)
        record = self._sessions.record_of(session.id)
        if record is not None:
            session = await self._end(record, shut_down=False)
        await self._exports.cancel_all(session.id, "The session is being removed.", ready=True)
        if not (record is not None and session.guest):
            reason = Fate("remove", "its owner asked for it")
            await asyncio.to_thread(self._cleaner.remove, session.id, reason)
        return session

    async def end_idle(self, idle: timedelta) -> None:
        """End what nobody has used for so long: no kernel, no export, and not paused."""
        for record in self._sessions.open_here:
            session = record.session
            if self._sessions.is_hosted(session.id):
                # Its time is told by whoever made it.
                continue
            if now() - session.last_active_at < idle or await self._is_used(session):
                continue
            try:
                await self._end(record, shut_down=False)
            except SessionExportError as error:
                self._log.warning("An idle session could not be ended: %s", error)

    async def recover(self, idle: timedelta) -> None:
        """Save what crashed writers left in sessions that no server of theirs resumes.

        Those are about to end, or of a kernel that recorded itself.
        """
        for session in await asyncio.to_thread(self._catalog.sessions):
            if session.ended_at is None and (
                session.kernel is not None or now() - session.last_active_at >= idle
            ):
                record = await asyncio.to_thread(self._cut_off, session)
                if record is not None:
                    self._recorder.attach_session(record)
                    await self._recorder.detach_session(session.id)

    def _cut_off(self, session: Session) -> Record | None:
        try:
            with self._catalog.custody(session.id) as custody:
                if not custody.was_cut_off:
                    return None
            return self._catalog.recover(session.id)
        except StoreDamaged as error:
            self._log.warning("A session can't be recovered: %s", error)
        except SessionExportError:
            self._log.debug("Session %s is in use", session.id)
        return None

    async def _is_used(self, session: Session) -> bool:
        if self._kernels_of(session) or self._recorder.state(session.id) != ON:
            return True
        return await asyncio.to_thread(self._catalog.is_exported, session.id)

    def _kernels_of(self, session: Session) -> list[str]:
        return [] if self.kernels is None else self.kernels.of_session(session.id)

    def _require_no_kernels(self, session: Session) -> None:
        if running := self._kernels_of(session):
            raise KernelsRunning(
                f"{len(running)} of the session's kernels are running.",
                'Shut them down, or send {"shutdown_kernels": true}.',
            )

    async def _end(self, record: Record, *, shut_down: bool) -> Session:
        session = record.session
        hosted = self._sessions.is_hosted(session.id)
        if shut_down and not hosted and self.kernels is not None:
            await self.kernels.shut_down(session.id)
        if not (hosted and shut_down):
            self._require_no_kernels(session)
        await self._epochs.end_session(session, ENDED)
        if not (hosted and shut_down):
            # One may have started while exports came to their end; nobody would record it.
            self._require_no_kernels(session)
        if hosted:
            await self._live.close(session.id)
            return record.session
        await self._sessions.end(record)
        if session.guest:
            reason = Fate("remove", "the session of a guest has ended")
            await asyncio.to_thread(self._cleaner.remove, session.id, reason)
        return record.session
