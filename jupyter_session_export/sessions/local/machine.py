"""What the sessions of one process share: its kernels, its recorder, its store."""

from __future__ import annotations

import getpass
import logging
import os
from abc import ABC, abstractmethod
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import zmq
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.multikernelmanager import AsyncMultiKernelManager
from jupyter_core.paths import jupyter_runtime_dir

from ...errors import KernelStartFailed, StoreUnavailable
from ...recording.kernels import KernelWatch
from ...recording.recorder import Recorder
from ...records.unrecorded import RECORD_VARIABLE
from ...store.catalog import Catalog
from ...store.room import Room
from ...store.starting import starting
from ..background import aside
from ..packages import Layers
from .guarding import Guardian

if TYPE_CHECKING:
    from ...settings import SessionExport
    from ...store.record import Record

KERNEL_MANAGER = "jupyter_client.manager.AsyncKernelManager"
CLOSE_SECONDS = 10.0


class Machine(ABC):
    """Made on the event loop that it lives on; nothing is started before it is asked for."""

    specs: KernelSpecManager

    def __init__(self, settings: SessionExport, catalog: Catalog, log: logging.Logger) -> None:
        self.settings, self.catalog, self.log = settings, catalog, log
        self.guardian = Guardian()
        self.layers = Layers(
            catalog.data_dir,
            max_bytes=settings.max_packages_bytes,
            max_days=settings.packages_days,
        )
        self.context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()

    @property
    @abstractmethod
    def recorder(self) -> Recorder:
        """The one recorder of this process."""

    @property
    @abstractmethod
    def kernels(self) -> Any:
        """The manager of the kernels, of whose starts and ends the recorder gets to know."""

    def opened(self, record: Record) -> None:  # noqa: B027  # not everybody wants to know
        """Hear that a session has begun, which is recorded."""

    def ended(self, record: Record) -> None:  # noqa: B027  # as above
        """Hear that its recording has ended."""

    async def close(self) -> None:
        """End what is left when all sessions have."""
        self.guardian.close()
        self.context.destroy(linger=0)


class OwnMachine(Machine):
    """A process that starts its kernels itself, and records them for itself."""

    def __init__(self, settings: SessionExport, log: logging.Logger) -> None:
        data_dir = Path(settings.data_dir).expanduser()
        super().__init__(settings, Catalog(data_dir, Room(settings.max_store_bytes)), log)
        self.specs = KernelSpecManager()

    @cached_property
    def recorder(self) -> Recorder:
        recorder = Recorder(
            self.log,
            output_bytes=self.settings.max_execution_output_bytes,
            unrecorded_notebooks=self.settings.unrecorded_notebooks,
        )
        recorder.start()
        return recorder

    @cached_property
    def kernels(self) -> AsyncMultiKernelManager:
        manager = AsyncMultiKernelManager(
            kernel_manager_class=KERNEL_MANAGER,
            kernel_spec_manager=self.specs,
            # By default the keys of kernels lie in the current folder.
            connection_dir=str(_runtime_folder()),
        )
        self._watch = KernelWatch(
            manager,
            self.recorder,
            session_for=_record_that_starts,
            # The kernel need not record itself.
            environment_for=lambda _: {RECORD_VARIABLE: "0"},
            user=account,
            log=self.log,
        )
        self._watch.start()
        return manager

    async def close(self) -> None:
        if "kernels" in vars(self):
            await self._watch.stop()
        if "recorder" in vars(self):
            await aside(lambda: self.recorder.close(CLOSE_SECONDS))
        await super().close()


def _runtime_folder() -> Path:
    folder = Path(jupyter_runtime_dir())
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise KernelStartFailed(
            "Jupyter's folder for what runs can't be made.",
            f"{error} JUPYTER_RUNTIME_DIR names another one.",
        ) from error
    return folder


def account() -> str:
    """Return who this process belongs to."""
    with suppress(KeyError, OSError):
        return os.environ.get("JUPYTERHUB_USER") or getpass.getuser()
    return str(os.getuid())  # a container's account may have no name


def _record_that_starts() -> Record:
    record = starting.get()
    if record is None:
        raise StoreUnavailable("This session is not recorded.")
    return record
