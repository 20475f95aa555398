"""The rules of clean-up, as the settings have them."""

from __future__ import annotations

from datetime import timedelta

from ..errors import InvalidRequest
from ..settings import SessionExport
from .policy import Rules

MOST_HOURS = 24 * 366 * 1000


def rules_of(settings: SessionExport, max_age_hours: float | None = None) -> Rules:
    """Return the rules; with an age, that one alone counts. Raises InvalidRequest."""
    if max_age_hours is not None and not 0 <= max_age_hours <= MOST_HOURS:
        raise InvalidRequest("max_age_hours must be a number of hours, at least 0.")
    return Rules(
        idle=idle_of(settings),
        retention=timedelta(days=settings.retention_days) if settings.retention_days else None,
        most_bytes=settings.max_store_bytes or None,
        age=None if max_age_hours is None else timedelta(hours=max_age_hours),
    )


def idle_of(settings: SessionExport) -> timedelta | None:
    """Return how long a session may be idle; None for any time."""
    hours = settings.session_timeout_hours
    return timedelta(hours=hours) if hours else None
