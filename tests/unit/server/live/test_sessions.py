"""The sessions of a server's owners."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from jupyter_session_export.errors import TooManySessions
from jupyter_session_export.server.live.sessions import LiveSessions
from jupyter_session_export.server.owners import Owner
from jupyter_session_export.sessions.backend import Wanted
from jupyter_session_export.sessions.engine import Engine
from jupyter_session_export.sessions.fake import FakeBackend
from jupyter_session_export.settings import SessionExport


class FakeSessions(LiveSessions):
    """Begins sessions without kernels."""

    def _engine(self, owner: Owner) -> Engine:
        if owner.id not in self._engines:
            log = logging.getLogger(__name__)
            self._engines[owner.id] = Engine(FakeBackend(), most=2, log=log)
        return self._engines[owner.id]


async def test_all_owners_together_have_a_limit() -> None:
    """However many there are; what one closes is another's to begin."""
    nothing: Any = None
    settings = SessionExport(max_server_sessions=3)
    sessions = FakeSessions(settings, nothing, logging.getLogger(__name__))
    one, other = Owner("one", guest=False), Owner("other", guest=True)
    first = [await sessions.create(one, Wanted()) for _ in range(2)]
    with pytest.raises(TooManySessions, match="2 sessions"):
        await sessions.create(one, Wanted())
    await sessions.create(other, Wanted())
    with pytest.raises(TooManySessions, match="3 sessions live on this server") as told:
        await sessions.create(other, Wanted())
    assert "max_server_sessions" in str(told.value.detail)
    await sessions.close(first[0].id)
    await sessions.create(other, Wanted())
    await sessions.shut_down()
