"""Which sessions live, over the fake backend."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from jupyter_session_export.errors import (
    InvalidName,
    SessionClosed,
    SessionNotFound,
    TooManySessions,
)
from jupyter_session_export.sessions.backend import Wanted
from jupyter_session_export.sessions.engine import Engine
from jupyter_session_export.sessions.events import Event
from jupyter_session_export.sessions.fake import FakeBackend
from jupyter_session_export.sessions.live import LiveSession
from jupyter_session_export.sessions.order import Order


def nobody(_: Event) -> None:
    """Nobody follows."""


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    engine = Engine(FakeBackend(), most=2, log=logging.getLogger(__name__), look_seconds=0.01)
    yield engine
    await engine.shut_down()


async def test_no_more_live_than_are_allowed(engine: Engine) -> None:
    """Those that are being begun count, too; one that is closed makes room."""
    begun = await asyncio.gather(
        *(engine.create(Wanted()) for _ in range(3)), return_exceptions=True
    )
    sessions = [each for each in begun if isinstance(each, LiveSession)]
    assert len(sessions) == 2
    assert sum(isinstance(each, TooManySessions) for each in begun) == 1
    await engine.close(sessions[0])
    await engine.create(Wanted())


async def test_a_session_is_one_object(engine: Engine) -> None:
    """However often it is asked for, its runs take turns."""
    session = await engine.create(Wanted())
    assert await engine.get(session.id) is session
    with pytest.raises(SessionNotFound):
        await engine.get("0" * 32)


async def test_time_ends_sessions(engine: Engine) -> None:
    """One whose lifetime is over is closed by itself, the other goes on."""
    short, long = await engine.create(Wanted(lifetime=0.05)), await engine.create(Wanted())
    while not short.closed:
        await asyncio.sleep(0.01)
    assert [known.id for known in await engine.list()] == [long.id]
    with pytest.raises(SessionClosed):
        await short.run(Order(code="1"), nobody)


async def test_nobody_looks_where_nothing_lives(engine: Engine) -> None:
    """An engine without sessions has no work to do, and begins it again with the next one."""
    for _ in range(2):
        short = await engine.create(Wanted(lifetime=0.05))
        while not short.closed or engine._looking is not None:
            await asyncio.sleep(0.01)


async def test_a_run_that_can_not_begin_leaves_no_session(engine: Engine) -> None:
    """A file that leads out is refused; the session that was begun for it is gone."""
    order = Order(code="1", files={"../out": b""})
    with pytest.raises(InvalidName):
        await engine.run_once(Wanted(), order, nobody, keep=True)
    assert await engine.list() == []


async def test_what_runs_is_renewed_in_its_middle() -> None:
    """With little time left a running session gets its lifetime again, an idle one doesn't."""
    time = 0.0
    place = await FakeBackend().begin(Wanted(lifetime=3600))
    session = LiveSession(place, Wanted(lifetime=3600), clock=lambda: time)
    code = "import time\nwhile not environ.get('end'): time.sleep(0.01)"
    run = asyncio.create_task(session.run(Order(code=code, timeout=None), nobody))
    await asyncio.sleep(0.1)
    time = 3500.0
    assert session.look() is False
    assert (await session.status()).remaining == 3600
    run.cancel()
    await asyncio.gather(run, return_exceptions=True)
    time = 20000.0
    assert session.look() is True
    await session.close()


async def test_a_failure_of_one_is_not_the_others(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    """A session that can't be closed is told, and the rest is seen to."""

    class Broken(LiveSession):
        async def close(self, why: str = "") -> None:
            raise OSError("full")

    broken = await engine.create(Wanted(lifetime=0.05))
    broken.__class__ = Broken
    other = await engine.create(Wanted(lifetime=0.1))
    while not other.closed:
        await asyncio.sleep(0.01)
    assert "can't be closed" in caplog.text
    broken.__class__ = LiveSession
    await broken.close()
