"""What becomes of a session by its age: pure functions over values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from ..records.session import Session

Step = Literal["keep", "end", "remove"]


@dataclass(frozen=True, slots=True)
class Rules:
    """How long sessions stay; None turns a rule off.

    `idle` is how long after its last activity a session ends, `retention` how long
    an ended one of a user is kept. With `age`, all that was last active before
    that goes at once.
    """

    idle: timedelta | None = None
    retention: timedelta | None = None
    most_bytes: int | None = None
    age: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Fate:
    """What is to be done with a session, and why."""

    step: Step
    reason: str = ""


KEEP = Fate("keep")


def fate_of(session: Session, rules: Rules, present: datetime) -> Fate:
    """Tell what becomes of a session that nobody uses."""
    unused = present - session.last_active_at
    if rules.age is not None:
        hours = rules.age / timedelta(hours=1)
        return Fate("remove", f"not active for {hours:g} h") if unused >= rules.age else KEEP
    ended_at = session.ended_at or _ends_at(session, rules, present)
    if ended_at is None:
        return KEEP
    if session.guest:
        return Fate("remove", "the session of a guest has ended")
    if rules.retention is not None and present - ended_at >= rules.retention:
        days = rules.retention / timedelta(days=1)
        return Fate("remove", f"ended more than {days:g} days ago")
    return KEEP if session.ended_at else Fate("end", "idle")


def _ends_at(session: Session, rules: Rules, present: datetime) -> datetime | None:
    """Return when a session that nobody ended came to its end, if it did."""
    if rules.idle is None:
        return None
    at = session.last_active_at + rules.idle
    return at if at <= present else None


def is_nearly_full(used: int, most_bytes: int) -> bool:
    """Tell whether sessions have to go early: while 5 % are left they needn't."""
    return used > most_bytes * 19 // 20


def excess(used: int, most_bytes: int) -> int:
    """Return how many bytes have to go, so that it needn't be done again at once."""
    return used - most_bytes * 9 // 10 if is_nearly_full(used, most_bytes) else 0


def may_go_early(sessions: Iterable[Session]) -> list[Session]:
    """Return the sessions that go where there is no room: ended ones, the oldest first."""
    ended = [session for session in sessions if session.ended_at is not None]
    return sorted(ended, key=lambda session: session.last_active_at)
