"""A session that stands still: frozen in memory, or suspended to disk; and its snapshots."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ..errors import NotSupported
from .backend import Place
from .provisions import Provisions
from .state import SUSPENDED, Lost, Past, State, States, freeze, thaw

FREEZE, SUSPEND = "freeze", "suspend"
"""The ways to pause."""
FROZEN_STATE, SUSPENDED_STATE = "frozen", "suspended"


class Pausing:
    """Of one session. But for `freeze`, `thaw` and `restart`, nothing may run when it is called.

    Whatever ends a kernel or starts one does so alone: of two at a time one kernel would be lost.
    """

    def __init__(self, place: Place, provisions: Provisions) -> None:
        self._place, self._provisions = place, provisions
        self.suspended = False
        self.restarts = 0
        """How often its kernel was started anew, each time without variables."""
        self._exchange = asyncio.Lock()
        self._frozen_at: float | None = None
        self._frozen_seconds = 0.0

    @property
    def exchanging(self) -> bool:
        """Whether its kernel is just being ended or started."""
        return self._exchange.locked()

    @property
    def frozen(self) -> bool:
        return self._frozen_at is not None

    @property
    def state(self) -> str | None:
        """How it stands still; None if it doesn't."""
        if self.suspended:
            return SUSPENDED_STATE
        return FROZEN_STATE if self.frozen else None

    def frozen_seconds(self, at: float) -> float:
        """Return how long it has been frozen in all, up to now."""
        now = 0.0 if self._frozen_at is None else at - self._frozen_at
        return self._frozen_seconds + now

    async def freeze(self, at: float) -> None:
        """Stop the kernel where it stands. Raises NotSupported, KernelDied."""
        if not self.frozen and not self.suspended:
            await freeze(self._place.link)
            self._frozen_at = at

    async def thaw(self, at: float) -> None:
        """Let it go on, if it is frozen."""
        if self.frozen:
            self._frozen_seconds, self._frozen_at = self.frozen_seconds(at), None
            if self._place.link.ended is None:
                await thaw(self._place.link)

    async def suspend(self, history: Sequence[Past]) -> State:
        """Write the variables to disk and end the kernel; if that fails, it runs on as it was."""
        if self.suspended:
            return await asyncio.to_thread(self._states.get, SUSPENDED)
        state = await self._states.save(self._place.link, SUSPENDED, history)
        async with self._exchange:
            # From here on they are on the disk only: who gives up waiting must find them there.
            self.suspended = True
            await asyncio.shield(self._place.link.close())
        return state

    async def wake(self) -> tuple[Lost, ...]:
        """Give a fresh kernel the variables, if it is suspended; return what could not be given.

        If that fails it stays suspended.
        """
        async with self._exchange:
            return await self._woken() if self.suspended else ()

    async def snapshot(self, name: str, history: Sequence[Past]) -> State:
        """Keep the variables as they are now under a name."""
        return await self._states.save(self._place.link, name, history)

    async def restore(self, name: str) -> tuple[Lost, ...]:
        """Give the variables of a snapshot to the kernel, started anew; the present ones go.

        Raises StateNotFound and StateRefused while those are still there.
        """
        await asyncio.to_thread(self._states.check, name)
        async with self._exchange:
            await self._restart()
            return await self._states.load(self._place.link, name)

    async def restart(self) -> None:
        """Start a kernel without variables. Raises KernelStartFailed."""
        async with self._exchange:
            await self._restart()

    def snapshots(self) -> list[str]:
        """Return the names of all snapshots."""
        return self._states.names()

    @property
    def _states(self) -> States:
        ground = self._place.ground
        if ground is None:
            raise NotSupported(
                "The variables of a session on a server can't be written to disk.",
                "Suspend and snapshots are for sessions of this machine.",
            )
        if ground.states is None:
            raise NotSupported(
                "A session that isn't recorded has no place for its variables.",
                "SessionExport.record turns recording on.",
            )
        return ground.states

    async def _woken(self) -> tuple[Lost, ...]:
        # An altered state needs no kernel to be refused.
        await asyncio.to_thread(self._states.get, SUSPENDED)
        link = await self._place.renew()
        try:
            await self._provisions.renew(link)
            lost = await self._states.load(link, SUSPENDED)
        except BaseException:
            await link.close()
            raise
        await self._forget()
        return lost

    async def _restart(self) -> None:
        if self.suspended:
            await self._place.renew()
            await self._forget()
        else:
            await self._place.restart()
        self._frozen_at = None
        self.restarts += 1
        await self._provisions.renew(self._place.link)

    async def _forget(self) -> None:
        self.suspended = False
        await asyncio.to_thread(self._states.remove, SUSPENDED)
