"""The sessions that this server has open: one for each owner, and those that code has begun."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from ..errors import SessionExportError, SessionNotFound, StoreError
from ..records.activity import Deed
from ..records.session import ENVIRONMENT, Session, SessionKey
from .owners import Owner

if TYPE_CHECKING:
    from ..recording.recorder import Recorder
    from ..store.catalog import Catalog
    from ..store.record import Record
    from .access import AccessKeys

RETRY_SECONDS = 30.0
"""How long a store that could not be opened is left alone."""


class OpenSessions:
    """Opens an owner's session at its first use and attaches it to the recorder.

    `opened` is told the owner of each.
    """

    def __init__(
        self,
        catalog: Catalog,
        recorder: Recorder,
        keys: AccessKeys,
        root: str,
        log: logging.Logger,
        *,
        opened: Callable[[str], None],
        idle: timedelta | None = None,
    ) -> None:
        self._catalog = catalog
        self._recorder = recorder
        self._keys = keys
        self._root = root
        self._log = log
        self._opened = opened
        self._idle = idle
        self._open: dict[str, Record] = {}
        self._hosted: dict[str, Record] = {}
        self._failed: dict[str, tuple[float, StoreError]] = {}
        self._lock = asyncio.Lock()

    async def of(self, owner: Owner) -> Record:
        """Return the owner's session; open it where it isn't yet. Raises StoreError."""
        async with self._lock:
            record = self._open.get(owner.id)
            return record if record is not None else await self._begin(owner)

    async def _begin(self, owner: Owner) -> Record:
        self._raise_recent_failure(owner)
        key = SessionKey(owner.id, self._root)
        try:
            record, action = await asyncio.to_thread(self._open_record, key, owner)
        except StoreError as error:
            self._note_failure(owner, error)
            raise
        self._failed.pop(owner.id, None)
        self._open[owner.id] = record
        self._recorder.attach_session(record)
        number = record.session.number
        self._recorder.note(record.session.id, Deed(action, None, owner.id, {"number": number}))
        self._opened(owner.id)
        return record

    def _open_record(self, key: SessionKey, owner: Owner) -> tuple[Record, str]:
        """Return the record, and whether the session was begun or goes on, as logs call it."""
        # It loads psutil: better in this thread than before the server answers.
        from ..recording.environment import describe_environment  # noqa: PLC0415

        record = self._catalog.open(key, guest=owner.guest, idle=self._idle)
        try:
            begun = record.value(ENVIRONMENT) is None
            record.set_value(ENVIRONMENT, describe_environment())
            self._keys.write(record)
        except BaseException:
            record.close()
            raise
        return record, "session.started" if begun else "session.resumed"

    def _note_failure(self, owner: Owner, error: StoreError) -> None:
        _, before = self._failed.get(owner.id, (0.0, None))
        self._failed[owner.id] = (asyncio.get_running_loop().time(), error)
        if before is None or before.as_dict() != error.as_dict():
            self._log.warning("Sessions are not recorded: %s %s", error.message, error.detail)

    def _raise_recent_failure(self, owner: Owner) -> None:
        at, error = self._failed.get(owner.id, (float("-inf"), None))
        if error is not None and asyncio.get_running_loop().time() - at < RETRY_SECONDS:
            raise error

    def open_of(self, owner_id: str) -> Session | None:
        """Return an owner's session if it is open."""
        record = self._open.get(owner_id)
        return None if record is None else record.session

    def record_of(self, session_id: str) -> Record | None:
        """Return a session's record if this server writes it."""
        return next((each for each in self.open_here if each.session.id == session_id), None)

    def host(self, record: Record) -> None:
        """Know a session that code has begun."""
        self._hosted[record.session.id] = record

    def release(self, record: Record) -> None:
        """Know it no more: it has ended."""
        self._hosted.pop(record.session.id, None)
        self._keys.take_back(record)

    def is_hosted(self, session_id: str) -> bool:
        """Tell whether code has begun a session, and it is still open."""
        return session_id in self._hosted

    async def find(self, owner: Owner, session_id: str | None) -> Session:
        """Return one of the owner's sessions, the current one where none is named.

        Raises SessionNotFound for what is another owner's, as for what doesn't exist.
        """
        if session_id is None:
            return (await self.of(owner)).session
        record = self.record_of(session_id)
        if record is not None and record.session.owner == owner.id:
            return record.session
        return await asyncio.to_thread(self._catalog.find, session_id, owner.id)

    async def of_this_server(self, owner: Owner, session_id: str | None) -> Record:
        """Return a session that this server writes. Raises SessionNotFound for any other."""
        hosted = self._hosted.get(session_id or "")
        if hosted is not None and hosted.session.owner == owner.id:
            return hosted
        record = await self.of(owner)
        if session_id not in (None, record.session.id):
            await self.find(owner, session_id)
            raise SessionNotFound(
                "This session is not written by this server.", "Its recording has ended."
            )
        return record

    @property
    def open_here(self) -> list[Record]:
        """The sessions that this server writes."""
        return [*self._open.values(), *self._hosted.values()]

    async def end(self, record: Record) -> None:
        """End a session that this server writes; its owner's next one begins when it is needed."""
        async with self._lock:
            await self._recorder.detach_session(record.session.id, end=True)
            self._open = {name: kept for name, kept in self._open.items() if kept is not record}
            await asyncio.to_thread(self._keys.take_back, record)

    async def all(self, owner: Owner) -> list[Session]:
        """Return all of the owner's sessions, newest first."""
        return await asyncio.to_thread(self._catalog.sessions, owner.id)

    async def close(self) -> None:
        """Close all; the recorder writes what it still holds first."""
        for record in list(self._open.values()):
            await asyncio.to_thread(self._keys.take_back, record)
            try:
                await self._recorder.detach_session(record.session.id, "server stopped")
            except SessionExportError as error:
                self._log.warning("A session could not be closed well: %s", error)
        self._open.clear()
