"""Moments as people write them: a time, or how long ago it was."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from ..errors import InvalidRequest
from ..records.times import from_iso, to_iso

_AGO = re.compile(r"(\d{1,6}) ?(s|m|min|h|d)")
_UNITS = {"s": "seconds", "m": "minutes", "min": "minutes", "h": "hours", "d": "days"}


def moment(text: str, present: datetime) -> str:
    """Return a moment in ISO 8601: `10m` is ten minutes ago. Raises InvalidRequest."""
    ago = _AGO.fullmatch(text.strip())
    try:
        if ago:
            return to_iso(present - timedelta(**{_UNITS[ago[2]]: int(ago[1])}))
        return to_iso(from_iso(text.strip()))
    except (ValueError, OverflowError) as error:
        raise InvalidRequest(
            f"{text!r} is no time.",
            "Write 2026-01-31T12:00 (UTC), one with an offset, or how long ago: 90s, 10m, 2h, 1d.",
        ) from error
