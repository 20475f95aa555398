"""Work that must not be left halfway, such as the start of a process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def whole(doing: asyncio.Future[T], undo: Callable[[T], Awaitable[object]]) -> T:
    """Wait for work; to be cancelled has what comes of it undone, and waits for that."""
    try:
        return await asyncio.shield(doing)
    except asyncio.CancelledError:
        if not doing.cancelled():
            await asyncio.shield(_undone(doing, undo))
        raise


async def _undone(doing: asyncio.Future[T], undo: Callable[[T], Awaitable[object]]) -> None:
    await asyncio.wait({doing})
    # What has failed has undone itself.
    if not doing.cancelled() and doing.exception() is None:
        await undo(doing.result())
