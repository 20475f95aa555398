"""Times are aware datetimes in UTC, written as ISO 8601 with microseconds and `Z`."""

from __future__ import annotations

from datetime import datetime, timezone


def now() -> datetime:
    """Return the present time in UTC."""
    return datetime.now(timezone.utc)


def from_timestamp(seconds: float) -> datetime:
    """Return the time that is `seconds` after the epoch."""
    return datetime.fromtimestamp(seconds, timezone.utc)


def to_iso(time: datetime) -> str:
    """Write a time as in `2026-01-31T12:00:00.000000Z`."""
    return time.astimezone(timezone.utc).isoformat(timespec="microseconds").replace("+00:00", "Z")


def from_iso(text: str) -> datetime:
    """Read an ISO 8601 time; one without an offset is taken as UTC. Raises ValueError."""
    # Python 3.10's fromisoformat knows no "Z".
    time = datetime.fromisoformat(text[:-1] + "+00:00" if text.endswith("Z") else text)
    if time.tzinfo is None:
        return time.replace(tzinfo=timezone.utc)
    try:
        return time.astimezone(timezone.utc)
    except OverflowError as error:
        raise ValueError(f"{text!r} lies outside of the years 1 to 9999 in UTC.") from error


def to_iso_or_none(time: datetime | None) -> str | None:
    """Write a time that may not be known."""
    return None if time is None else to_iso(time)


def from_iso_or_none(text: str | None) -> datetime | None:
    """Read a time that may not be known."""
    return None if text is None else from_iso(text)
