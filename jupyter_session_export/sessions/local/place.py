"""A session on this machine: its record, its folder, and the kernel that it has now."""

from __future__ import annotations

import asyncio
import shutil
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING

from ...client.delivery import Delivered
from ...client.destination import Destination
from ...client.job import Progress, Request
from ...errors import NotSupported, SessionClosed, SessionExportError
from ...records.times import now
from ...store.record import Record
from ...upkeep.cleaner import Cleaner
from ...upkeep.policy import Fate, Rules
from ..backend import Known, Wanted
from ..background import aside
from ..ground import Ground
from ..state import States, StoreKey
from ..whole import whole
from .exporting import export_directly
from .files import LocalFiles
from .link import LocalLink
from .words import LastWords

if TYPE_CHECKING:
    from .backend import LocalBackend


class LocalPlace:
    """A `Place`. Without a record the session isn't recorded, and its folder goes with it."""

    def __init__(
        self,
        backend: LocalBackend,
        wanted: Wanted,
        kernel_name: str,
        record: Record | None,
        files: LocalFiles,
    ) -> None:
        self._backend = backend
        self.wanted, self.kernel_name, self.record, self.files = wanted, kernel_name, record, files
        self.id = record.session.id if record is not None else uuid.uuid4().hex
        self.ground = Ground(self._states(), backend.machine.layers)
        self.words = LastWords()
        self._link: LocalLink | None = None
        self._begun_at = now()
        self._closing: asyncio.Task[None] | None = None
        self._exchange = asyncio.Lock()

    @property
    def known(self) -> Known:
        """What a list tells."""
        return Known(self.id, self.wanted.name, self.wanted.language, self._begun_at)

    @property
    def begun(self) -> bool:
        """Whether it has had a kernel already."""
        return self._link is not None

    @property
    def link(self) -> LocalLink:
        """The kernel that it has now. Raises SessionClosed."""
        if self._link is None:
            raise SessionClosed("The session has no kernel.", "It was closed, or is suspended.")
        return self._link

    @property
    def gone(self) -> bool:
        """As `Place` says."""
        return self._link is not None and self._link.gone

    @property
    def remains(self) -> list[str]:
        """What nobody needs any more should this process end before the session does."""
        own = self.record is None and self.wanted.cwd is None
        return [str(self.files.folder)] if own else []

    async def renew(self) -> LocalLink:
        """As `Place` says."""
        async with self._exchange:
            if self._closing is not None:
                raise SessionClosed("The session was closed meanwhile.", "Begin another one.")
            start = asyncio.ensure_future(self._backend.start_kernel(self))
            self._link = await whole(start, LocalLink.close)
            return self._link

    async def restart(self) -> None:
        """As `Place` says."""
        await self.link.restart()

    async def export(
        self,
        request: Request,
        destination: Destination,
        report: Callable[[Progress], object] = lambda _: None,
    ) -> Delivered:
        """As `Place` says."""
        if self.record is None:
            raise NotSupported("This session is not recorded.", "SessionExport.record is False.")
        if self._closing is None:
            await self._backend.machine.recorder.freeze(self.record)
        return await asyncio.to_thread(
            export_directly,
            self._backend.machine.catalog,
            self.id,
            request,
            destination,
            settings=self._backend.settings,
            report=report,
        )

    async def close(self) -> None:
        """As `Place` says."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close())
        # Whoever gives up waiting must not leave it half done.
        await asyncio.shield(self._closing)

    async def abandon(self) -> None:
        """End a session that never began, and leave nothing of it."""
        await self.close()
        # That of a guest is gone already.
        if self.record is not None and not self.record.session.guest:
            await aside(lambda: self._remove("it never began"))

    def _states(self) -> States | None:
        if self.record is None:
            return None
        return States(self.record.folder, StoreKey(self._backend.machine.catalog.data_dir))

    async def _close(self) -> None:
        try:
            # A kernel that is just being started must not outlive this.
            async with self._exchange:
                if self._link is not None:
                    await self._link.close()
        finally:
            self._backend.forget(self)
            self.words.close()
            try:
                await self._forget_states()
            finally:
                await self._end_recording()

    async def _forget_states(self) -> None:
        """Remove all states: with the session ends what they are for."""
        if self.ground.states is not None:
            await aside(self.ground.states.clear)

    async def _end_recording(self) -> None:
        machine = self._backend.machine
        if self.record is not None:
            try:
                await machine.recorder.detach_session(self.id, end=True)
            finally:
                machine.ended(self.record)
            if self.record.session.guest:
                await aside(lambda: self._remove("the session of a guest has ended"))
        elif self.wanted.cwd is None:
            await aside(lambda: shutil.rmtree(self.files.folder, ignore_errors=True))

    def _remove(self, why: str) -> None:
        try:
            Cleaner(self._backend.machine.catalog, Rules()).remove(self.id, Fate("remove", why))
        except SessionExportError as error:
            self._backend.log.warning("Session %s can't be removed: %s", self.id, error)
