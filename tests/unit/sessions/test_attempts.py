"""Code that can't even be stopped, over the fake backend."""

from __future__ import annotations

import asyncio

import pytest

from jupyter_session_export.errors import ServerUnreachable
from jupyter_session_export.sessions.backend import Wanted
from jupyter_session_export.sessions.events import Event
from jupyter_session_export.sessions.fake import FakeBackend
from jupyter_session_export.sessions.live import LiveSession
from jupyter_session_export.sessions.order import Order

SECONDS = 60.0


def nobody(_: Event) -> None:
    """Nobody follows."""


async def test_the_next_run_does_not_wait_for_what_can_not_be_stopped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A server that is away while code is to be interrupted is told, and the session goes on."""
    place = await FakeBackend().begin(Wanted())
    session = LiveSession(place, Wanted())

    async def fail() -> None:
        raise ServerUnreachable("It is away.")

    monkeypatch.setattr(place.link, "interrupt", fail)
    code = "import time\nwhile not environ.get('end'): time.sleep(0.01)"
    with pytest.raises(ServerUnreachable):
        await session.run(Order(code=code, timeout=0.1), nobody)
    monkeypatch.undo()
    ending = session.run(Order(code="environ['end'] = '1'\n'on'"), nobody)
    assert (await asyncio.wait_for(ending, SECONDS)).text == "'on'"
    await session.close()
