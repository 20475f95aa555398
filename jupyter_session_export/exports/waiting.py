"""Waiting for work that may hang, no longer than whoever asked for it wants it."""

from __future__ import annotations

import asyncio
from asyncio import FIRST_COMPLETED
from typing import Any

NOTICE_SECONDS = 0.8
"""How long work that isn't wanted any more has to notice that; then it hangs."""


async def done_before(work: asyncio.Future[Any], over: asyncio.Event) -> bool:
    """Wait until work is done or isn't wanted any more; tell whether it is done."""
    if work.done():
        return True
    end = asyncio.ensure_future(over.wait())
    try:
        await asyncio.wait({work, end}, return_when=FIRST_COMPLETED)
    finally:
        end.cancel()
    return work.done()


async def ends_soon(work: asyncio.Future[Any], seconds: float = NOTICE_SECONDS) -> bool:
    """Give work that isn't wanted any more time to notice; tell whether it has ended, or hangs."""
    await asyncio.wait({work}, timeout=seconds)
    return work.done()
