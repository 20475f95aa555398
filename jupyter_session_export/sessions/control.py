"""What can be done to a session's kernel: pauses, snapshots, interrupts, restarts."""

from __future__ import annotations

from ..errors import InvalidRequest
from .accounting import Account
from .backend import Place
from .pausing import FREEZE, SUSPEND
from .state import Lost, State
from .turns import Turns


class Control:
    """Of one session. Each raises SessionClosed."""

    def __init__(self, place: Place, turns: Turns, account: Account) -> None:
        self._place, self._turns, self._account = place, turns, account
        self._standing, self._pausing, self._clock = turns.standing, turns.pausing, turns.clock

    async def pause(self, how: str = FREEZE) -> State | None:
        """Freeze the kernel at once, in the middle of a run, too; or suspend it after that.

        Suspended, its variables are on disk, as the state says, and its memory is free. Raises
        InvalidRequest, NotSupported, StoreUnavailable; then it goes on as it was.
        """
        if how not in (FREEZE, SUSPEND):
            raise InvalidRequest(f"A session can be paused by {FREEZE!r} or {SUSPEND!r}.")
        self._standing.require_alive()
        if how == FREEZE:
            await self._pausing.freeze(self._clock())
            return None
        async with self._turns.own():
            self._standing.require_alive()
            return await self._pausing.suspend(self._account.history())

    async def resume(self) -> tuple[Lost, ...]:
        """Go on after a pause, as `run` does by itself; return what could not be given back."""
        self._standing.require_alive()
        if self._pausing.suspended:
            async with self._turns.own():
                return await self._pausing.wake()
        with self._standing.in_use():
            await self._pausing.thaw(self._clock())
        return ()

    async def snapshot(self, name: str) -> State:
        """Keep the variables under a name; what runs ends before."""
        async with self._turns.awake():
            return await self._pausing.snapshot(name, self._account.history())

    async def restore(self, name: str) -> tuple[Lost, ...]:
        """Have the variables of a snapshot instead of the present ones, also after a death.

        Returns those that could not be given. Raises StateNotFound, StateRefused.
        """
        async with self._turns.own():
            return await self._pausing.restore(name)

    def snapshots(self) -> list[str]:
        """Return the snapshots' names."""
        return self._pausing.snapshots()

    async def interrupt(self) -> None:
        """Interrupt what runs; its run ends with a KeyboardInterrupt."""
        self._standing.require_alive()
        await self._pausing.thaw(self._clock())
        await self._place.link.interrupt()

    async def restart(self) -> None:
        """Start the kernel anew, without its variables.

        Raises KernelStartFailed; it is dead then, until another try succeeds.
        """
        self._standing.require_open()
        with self._standing.in_use():
            await self._pausing.restart()
