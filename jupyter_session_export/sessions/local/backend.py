"""Kernels that this process starts, each in a session of its own that is recorded here."""

from __future__ import annotations

import asyncio
import getpass
import logging
import os
import tempfile
import uuid
from collections.abc import Sequence
from contextlib import suppress
from contextvars import ContextVar
from functools import cached_property
from pathlib import Path
from subprocess import DEVNULL
from typing import Any

import zmq
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.multikernelmanager import AsyncMultiKernelManager

from ...errors import KernelStartFailed, SessionNotFound, StoreError, StoreUnavailable
from ...recording.environment import describe_environment
from ...recording.kernels import KernelWatch
from ...recording.recorder import Recorder
from ...records.session import ENVIRONMENT, SessionKey
from ...records.unrecorded import RECORD_VARIABLE
from ...settings import SessionExport
from ...store.catalog import Catalog
from ...store.record import Record
from ...store.room import Room
from ..backend import Known, Wanted
from ..background import aside
from ..languages import choose_kernel
from ..packages import Layers
from .files import LocalFiles
from .guarding import Guardian
from .link import LocalLink
from .place import LocalPlace

KERNEL_MANAGER = "jupyter_client.manager.AsyncKernelManager"
"""Has no restarter: when a kernel dies its variables are gone, which must not go unnoticed."""
SHUTDOWN_SECONDS = 2.0
CLOSE_SECONDS = 10.0

_record: ContextVar[Record | None] = ContextVar("record", default=None)


class LocalBackend:
    """A `Backend`. Made on the event loop that it lives on; nothing is started before `begin`."""

    def __init__(self, settings: SessionExport, log: logging.Logger) -> None:
        self.settings, self.log = settings, log
        self.owner = account()
        self.guardian = Guardian()
        self.catalog = Catalog(Path(settings.data_dir).expanduser(), Room(settings.max_store_bytes))
        self.layers = Layers(
            self.catalog.data_dir,
            max_bytes=settings.max_packages_bytes,
            max_days=settings.packages_days,
        )
        self.context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._places: dict[str, LocalPlace] = {}
        self._specs = KernelSpecManager()
        self._facts: dict[str, Any] | None = None

    @cached_property
    def recorder(self) -> Recorder:
        """The one recorder of this process's sessions."""
        recorder = Recorder(
            self.log,
            output_bytes=self.settings.max_execution_output_bytes,
            unrecorded_notebooks=self.settings.unrecorded_notebooks,
        )
        recorder.start()
        return recorder

    @cached_property
    def kernels(self) -> AsyncMultiKernelManager:
        """The kernels, of whose starts and ends the recorder gets to know."""
        manager = AsyncMultiKernelManager(
            kernel_manager_class=KERNEL_MANAGER, kernel_spec_manager=self._specs
        )
        self._watch = KernelWatch(
            manager,
            self.recorder,
            session_for=_record_that_starts,
            # The kernel need not record itself.
            environment_for=lambda _: {RECORD_VARIABLE: "0"},
            user=lambda: self.owner,
            log=self.log,
        )
        self._watch.start()
        return manager

    async def begin(self, wanted: Wanted) -> LocalPlace:
        """As `Backend` says."""
        name = await asyncio.to_thread(self._choose, wanted)
        record = await self._open_record(wanted)
        place = LocalPlace(self, wanted, name, record, await self._folder(wanted, record))
        self._places[place.id] = place
        try:
            await place.renew()
        except BaseException:
            await place.abandon()
            raise
        return place

    async def find(self, session_id: str) -> LocalPlace:
        """As `Backend` says."""
        try:
            return self._places[session_id]
        except KeyError:
            raise SessionNotFound(f"No session {session_id} lives here.") from None

    async def list(self) -> Sequence[Known]:
        """As `Backend` says."""
        return [place.known for place in self._places.values()]

    async def close(self) -> None:
        """End all sessions, then the recording of them."""
        closing = [place.close() for place in list(self._places.values())]
        for failure in await asyncio.gather(*closing, return_exceptions=True):
            if failure is not None:
                self.log.warning("A session could not be closed well: %r", failure)
        if "kernels" in vars(self):
            await self._watch.stop()
        if "recorder" in vars(self):
            await aside(lambda: self.recorder.close(CLOSE_SECONDS))
        self.guardian.close()
        self.context.destroy(linger=0)

    async def start_kernel(self, place: LocalPlace) -> LocalLink:
        """Start a kernel for a session. Raises KernelStartFailed."""
        token = _record.set(place.record)
        environment = {**os.environ, RECORD_VARIABLE: "0", **place.wanted.env}
        try:
            kernel_id = await self.kernels.start_kernel(
                kernel_name=place.kernel_name,
                env=environment,
                cwd=str(place.files.folder),
                # What a kernel says of itself is nothing for our own terminal.
                stdout=DEVNULL,
                stderr=place.said,
            )
        except Exception as error:
            # A provisioner may raise anything.
            raise KernelStartFailed(f"{place.kernel_name} can't be started.", str(error)) from error
        finally:
            _record.reset(token)
        self.kernels.get_kernel(kernel_id).shutdown_wait_time = SHUTDOWN_SECONDS
        link = LocalLink(
            self.kernels,
            kernel_id,
            context=self.context,
            recorder=self.recorder,
            guardian=self.guardian,
            user=self.owner,
        )
        try:
            await link.ready()
        except KernelStartFailed as error:
            await link.close()
            raise KernelStartFailed(error.message, place.last_words() or error.detail) from error
        except BaseException:
            await link.close()
            raise
        return link

    def forget(self, place: LocalPlace) -> None:
        """Know a session no more."""
        self._places.pop(place.id, None)

    def _choose(self, wanted: Wanted) -> str:
        specs = self._specs.get_all_specs()
        languages = {name: str(found["spec"]["language"]) for name, found in specs.items()}
        return choose_kernel(languages, wanted.language, wanted.kernel)

    async def _open_record(self, wanted: Wanted) -> Record | None:
        """Begin a recording; a session lives without one where the store fails or it is off."""
        if not self.settings.record:
            return None
        # No other session has this key, so that none is taken for another that goes on.
        key = SessionKey(self.owner, wanted.cwd or "", uuid.uuid4().hex)
        try:
            record = await asyncio.to_thread(self._begin_record, key)
        except StoreError as error:
            self.log.warning("A session is not recorded: %s %s", error.message, error.detail)
            return None
        self.recorder.attach_session(record)
        return record

    def _begin_record(self, key: SessionKey) -> Record:
        if self._facts is None:
            self._facts = describe_environment()
        record = self.catalog.open(key, guest=self.settings.guest)
        record.set_value(ENVIRONMENT, self._facts)
        return record

    async def _folder(self, wanted: Wanted, record: Record | None) -> LocalFiles:
        """Return where the session's files are: in its record, or where it was asked to be."""
        if wanted.cwd is not None:
            folder = await asyncio.to_thread(_resolved, wanted.cwd)
        elif record is not None:
            folder = record.folder.outputs
        else:
            folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="session_export-"))
        return LocalFiles(folder, anywhere=wanted.absolute_paths)


def account() -> str:
    """Return who this process belongs to."""
    with suppress(KeyError, OSError):
        return os.environ.get("JUPYTERHUB_USER") or getpass.getuser()
    return str(os.getuid())  # a container's account may have no name


def _resolved(folder: str) -> Path:
    return Path(folder).expanduser().resolve()


def _record_that_starts() -> Record:
    record = _record.get()
    if record is None:
        raise StoreUnavailable("This session is not recorded.")
    return record
