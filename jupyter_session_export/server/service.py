"""What the routes call: sessions and their recording, one owner's at a time."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InvalidRequest
from ..exports.belongings import Belongings
from ..exports.crew import Crew
from ..exports.served import relative_to_root
from ..exports.stats import Statistics
from ..recording.recorder import Recorder
from ..records.activity import Deed
from ..settings import SessionExport
from ..store.catalog import Catalog
from ..upkeep.cleaner import Cleaner
from ..upkeep.configured import idle_of, rules_of
from ..workspaces.audit import AuditLog
from .access import AccessKeys
from .actors import Actors
from .audit import Audit
from .clients import ClientsService
from .descriptions import Descriptions
from .exporting import Exporting
from .figures import Figures
from .gauge import Gauge
from .life import SessionLife
from .live.sessions import LiveSessions
from .own_files import SessionFilesService
from .owners import Owner, Owners
from .purging import Purging
from .quota import Quota
from .refusals import Refusals
from .sessions import OpenSessions
from .upkeep import Upkeep

if TYPE_CHECKING:
    from .restoring import Restoring

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
        self.settings, self.catalog, self.keys = settings, catalog, keys
        self.log, self._recorder = log, recorder
        self._gauge = Gauge(catalog, log)
        self._open_sessions(root)
        self._serve_exports()
        self.files = SessionFilesService(settings, catalog, self.sessions, self._audit)
        self._end_in_time()

    def _open_sessions(self, root: str) -> None:
        """Make what knows whose sessions there are, and writes down what is done to them."""
        self.owners = Owners(self.settings)
        self.sessions = OpenSessions(
            self.catalog,
            self._recorder,
            self.keys,
            root,
            self.log,
            opened=self._opened,
            idle=idle_of(self.settings),
        )
        self.actors = Actors(self.owners, self.sessions)
        self._audit = Audit(
            self.sessions,
            self._recorder,
            AuditLog(self.catalog.data_dir),
            self.log,
            changed=self._gauge.forget,
        )
        self.descriptions = Descriptions(self.settings, self.sessions, self._recorder, self._gauge)

    def _serve_exports(self) -> None:
        """Make what exports, counts and purges."""
        settings, belongings = self.settings, Belongings.by(self.settings)
        self.exporting = Exporting(
            settings=settings,
            catalog=self.catalog,
            belongings=belongings,
            sessions=self.sessions,
            recorder=self._recorder,
            audit=self._audit,
            log=self.log,
        )
        exports = self.exporting.exports
        self.senders = Crew(MOST_TRANSFERS, "session-export-send", reserved=RESERVED_TRANSFERS)
        self.clients = ClientsService(self.sessions, exports, self.exporting.epochs, self.senders)
        self.refusals = Refusals(self.actors, self.sessions, exports, self._audit)
        statistics = Statistics(self.catalog, belongings, include_hidden=settings.include_hidden)
        self._figures = Figures(self.catalog, self.sessions, self._recorder, statistics)
        self.purging = Purging(
            self.catalog,
            self.sessions,
            self._recorder,
            exports,
            self.exporting.returning,
            changed=self._gauge.forget,
        )

    def _end_in_time(self) -> None:
        """Make what ends sessions: those that code begins, idle ones, and what takes too much."""
        cleaner = Cleaner(self.catalog, rules_of(self.settings))
        self.live = self.descriptions.live = LiveSessions(self.settings, self.sessions, self.log)
        self.life = SessionLife(
            catalog=self.catalog,
            sessions=self.sessions,
            recorder=self._recorder,
            exports=self.exporting.exports,
            epochs=self.exporting.epochs,
            cleaner=cleaner,
            live=self.live,
            log=self.log,
        )
        self.upkeep = Upkeep(self.life, cleaner, idle_of(self.settings), self.log)
        self.quota = Quota(self.catalog, self.upkeep.once, self.log)

    @cached_property
    def restoring(self) -> Restoring:
        """What notebooks get back."""
        # No server needs it to start.
        from .restoring import Restoring  # noqa: PLC0415

        return Restoring(self.catalog, self.sessions, self._recorder, self._audit)

    async def describe(self, owner: Owner, session_id: str | None) -> dict[str, Any]:
        """Return a session as `GET session` shows it."""
        return await self.descriptions.of(await self.sessions.find(owner, session_id))

    async def list(
        self, owner: Owner, only: str | None, offset: int, limit: int, *, live: bool = False
    ) -> dict[str, Any]:
        """Return a page of the owner's sessions, newest first.

        `only` is the one that a key opens; `live` ones are those that code has begun and that
        have not ended.
        """
        await self.sessions.of(owner)
        sessions = await self.sessions.all(owner)
        if only is not None:
            sessions = [session for session in sessions if session.id == only]
        if live:
            sessions = [session for session in sessions if self.live.peek(session.id)]
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

    def _opened(self, owner_id: str) -> None:
        self.exporting.returning.begin(owner_id)

    async def close(self) -> None:
        """End the clean-up and exports, then sessions."""
        await self.quota.stop()
        await self.upkeep.stop()
        await self.exporting.close()
        await self.live.shut_down()
        await self._audit.close()
        self.senders.close()
        await self.sessions.close()
        self._gauge.close()


def _notebook(value: Any) -> str | None:
    if value is not None and not (isinstance(value, str) and 0 < len(value) <= MOST_CHARACTERS):
        raise InvalidRequest(f"notebook must be a path of at most {MOST_CHARACTERS} characters.")
    return value


def root_of(contents_manager: Any) -> str:
    """Return the served folder, or "" where contents are not files."""
    root = getattr(contents_manager, "root_dir", "")
    return str(Path(root).resolve()) if root and Path(root).is_dir() else ""
