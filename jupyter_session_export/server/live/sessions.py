"""The sessions that code has begun on this server, each owner's apart."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from ...errors import NotSupported, SessionClosed, SessionInUse, TooManySessions

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...sessions.backend import Wanted
    from ...sessions.engine import Engine
    from ...sessions.live import LiveSession
    from ...settings import SessionExport
    from ..owners import Owner
    from ..sessions import OpenSessions
    from .machine import ServerMachine

MOST_WAITING = 32
"""Runs of one session that go on or wait for their turn."""


class LiveSessions:
    """Called on the event loop. `lend` gives what the server has; None where nothing is recorded.

    Each owner has an engine of their own, so that one's sessions are nothing that another's
    requests could find, and are not what fills up another's limit. All together have one, too.
    """

    lend: Callable[[], ServerMachine] | None = None

    def __init__(
        self, settings: SessionExport, sessions: OpenSessions, log: logging.Logger
    ) -> None:
        self._settings = settings
        self._sessions = sessions
        self._log = log
        self._engines: dict[str, Engine] = {}
        self._machine: ServerMachine | None = None

    async def create(self, owner: Owner, wanted: Wanted) -> LiveSession:
        """Begin a session; to be cancelled leaves nothing of it.

        Raises TooManySessions, KernelNotInstalled, KernelStartFailed, PackagesFailed,
        StoreUnavailable, NotSupported.
        """
        most = self._settings.max_server_sessions
        if sum(engine.count for engine in self._engines.values()) >= most:
            raise TooManySessions(
                f"{most} sessions live on this server already, which is as many as are allowed.",
                "Close one, try it again later, or raise SessionExport.max_server_sessions.",
            )
        return await self._engine(owner).create(wanted)

    async def get(self, owner: Owner, session_id: str) -> LiveSession:
        """Return a session of the owner. Raises SessionNotFound, SessionClosed."""
        engine = self._engines.get(owner.id)
        live = None if engine is None else engine.peek(session_id)
        if live is None:
            await self._sessions.find(owner, session_id)
            raise SessionClosed(
                "This session runs no code.", "It has ended, or is not one that code has begun."
            )
        return live

    def peek(self, session_id: str) -> LiveSession | None:
        """Return a session of whatever owner; None where there is none that can run something."""
        for engine in self._engines.values():
            if (live := engine.peek(session_id)) is not None:
                return live
        return None

    def describe(self, session_id: str) -> dict[str, Any] | None:
        """Return what a list tells of a session; None where no code has begun it, or it ended."""
        live = self.peek(session_id)
        if live is None:
            return None
        known = live.place.known
        return {"name": known.name, "language": known.language, "status": live.state}

    async def abandon(self, owner: Owner, live: LiveSession) -> None:
        """End a session that nobody knows of, and leave nothing of it."""
        await self._engine(owner).abandon(live)

    async def close(self, session_id: str) -> None:
        """End a session with its kernel. Raises SessionInUse while it begins."""
        for engine in self._engines.values():
            if (live := engine.peek(session_id)) is not None:
                await engine.close(live)
                return
        raise SessionInUse("The session is just beginning, or ending.", "Try it again.")

    async def shut_down(self) -> None:
        """End all sessions: the server stops."""
        for engine in self._engines.values():
            await engine.shut_down()
        self._engines.clear()
        if self._machine is not None:
            await self._machine.close()

    def _engine(self, owner: Owner) -> Engine:
        # Engines and backends are much to import, and few servers need any.
        from ...sessions.engine import Engine  # noqa: PLC0415
        from ...sessions.local.backend import LocalBackend  # noqa: PLC0415

        engine = self._engines.get(owner.id)
        if engine is None:
            backend = LocalBackend(
                self._settings,
                self._log,
                machine=self._required(),
                owner=owner.id,
                guest=owner.guest,
            )
            most = self._settings.max_live_sessions
            engine = Engine(backend, most=most, log=self._log, most_waiting=MOST_WAITING)
            self._engines[owner.id] = engine
        return engine

    def _required(self) -> ServerMachine:
        if self.lend is None:
            raise NotSupported(
                "A server that doesn't record has no place for sessions.",
                "SessionExport.record turns recording on.",
            )
        self._machine = self._machine or self.lend()
        if self._machine.is_gateways:
            raise NotSupported(
                "The kernels of this server run elsewhere.",
                "Session.connect(url) uses them, by Jupyter's own routes.",
            )
        return self._machine
