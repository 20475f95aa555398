"""Code on a session's kernel: to its end, to its timeout, or until nobody wants it any more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ..errors import KernelDied
from .backend import Place
from .ending import Ended, by_reply, by_timeout
from .gathering import Gathering
from .link import Reply
from .order import Order
from .pausing import Pausing

GRACE_SECONDS = 5.0
"""How long code may take to end after it was interrupted."""


class Attempts:
    """Of one session, one at a time."""

    def __init__(self, place: Place, pausing: Pausing, clock: Callable[[], float]) -> None:
        self._place, self._pausing, self._clock = place, pausing, clock

    async def carry_out(self, order: Order, heard: Gathering) -> Ended:
        """Run code and tell how it ended. To be cancelled interrupts it. Raises KernelDied."""
        task = asyncio.ensure_future(
            self._place.link.execute(order.code, hear=heard.hear, store_history=order.store_history)
        )
        try:
            await self._wait(task, order.timeout)
            if task.done():
                return by_reply(task.result())
            restarted = await self._stop(task)
            return by_timeout(order.timeout or 0.0, restarted=restarted)
        except asyncio.CancelledError:
            # Whoever gave up the run doesn't want the code to go on either.
            await asyncio.shield(self._stop(task))
            raise
        finally:
            # Where it could not even be stopped, the next run must not wait for it for ever.
            task.cancel()

    async def _wait(self, task: asyncio.Future[Reply], seconds: float | None) -> None:
        """Wait for code to end, no longer than so many seconds in which it isn't frozen."""
        began = self._clock()
        frozen = self._pausing.frozen_seconds(began)
        left = seconds
        while not task.done() and (left is None or left > 0):
            await asyncio.wait({task}, timeout=left)
            now = self._clock()
            if seconds is not None:
                left = seconds - (now - began) + self._pausing.frozen_seconds(now) - frozen

    async def _stop(self, task: asyncio.Future[Reply]) -> bool:
        """Interrupt the code; tell whether the kernel had to be started anew to end it.

        That is so where the code doesn't end then, and where the kernel can't be interrupted
        without being ended.
        """
        await self._pausing.thaw(self._clock())
        await self._place.link.interrupt()
        await asyncio.wait({task}, timeout=GRACE_SECONDS)
        if not task.done():
            task.cancel()
            await asyncio.wait({task})
        elif not isinstance(task.exception(), KernelDied):
            # How it ended was told already: it was too late.
            return False
        await self._pausing.restart()
        return True
