"""How a session stands, told by what there is: its kernel, what runs, its pauses, its time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from ..errors import KernelDied, SessionClosed, TooManyRuns
from ..records.times import now
from .backend import Place
from .life import Life
from .pausing import Pausing

IDLE, BUSY, DEAD, CLOSED = "idle", "busy", "dead", "closed"


class Standing:
    """Of one session. Nothing is noted that could be looked at, so that it can't be wrong."""

    def __init__(
        self,
        place: Place,
        pausing: Pausing,
        life: Life,
        clock: Callable[[], float],
        most_waiting: int | None,
    ) -> None:
        self.waiting = 0
        """How many runs and the like there are: one that goes on, and those that wait for it."""
        self._place, self._pausing = place, pausing
        self._life, self._clock = life, clock
        self._most_waiting = most_waiting
        self._why = ""
        self._closed_at: datetime | None = None

    @property
    def word(self) -> str:
        """How it stands, in a word."""
        if self.closed:
            return CLOSED
        if self._pausing.exchanging:
            return BUSY
        if self.death is not None:
            return DEAD
        return self._pausing.state or (BUSY if self.waiting or self.lent else IDLE)

    @property
    def lent(self) -> bool:
        """Whether its kernel executes something, which may be for another client of it."""
        return self._has_kernel and self._place.link.busy

    @property
    def closed(self) -> bool:
        return self._closed_at is not None

    @property
    def death(self) -> KernelDied | None:
        """How its kernel has ended unasked, as far as that is known."""
        return self._place.link.ended if self._has_kernel else None

    async def find_out(self) -> None:
        """Have `death` know how it is now: of a server's kernel nobody knows unasked."""
        if self._has_kernel:
            await self._place.link.is_alive()

    def close(self, why: str) -> None:
        """Note that it ends now; why is told to whoever uses it all the same."""
        if not self.closed:
            self._why, self._closed_at = why, now()

    def require_open(self) -> None:
        """Raise SessionClosed if it is."""
        if self.closed:
            raise SessionClosed(self._why, "Begin another one.")

    def require_room(self) -> None:
        """Raise TooManyRuns where as many wait for their turn already as may."""
        if self._most_waiting is not None and self.waiting >= self._most_waiting:
            raise TooManyRuns(
                f"{self.waiting} runs wait for their turn in this session.", "Try it again later."
            )

    def require_alive(self) -> None:
        """Raise SessionClosed, and KernelDied where there is no kernel to run anything."""
        self.require_open()
        death = self.death
        if death is not None:
            raise KernelDied(death.message, "restart() starts it anew, without variables.")

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Count one more who uses it or waits to; its lifetime begins anew after that."""
        self.waiting += 1
        self._life.use(self._clock())
        try:
            yield
        finally:
            self.waiting -= 1
            self._life.use(self._clock())

    def look(self) -> bool:
        """Renew what runs in time; tell whether the session is over: its time, or its kernel."""
        if self._pausing.suspended:
            # It takes nothing but room on the disk.
            return False
        if self._place.gone and not self.waiting:
            return True
        if self.lent and self.death is None:
            # That is no run of ours, which would begin its lifetime anew at its end.
            self._life.use(self._clock())
        step = self._life.step(self._clock(), busy=self.waiting > 0)
        if step == "renew":
            self._life.use(self._clock())
        return step == "close"

    @property
    def _has_kernel(self) -> bool:
        """Whether there is one, and nobody is just ending or starting it."""
        return not (self.closed or self._pausing.suspended or self._pausing.exchanging)

    def end(self) -> tuple[datetime | None, float | None]:
        """Return when it ends or has ended, and in how many seconds; None is without end."""
        if self._closed_at is not None:
            return self._closed_at, 0.0
        remaining = None if self._pausing.suspended else self._life.remaining(self._clock())
        if remaining is None:
            return None, None
        return now() + timedelta(seconds=remaining), remaining
