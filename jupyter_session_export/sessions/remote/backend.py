"""Sessions of a Jupyter server, a Kernel Gateway or an Enterprise Gateway."""

from __future__ import annotations

import asyncio
import logging
import secrets
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress

from ...client.access import Access
from ...client.client import SessionExportClient
from ...client.delivery import Delivered, deliver
from ...client.destination import Destination
from ...client.job import Progress, Request
from ...errors import NotSupported, ServerRefused, SessionClosed, SessionNotFound
from ...records.times import now
from ..asking import ask
from ..backend import Known, SessionFiles, Wanted
from ..ground import Ground
from ..languages import choose_kernel
from .contents import ContentsFiles
from .kernel_files import KernelFiles
from .link import RemoteLink
from .server import FOLDER, STAMP, Row, Server

SETTLE = """
def _session_export_settle(environment, folder):
    import os
    os.environ.update(environment)
    if folder is not None:
        os.makedirs(folder, exist_ok=True)
        os.chdir(folder)
    return os.getcwd()
"""


class RemoteBackend:
    """A `Backend`. What it begins lives on when this process has gone."""

    def __init__(self, access: Access, log: logging.Logger) -> None:
        self.server = Server(access)
        self._log = log
        self._specs: dict[str, str] | None = None
        self._has_contents: bool | None = None
        self._places: set[RemotePlace] = set()

    async def begin(self, wanted: Wanted) -> RemotePlace:
        """As `Backend` says."""
        kernel = choose_kernel(await self._languages(), wanted.language, wanted.kernel)
        stamp = f"{now():{STAMP}}Z-{secrets.token_hex(4)}"
        own = f"{FOLDER}/{stamp}"
        has_contents = await self._find_contents()
        folder = own if wanted.cwd is None or wanted.cwd.startswith("/") else wanted.cwd.rstrip("/")
        if has_contents:
            if wanted.cwd is None:
                await ContentsFiles(self.server, FOLDER).make_folder()
            await ContentsFiles(self.server, folder).make_folder()
        path = f"{folder}/{wanted.name or 'session'}" if folder == own else f"{folder}/{stamp}"
        try:
            row = await self.server.begin(path, wanted.name or "session", kernel)
        except BaseException:
            if has_contents and folder == own:
                await ContentsFiles(self.server, own).remove_if_empty()
            raise
        place = self._place(row, await self._languages(), wanted)
        try:
            await place.meet()
            await place.settle()
        except BaseException:
            await place.close()
            raise
        return place

    async def find(self, session_id: str) -> RemotePlace:
        """As `Backend` says."""
        try:
            told = str(uuid.UUID(session_id))
        except ValueError:
            raise _not_found(session_id) from None
        row = await self.server.find(told)
        if row is None or row.begun_at is None:
            raise _not_found(session_id)
        await self._find_contents()
        place = self._place(row, await self._languages(), None)
        await place.meet()
        await place.settle()
        return place

    async def list(self) -> Sequence[Known]:
        """As `Backend` says."""
        languages = await self._languages()
        rows = await self.server.list()
        return [_known(row, languages) for row in rows if row.begun_at is not None]

    async def close(self) -> None:
        """Let go of all sessions, which live on."""
        for place in list(self._places):
            await place.let_go()
        await self.server.close()

    def forget(self, place: RemotePlace) -> None:
        """Know a session no more."""
        self._places.discard(place)

    def _place(self, row: Row, languages: dict[str, str], wanted: Wanted | None) -> RemotePlace:
        known = _known(row, languages)
        place = RemotePlace(self, row, known, wanted, has_contents=bool(self._has_contents))
        self._places.add(place)
        return place

    async def _languages(self) -> dict[str, str]:
        if self._specs is None:
            self._specs = await self.server.kernelspecs()
        return self._specs

    async def _find_contents(self) -> bool:
        """Tell whether there are files; gateways have kernels only."""
        if self._has_contents is None:
            self._has_contents = await self.server.status("api/contents?content=0") == 200
        return self._has_contents


class RemotePlace:
    """A `Place` on a server; `wanted` is None for a session that somebody else has begun."""

    ground: Ground | None = None
    gone = False

    def __init__(
        self,
        backend: RemoteBackend,
        row: Row,
        known: Known,
        wanted: Wanted | None,
        *,
        has_contents: bool,
    ) -> None:
        self._backend, self._server, self._row = backend, backend.server, row
        self.known, self._wanted = known, wanted
        self._folder = row.path.rpartition("/")[0]
        self._contents = ContentsFiles(self._server, self._folder) if has_contents else None
        self.files: SessionFiles = self._contents or KernelFiles(lambda: self.link, self._folder)
        self._link: RemoteLink | None = None
        self._closed = False

    @property
    def id(self) -> str:
        """The id of the server's own session, without its dashes."""
        return self.known.id

    @property
    def link(self) -> RemoteLink:
        """The kernel that it has now. Raises SessionClosed."""
        if self._link is None or self._closed:
            raise SessionClosed("The session has no kernel.", "It was closed, or is suspended.")
        return self._link

    async def meet(self) -> RemoteLink:
        """Connect to the kernel."""
        row = self._row
        self._link = RemoteLink(self._server, row.kernel_id, row.kernel_name, self.known.language)
        await self._link.open()
        return self._link

    async def settle(self) -> None:
        """Give the kernel its environment and, where the server could not, its folder.

        One that goes on is only asked for its folder.
        """
        wanted = self._wanted
        env, cwd = (wanted.env, wanted.cwd) if wanted else ({}, None)
        absolute = cwd is not None and cwd.startswith("/")
        folder = cwd if absolute else self._folder if wanted and not self._contents else None
        if not env and folder is None and self._contents:
            return
        if self.link.kernel.language != "python":
            if env or absolute:
                raise NotSupported("On a server only Python kernels take env, or an absolute cwd.")
            return
        call = f"_session_export_settle({dict(env)!r}, {folder!r})"
        place = str(await ask(self.link, SETTLE, f"__import__('json').dumps({call})"))
        if self._contents is None:
            self.files = KernelFiles(lambda: self.link, place)

    async def renew(self) -> RemoteLink:
        """As `Place` says: a server's kernel is restarted."""
        await self.restart()
        return self.link

    async def restart(self) -> None:
        """As `Place` says."""
        await self.link.restart()
        await self.settle()

    async def export(
        self,
        request: Request,
        destination: Destination,
        report: Callable[[Progress], object] = lambda _: None,
    ) -> Delivered:
        """Write the ZIP of the server's session that the kernel belongs to."""
        if await self._server.status("session-export/api/session") == 404:
            raise NotSupported(
                "Nothing is recorded there.", "Install jupyter_session_export beside the server."
            )
        return await asyncio.to_thread(self._deliver, request, destination, report)

    async def close(self) -> None:
        """As `Place` says."""
        if self._closed:
            return
        link, self._closed = self._link, True
        self._backend.forget(self)
        if link is not None:
            await link.close()
        # Somebody else may have ended it.
        with suppress(ServerRefused):
            await self._server.end(self._row.id)
        if self._contents is not None and FOLDER in self._folder:
            await self._contents.remove_if_empty()

    async def abandon(self) -> None:
        """As `Place` says."""
        await self.close()

    async def let_go(self) -> None:
        """Leave the session to itself."""
        self._closed = True
        self._backend.forget(self)
        if self._link is not None:
            await self._link.close()

    def _deliver(
        self, request: Request, destination: Destination, report: Callable[[Progress], object]
    ) -> Delivered:
        with SessionExportClient(self._server.access) as client:
            return deliver(client, request, destination, report)


def _known(row: Row, languages: dict[str, str]) -> Known:
    language = languages.get(row.kernel_name, "")
    return Known(uuid.UUID(row.id).hex, row.name, language, row.begun_at or now())


def _not_found(session_id: str) -> SessionNotFound:
    return SessionNotFound(f"No session {session_id} lives there.", "It may have ended.")
