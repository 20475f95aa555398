"""What a server lends to the sessions that code begins on it: its kernels, recorder and store."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from ...recording.lingering import is_gateways
from ...records.activity import Deed
from ...sessions.local.machine import Machine

if TYPE_CHECKING:
    from ...recording.recorder import Recorder
    from ...settings import SessionExport
    from ...store.catalog import Catalog
    from ...store.record import Record
    from ..sessions import OpenSessions


class ServerMachine(Machine):
    """A running Jupyter server, whose kernels are watched and recorded already."""

    def __init__(
        self,
        settings: SessionExport,
        catalog: Catalog,
        log: logging.Logger,
        *,
        server: Any,
        recorder: Recorder,
        sessions: OpenSessions,
    ) -> None:
        super().__init__(settings, catalog, log)
        self.specs = server.kernel_spec_manager
        self._kernels = server.kernel_manager
        self._recorder = recorder
        self._sessions = sessions

    @property
    def recorder(self) -> Recorder:
        return self._recorder

    @property
    def kernels(self) -> Any:
        return self._kernels

    @property
    def is_gateways(self) -> bool:
        """Whether its kernels run elsewhere."""
        return is_gateways(type(self._kernels))

    def opened(self, record: Record) -> None:
        session = record.session
        self._sessions.host(record)
        detail = {"number": session.number}
        self._recorder.note(session.id, Deed("session.started", None, session.owner, detail))

    def ended(self, record: Record) -> None:
        self._sessions.release(record)
