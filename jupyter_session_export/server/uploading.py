"""`PUT session/files/{path}`: a file into a session, whole or not at all."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from pathlib import Path
from typing import IO, Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.utils import ensure_async
from tornado import web

from ..store.faults import StoreFaults
from .files import FileHandler


class Incoming:
    """What has come of a file, without a name on the disk that it will be on."""

    def __init__(self, folder: Path) -> None:
        with StoreFaults("take in the file"):
            self.file: IO[bytes] = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  # `close` does
        self.size = 0
        self.digest = hashlib.sha256()

    def take(self, chunk: bytes) -> None:
        """Take the next bytes, in a thread. Raises StoreUnavailable."""
        with StoreFaults("take in the file"):
            self.file.write(chunk)
        self.size += len(chunk)
        self.digest.update(chunk)

    def close(self) -> None:
        """Forget them."""
        self.file.close()


@web.stream_request_body
class StoredFileHandler(FileHandler):
    """The other methods of the route are those of files that are there already."""

    _incoming: Incoming | None = None
    _taking = _gone = False
    _is_unread = True

    async def prepare(self) -> None:  # type: ignore[override]  # as its parent's
        await super().prepare()
        if self.request.method != "PUT":
            self._is_unread = False
            return
        # The decorators of `put` come when all bytes have.
        await self._require_leave()
        self._incoming = await asyncio.to_thread(Incoming, self.service.catalog.data_dir)

    async def data_received(self, chunk: bytes) -> None:
        """Take bytes at the pace of the disk."""
        if self._incoming is None:
            return
        self._taking = True
        try:
            await asyncio.to_thread(self._incoming.take, chunk)
        finally:
            self._taking = False
            if self._gone:
                self._incoming.close()

    @web.authenticated
    @authorized
    async def put(self, path: str, session_id: str | None = None) -> None:
        self._is_unread = False
        owner, incoming = await self.owner(), self._incoming
        if incoming is None:
            raise web.HTTPError(400, "There is no body.")
        named = self.session_id(session_id)
        session = await self.service.files.put(owner, named, path, incoming.file)
        sha256 = incoming.digest.hexdigest()
        live = self.service.live.peek(session.id)
        if live is not None:
            live.note_upload(path, sha256)
        self.answer({"path": path, "bytes": incoming.size, "sha256": sha256})

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        if self._is_unread:
            # Nobody reads what may still come: tornado ends the connection, and tells nobody.
            self.set_header("Connection", "close")
        super().write_error(status_code, **kwargs)

    def on_connection_close(self) -> None:
        """Forget what will never be whole; tornado calls nothing else then."""
        self._gone = True
        if self._incoming is not None and not self._taking:
            self._incoming.close()
        super().on_connection_close()

    def on_finish(self) -> None:
        if self._incoming is not None:
            self._incoming.close()
        super().on_finish()

    async def _require_leave(self) -> None:
        user = self.current_user
        allowed = user and self.authorizer.is_authorized(self, user, "write", self.auth_resource)
        if not (allowed and await ensure_async(allowed)):
            raise web.HTTPError(403)
