"""The server extension: it only wires."""

from __future__ import annotations

import asyncio
import gc
import os
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from jupyter_server.extension.application import ExtensionApp
from tornado.ioloop import IOLoop

from ..client.access import VARIABLE
from ..errors import SessionExportError, StoreError
from ..exports.archiver import load_all
from ..recording.contents import ContentsWatch
from ..recording.kernels import KernelWatch
from ..recording.notebooks import NotebookWatch
from ..recording.recorder import Recorder
from ..recording.sink import Sink
from ..recording.submissions import watch_submissions
from ..recording.websocket import recording_connection
from ..records.unrecorded import RECORD_VARIABLE
from ..settings import SessionExport
from ..store.catalog import Catalog
from ..store.record import Record
from ..store.room import Room
from ..store.starting import starting
from .access import AccessKeys
from .gateway_magic import GatewayMagic
from .handlers import routes
from .scrubbing import Scrubbing
from .service import SessionExportService, root_of
from .sign_out import noticing_sign_out

if TYPE_CHECKING:
    from .live.machine import ServerMachine

LOAD_AFTER = 3.0
"""Seconds of a server's life in which the first page is opened, unless a kernel starts before."""
LAUNCHED_AFTER = 0.2
"""Seconds that it takes to launch a kernel; to load meanwhile would hold that up by half."""
_WILDCARDS = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "*": "127.0.0.1", "::": "::1"}  # noqa: S104


class SessionExportApp(ExtensionApp):
    """Records sessions and exports them."""

    name = "session_export"
    load_other_extensions = True
    classes = [SessionExport]  # noqa: RUF012  # traitlets' way
    service: SessionExportService
    recorder: Recorder
    _begun = False
    _kernels: KernelWatch | None = None
    _magic: GatewayMagic | None = None
    _kernel_starts: asyncio.Event
    _loading: asyncio.Task[None] | None = None

    def initialize_settings(self) -> None:
        server: Any = self.serverapp
        settings = SessionExport(parent=self)
        settings.check_environment()
        self.log.addFilter(Scrubbing())
        self.recorder = Recorder(
            self.log,
            output_bytes=settings.max_execution_output_bytes,
            unrecorded_notebooks=settings.unrecorded_notebooks,
        )
        self.service = SessionExportService(
            settings=settings,
            catalog=Catalog(Path(settings.data_dir).expanduser(), Room(settings.max_store_bytes)),
            recorder=self.recorder,
            keys=AccessKeys(lambda: server_url(server), lambda: _absolute(server.certfile)),
            root=root_of(server.contents_manager),
            log=self.log,
        )
        self._begun = True
        self._kernel_starts = asyncio.Event()
        self.recorder.start()
        # ExtensionApp writes self.settings over the application's when this returns.
        self.settings["log_function"] = noticing_sign_out(
            self.settings["log_function"],
            server.identity_provider.logout_handler_class,
            self.service.clients.signed_out,
        )
        if settings.record:
            self._watch(server)
            self.service.live.lend = partial(self._lend, server)
        else:
            # Its kernels inherit it: they don't record themselves then either.
            os.environ[RECORD_VARIABLE] = "0"
        IOLoop.current().add_callback(self._begin)

    def _lend(self, server: Any) -> ServerMachine:
        # Most servers have no session that code begins, and needn't wait for this.
        from .live.machine import ServerMachine  # noqa: PLC0415

        return ServerMachine(
            self.service.settings,
            self.service.catalog,
            self.log,
            server=server,
            recorder=self.recorder,
            sessions=self.service.sessions,
        )

    def _watch(self, server: Any) -> None:
        self._kernels = KernelWatch(
            server.kernel_manager,
            self.recorder,
            session_for=self._session_of_starting_kernel,
            environment_for=self._environment,
            user=self.service.actors.user,
            log=self.log,
        )
        self._kernels.start()
        notebooks = NotebookWatch(
            server.session_manager, self.recorder, user=self.service.actors.user
        )
        notebooks.start()

        def moved(old: str, new: str, told: str | None) -> None:
            notebooks.moved(old, new)
            self.recorder.kernels.relocated(old, new, told)

        ContentsWatch(
            server.contents_manager,
            actor=self.service.actors.actor,
            note=self.recorder.note,
            moved=moved,
            log=self.log,
        ).start()
        self.service.life.kernels = self.service.descriptions.kernels = self._kernels
        self.service.descriptions.notebooks = notebooks
        self._magic = GatewayMagic(
            self.service, self._kernels, notebooks, server.base_url, self.log
        )
        # ExtensionApp writes self.settings over the application's when this returns.
        name = "kernel_websocket_connection_class"
        self.settings[name] = recording_connection(
            self.settings[name],
            self.recorder.kernels,
            self.service.actors.name_of,
            self._magic.hear,
        )

    async def _begin(self) -> None:
        """Open the server's own session, now that its address is known; clean up old ones."""
        # A plan of 20,000 members sets off full garbage collections. Each would look at the
        # 200,000 objects of the loaded server too, and hold up every request for 100 ms.
        gc.freeze()
        owner = self.service.owners.of_server
        if owner is not None:
            # OpenSessions tells what fails; the next request tries again.
            with suppress(SessionExportError):
                await self.service.sessions.of(owner)
        self.service.upkeep.start()
        self.service.quota.start()
        self._loading = asyncio.create_task(self._load_late())
        if self.service.settings.record:
            web_app = self.serverapp.web_app  # type: ignore[union-attr]  # it is running
            watch_submissions(web_app, self.recorder.kernels, self.service.actors.name_of)

    async def _load_late(self) -> None:
        """Load what neither a start nor the first export should have to wait for."""
        # What there is to export begins with a kernel, and while that starts a server has time.
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._kernel_starts.wait(), LOAD_AFTER)
            await asyncio.sleep(LAUNCHED_AFTER)
        try:
            await asyncio.to_thread(load_all)
        except ImportError:
            # Whoever exports is told so, too.
            self.log.warning("This server won't be able to export sessions", exc_info=True)

    async def _session_of_starting_kernel(self) -> Record:
        self._kernel_starts.set()
        if (record := starting.get()) is not None:
            return record
        return await self.service.sessions.of(await self.service.owners.of_starting_kernel())

    async def _environment(self, sink: Sink) -> dict[str, str]:
        record = self.service.sessions.record_of(sink.session.id)
        if record is None:
            return {}
        try:
            return {VARIABLE: await asyncio.to_thread(self.service.keys.write, record)}
        except StoreError as error:
            self.log.info("A kernel starts that can't export its session: %s", error)
            return {}

    def initialize_handlers(self) -> None:
        self.handlers.extend(routes(self.service))

    async def stop_extension(self) -> None:
        if not self._begun:
            # The settings made no sense; a server that can't stop its extensions would never end.
            return
        if self._loading is not None:
            self._loading.cancel()
        if self._magic is not None:
            await self._magic.close()
        await self.service.close()
        if self._kernels is not None:
            await self._kernels.stop()
        await self.recorder.aclose()


def server_url(server: Any) -> str:
    """Return the URL by which this machine reaches the server, with its base URL."""
    if server.sock:
        return f"http+unix://{quote(_absolute(server.sock) or '', safe='')}{server.base_url}"
    ip = _WILDCARDS.get(server.ip, server.ip)
    host = f"[{ip}]" if ":" in ip else ip
    return f"{'https' if server.certfile else 'http'}://{host}:{server.port}{server.base_url}"


def _absolute(path: str) -> str | None:
    """Return a path of the server's for kernels, which run in other folders."""
    return str(Path(path).absolute()) if path else None
