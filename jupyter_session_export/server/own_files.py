"""What the routes of a session's own files call; each owner sees only those of their sessions."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import IO, TYPE_CHECKING

from ..exports.transfer import Transfer
from ..records.session import Session
from ..workspaces.files import OwnFiles
from ..workspaces.listing import FileInfo, list_files
from ..workspaces.opened import OpenedFile
from ..workspaces.removal import Removed
from .owners import Owner

if TYPE_CHECKING:
    from ..settings import SessionExport
    from ..store.catalog import Catalog
    from .audit import Audit
    from .sessions import OpenSessions


class SessionFilesService:
    """All calls are made on the event loop; what blocks is done in threads."""

    def __init__(
        self, settings: SessionExport, catalog: Catalog, sessions: OpenSessions, audit: Audit
    ) -> None:
        self._settings = settings
        self._catalog = catalog
        self._sessions = sessions
        self._audit = audit

    async def list(self, owner: Owner, session_id: str | None) -> list[FileInfo]:
        """Return the session's files. Raises SessionNotFound."""
        session = await self._sessions.find(owner, session_id)
        return await asyncio.to_thread(list_files, self._folder(session))

    async def open(
        self, owner: Owner, session_id: str | None, path: str
    ) -> tuple[Session, OpenedFile]:
        """Open a file. Raises SessionNotFound, FileMissing."""
        session = await self._sessions.find(owner, session_id)
        return session, await asyncio.to_thread(OwnFiles(self._folder(session)).open, path)

    def send(self, session: Session, path: str, transfer: Transfer) -> Transfer:
        """Have the audit log tell of a file's download."""
        return self._audit.download(session, "file.downloaded", path, transfer)

    async def put(
        self, owner: Owner, session_id: str | None, path: str, content: IO[bytes]
    ) -> Session:
        """Write a file whole into a session of this server. Raises SessionNotFound, InvalidName."""
        session = (await self._sessions.of_this_server(owner, session_id)).session
        await asyncio.to_thread(content.seek, 0)
        await asyncio.to_thread(OwnFiles(self._folder(session)).put, path, content)
        self._audit(session, "file.written", path)
        return session

    async def delete(self, owner: Owner, session_id: str | None, path: str) -> Removed:
        """Remove a file, or a folder. Raises SessionNotFound, FileMissing, InvalidName."""
        session = await self._sessions.find(owner, session_id)
        removed = await asyncio.to_thread(OwnFiles(self._folder(session)).delete, path)
        self._audit(session, "file.deleted", path)
        return removed

    async def zip(self, owner: Owner, session_id: str | None, category: str) -> Transfer:
        """Return the sending of a ZIP of all files of a category."""
        session = await self._sessions.find(owner, session_id)
        transfer = await asyncio.to_thread(self._sending, session, category)
        return self._audit.download(session, "file.downloaded", category, transfer)

    def _sending(self, session: Session, category: str) -> Transfer:
        # No server needs it to start, and no request should wait while it is loaded.
        from ..exports.outputs import send_outputs  # noqa: PLC0415

        pin = self._catalog.pin(session.id)
        return send_outputs(
            session,
            self._folder(session),
            category,
            compression=self._settings.compression,
            workers=self._settings.workers,
            ended=pin.release,
        )

    def _folder(self, session: Session) -> Path:
        return self._catalog.folder(session.id).outputs
