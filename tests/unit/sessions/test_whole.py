"""Work that is not left halfway."""

from __future__ import annotations

import asyncio

import pytest

from jupyter_session_export.sessions.whole import whole


async def test_who_leaves_has_it_undone() -> None:
    """The cancellation is over when what came of the work is undone."""
    go, told = asyncio.Event(), []

    async def work() -> str:
        await go.wait()
        return "made"

    async def undo(what: str) -> None:
        await asyncio.sleep(0)
        told.append(what)

    waiting = asyncio.create_task(whole(asyncio.ensure_future(work()), undo))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.sleep(0)
    assert not waiting.done()
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert told == ["made"]


async def test_who_leaves_just_when_it_is_done_has_it_undone() -> None:
    """A result that nobody gets would be left for ever."""
    told = []
    doing: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def undo(what: str) -> None:
        told.append(what)

    waiting = asyncio.create_task(whole(doing, undo))
    await asyncio.sleep(0)
    doing.set_result("made")
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert told == ["made"]


async def test_what_fails_has_undone_itself() -> None:
    """Its error is the caller's, and nobody undoes what never was."""

    async def fail() -> str:
        raise OSError("full")

    async def undo(what: str) -> None:
        raise AssertionError(what)

    with pytest.raises(OSError, match="full"):
        await whole(asyncio.ensure_future(fail()), undo)
