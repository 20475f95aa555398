"""How long a session lives: pure functions over times in seconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

RENEW_SECONDS = 120.0
"""A session that runs something is renewed when less than this is left."""

Step = Literal["keep", "renew", "close"]


@dataclass(slots=True)
class Life:
    """A session's time: `lifetime` after it was last used it is over; 0 is without end."""

    lifetime: float
    deadline: float | None

    @classmethod
    def begin(cls, lifetime: float, at: float) -> Life:
        return cls(lifetime, at + lifetime if lifetime else None)

    def use(self, at: float) -> None:
        """Note that it is used; what it was promised beyond that stays."""
        self.extend(self.lifetime, at)

    def extend(self, seconds: float, at: float) -> None:
        """Have it live at least so long from now on."""
        if self.deadline is not None:
            self.deadline = max(self.deadline, at + seconds)

    def remaining(self, at: float) -> float | None:
        """Return the seconds that are left; None is without end."""
        return None if self.deadline is None else max(0.0, self.deadline - at)

    def step(self, at: float, *, busy: bool) -> Step:
        """Say what is to be done: what runs is never ended, it is renewed in time."""
        left = self.remaining(at)
        if left is None:
            return "keep"
        if busy:
            return "renew" if left < min(RENEW_SECONDS, self.lifetime / 2) else "keep"
        return "close" if left <= 0 else "keep"
