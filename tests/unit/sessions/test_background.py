"""The one event loop of all sessions."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from jupyter_session_export.sessions.background import BackgroundLoop


@pytest.fixture
def loop() -> Iterator[BackgroundLoop]:
    loop = BackgroundLoop()
    yield loop
    loop.close()


async def where() -> str:
    return threading.current_thread().name


def test_work_is_done_in_its_own_thread(loop: BackgroundLoop) -> None:
    """Whoever calls, and whatever else that thread does."""
    assert loop.run(where()) == "session-export-sessions"


async def test_coroutines_of_other_loops_wait_without_blocking(loop: BackgroundLoop) -> None:
    """What is handed over is awaited; errors come back."""

    async def fail() -> None:
        raise LookupError("mine")

    assert await loop.hand(where()) == "session-export-sessions"
    with pytest.raises(LookupError, match="mine"):
        await loop.hand(fail())


async def test_to_give_up_cancels(loop: BackgroundLoop) -> None:
    """A cancelled task cancels what it has handed over."""
    begun, cancelled = threading.Event(), threading.Event()

    async def wait() -> None:
        begun.set()
        try:
            await asyncio.sleep(600)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    task = asyncio.create_task(loop.hand(wait()))
    assert await asyncio.to_thread(begun.wait, 60)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(cancelled.wait, 60)


def test_its_thread_does_not_wait_for_itself(loop: BackgroundLoop) -> None:
    """A callback that would hang for ever is told instead."""

    async def wait() -> None:
        loop.run(where())

    with pytest.raises(RuntimeError, match="must not wait"):
        loop.run(wait())


def test_its_end_cancels_what_goes_on() -> None:
    """Nothing is left running."""
    loop = BackgroundLoop()
    future = loop.submit(asyncio.sleep(600))
    loop.close()
    assert future.cancelled()
