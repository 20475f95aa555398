"""Kernels that this process starts, each in a session of its own that is recorded here."""

from __future__ import annotations

import asyncio
import logging
import os
import tempfile
import uuid
from collections.abc import Sequence
from pathlib import Path
from subprocess import DEVNULL
from typing import Any

from ...errors import InvalidRequest, KernelStartFailed, SessionNotFound, StoreError
from ...recording.environment import describe_environment
from ...records.session import ENVIRONMENT, SessionKey
from ...records.unrecorded import RECORD_VARIABLE
from ...settings import SessionExport
from ...store.record import Record
from ...store.starting import starting
from ..backend import Known, Wanted
from ..languages import choose_kernel
from .files import LocalFiles
from .link import LocalLink
from .machine import Machine, OwnMachine, account
from .place import LocalPlace
from .starts import at_most_twice

SHUTDOWN_SECONDS = 2.0


class LocalBackend:
    """A `Backend` of one owner's sessions. Made on the event loop that it lives on.

    Nothing is started before `begin`. Without a `machine` it has one of its own, which ends with
    it; otherwise the owner is said, and a session that can't be recorded does not begin.
    """

    def __init__(
        self,
        settings: SessionExport,
        log: logging.Logger,
        *,
        machine: Machine | None = None,
        owner: str | None = None,
        guest: bool | None = None,
    ) -> None:
        self.settings, self.log = settings, log
        self.machine = machine or OwnMachine(settings, log)
        self._lent = machine is not None
        self.owner = account() if owner is None else owner
        self._guest = settings.guest if guest is None else guest
        self._places: dict[str, LocalPlace] = {}
        self._facts: dict[str, Any] | None = None

    async def begin(self, wanted: Wanted) -> LocalPlace:
        """As `Backend` says."""
        name = await asyncio.to_thread(self._choose, wanted)
        cwd = None if wanted.cwd is None else await asyncio.to_thread(_resolved, wanted.cwd)
        record = await self._open_record(wanted)
        if cwd is not None:
            folder = cwd
        elif record is not None:
            folder = record.folder.outputs
        else:
            folder = await asyncio.to_thread(_temporary_folder)
        files = LocalFiles(folder, anywhere=wanted.absolute_paths)
        place = LocalPlace(self, wanted, name, record, files)
        self._places[place.id] = place
        try:
            await place.renew()
        except BaseException:
            await place.abandon()
            raise
        return place

    async def find(self, session_id: str) -> LocalPlace:
        """As `Backend` says."""
        place = self._places.get(session_id)
        if place is None or not place.begun:
            raise SessionNotFound(
                f"No session {session_id} lives here.",
                "Sessions of this machine live in the process that has begun them, as list() says.",
            )
        return place

    async def list(self) -> Sequence[Known]:
        """As `Backend` says."""
        return [place.known for place in self._places.values() if place.begun]

    async def close(self) -> None:
        """End all sessions, then the recording of them."""
        closing = [place.close() for place in list(self._places.values())]
        for failure in await asyncio.gather(*closing, return_exceptions=True):
            if failure is not None:
                self.log.warning("A session could not be closed well: %r", failure)
        if not self._lent:
            await self.machine.close()

    async def start_kernel(self, place: LocalPlace) -> LocalLink:
        """Start a kernel for a session. Raises KernelStartFailed."""

        async def start() -> LocalLink:
            return await self._start(place)

        return await at_most_twice(start, start, place.words, self.log)

    def forget(self, place: LocalPlace) -> None:
        """Know a session no more."""
        self._places.pop(place.id, None)

    async def _start(self, place: LocalPlace) -> LocalLink:
        """Start it, and wait until it answers. Raises KernelDied, KernelStartFailed."""
        kernels = self.machine.kernels
        token = starting.set(place.record)
        environment = {**os.environ, RECORD_VARIABLE: "0", **place.wanted.env}
        try:
            kernel_id = await kernels.start_kernel(
                kernel_name=place.kernel_name,
                env=environment,
                cwd=str(place.files.folder),
                # What a kernel says of itself is nothing for our own terminal.
                stdout=DEVNULL,
                stderr=place.words.file,
            )
            # Somebody may have shut it down already.
            _settle(kernels.get_kernel(kernel_id))
        except Exception as error:
            # A provisioner may raise anything.
            raise KernelStartFailed(f"{place.kernel_name} can't be started.", str(error)) from error
        finally:
            starting.reset(token)
        link = LocalLink(
            self.machine,
            kernel_id,
            user=self.owner,
            words=place.words,
            remains=place.remains,
        )
        try:
            await link.ready()
        except BaseException:
            await link.close()
            raise
        return link

    def _choose(self, wanted: Wanted) -> str:
        specs = self.machine.specs.get_all_specs()
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
            if self._lent:
                raise
            self.log.warning("A session is not recorded: %s %s", error.message, error.detail)
            return None
        self.machine.recorder.attach_session(record)
        self.machine.opened(record)
        return record

    def _begin_record(self, key: SessionKey) -> Record:
        if self._facts is None:
            self._facts = describe_environment()
        record = self.machine.catalog.open(key, guest=self._guest)
        try:
            record.set_value(ENVIRONMENT, self._facts)
        except BaseException:
            record.close()
            raise
        return record


def _settle(manager: Any) -> None:
    """Have a kernel end in time, and not be restarted.

    When it dies its variables are gone, which must not go unnoticed.
    """
    manager.shutdown_wait_time = SHUTDOWN_SECONDS
    manager.stop_restarter()
    manager.autorestart = False


def _resolved(folder: str) -> Path:
    try:
        found = Path(folder).expanduser().resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:
        raise InvalidRequest(f"{folder} is no folder to work in.", str(error)) from error
    if not found.is_dir():
        raise InvalidRequest(f"{folder} is no folder to work in.", "It is a file.")
    return found


def _temporary_folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="session_export-"))
