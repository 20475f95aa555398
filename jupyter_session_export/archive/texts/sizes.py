"""Numbers as people read them."""

from __future__ import annotations

from datetime import datetime, timezone

UNITS = ("kB", "MB", "GB", "TB")


def in_bytes(count: int) -> str:
    """Return a size such as `1.5 MB`."""
    if count < 1000:
        return f"{count} B"
    power = min((len(str(count)) - 1) // 3, len(UNITS))
    return f"{count / 1000**power:.1f} {UNITS[power - 1]}"


def in_time(milliseconds: float) -> str:
    """Return a duration such as `1 h 02 min 03 s` or `0.123 s`."""
    seconds = milliseconds / 1000
    if seconds < 60:
        return f"{seconds:.3f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min {rest:02} s" if hours else f"{minutes} min {rest:02} s"


def at(time: datetime | None) -> str:
    """Return a time such as `2026-01-31 12:00:00 UTC`."""
    if time is None:
        return "not known"
    return f"{time.astimezone(timezone.utc):%Y-%m-%d %H:%M:%S} UTC"


def counted(count: int, one: str, many: str | None = None) -> str:
    """Return `1 file`, `2 files`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
