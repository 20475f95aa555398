"""Nothing is lost between a kernel's start and its first cell: wait until it has been heard."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from .subscriber import Ears

BOUND = 10.0
"""Seconds after which a silent kernel is let go."""
LIFE_CHECK = 0.25


async def heard(
    subscriber: Ears, kernel_id: str, is_alive: Callable[[], Awaitable[bool]]
) -> dict[str, Any] | None:
    """Return the kernel's info once iopub has been heard; None if it died or stays silent."""
    answer = asyncio.wrap_future(subscriber.ask(kernel_id, BOUND))
    try:
        while True:
            done, _ = await asyncio.wait({answer}, timeout=LIFE_CHECK)
            if done:
                return None if answer.exception() else answer.result()
            if not await is_alive():
                return None
    finally:
        answer.cancel()
