"""When a recording was made: from its name, else from its modification time."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from ..records.recording import FROM_MODIFICATION, FROM_NAME, FROM_NAME_DATE

_TIME = re.compile(
    r"(?<![0-9])(?P<year>(?:19|20)[0-9]{2})(?P<mark>[-_.]?)(?P<month>[0-9]{2})(?P=mark)(?P<day>[0-9]{2})"
    r"(?:[-_.T ]?(?P<hour>[0-9]{2})[-_.:h]?(?P<minute>[0-9]{2})(?:[-_.:m]?(?P<second>[0-9]{2}))?s?"
    r"(?:Z|(?P<sign>[+-])(?P<east>[0-9]{2}):?(?P<ern>[0-9]{2}))?)?(?![0-9])",
    re.IGNORECASE,
)


def time_of(name: str, modified: datetime) -> tuple[datetime, str]:
    """Return a recording's time in UTC and what it was taken from.

    A time in a name is UTC unless it names an offset. Of several times the first
    that the calendar has counts.
    """
    for match in _TIME.finditer(name):
        time = _time(match)
        if time is not None:
            return time, FROM_NAME if match["hour"] else FROM_NAME_DATE
    return modified, FROM_MODIFICATION


def _time(match: re.Match[str]) -> datetime | None:
    numbers = [int(match[part] or 0) for part in ("year", "month", "day")]
    clock = [int(match[part] or 0) for part in ("hour", "minute", "second")]
    try:
        time = datetime(*numbers, *clock, tzinfo=timezone.utc)  # type: ignore[misc, arg-type]  # six numbers
        if not match["sign"]:
            return time
        offset = timedelta(hours=int(match["east"]), minutes=int(match["ern"]))
        return time - offset if match["sign"] == "+" else time + offset
    except (ValueError, OverflowError):
        return None
