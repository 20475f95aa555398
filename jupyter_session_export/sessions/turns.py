"""Who has a session to themselves: one at a time, each when it is their turn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from .pausing import Pausing
from .standing import Standing


class Turns:
    """Of one session."""

    def __init__(self, standing: Standing, pausing: Pausing, clock: Callable[[], float]) -> None:
        self.standing, self.pausing, self.clock = standing, pausing, clock
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def own(self) -> AsyncIterator[None]:
        """Have the session to oneself, with nothing frozen. Raises SessionClosed, TooManyRuns."""
        self.standing.require_open()
        self.standing.require_room()
        with self.standing.in_use():
            await self.pausing.thaw(self.clock())
            async with self._turn:
                self.standing.require_open()
                yield

    @asynccontextmanager
    async def awake(self) -> AsyncIterator[None]:
        """Have the kernel, with its variables, to oneself. Raises KernelDied besides."""
        self.standing.require_alive()
        async with self.own():
            await self.pausing.wake()
            self.standing.require_alive()
            yield
