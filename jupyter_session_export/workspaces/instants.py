"""Times as collectors write them, as microseconds since the epoch in UTC."""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta, timezone
from typing import Any

NAIVE = "no offset, taken as UTC"
UNSET = "before 2000: the clock was not set"
AHEAD = "after the export: the clock was ahead"
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_NAIVE = _EPOCH.replace(tzinfo=None)
_MICRO = timedelta(microseconds=1)
_CLOCK = (
    r"(?:[T\s]+(?P<hour>[0-9]{1,2}):?(?P<minute>[0-9]{2})(?::?(?P<second>[0-9]{2})"
    r"(?:[.,](?P<fraction>[0-9]{1,12}))?)?)?\s*"
    r"(?P<offset>Z|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)
_YEAR_FIRST = re.compile(
    r"(?P<year>[0-9]{4})(?P<mark>[-/.]?)(?P<month>[0-9]{2})(?P=mark)(?P<day>[0-9]{2})" + _CLOCK,
    re.IGNORECASE,
)
_DAY_FIRST = re.compile(
    r"(?P<day>[0-9]{1,2})\.(?P<month>[0-9]{1,2})\.(?P<year>[0-9]{4}),?" + _CLOCK, re.IGNORECASE
)
_NUMBER = re.compile(r"-?[0-9]{1,20}(?:\.[0-9]*)?(?:[eE]\+?[0-9]{1,2})?")
_SCALES = ((1e11, 1_000_000), (1e14, 1_000), (1e17, 1))
"""Up to what number it counts seconds, milliseconds, microseconds; above it, nanoseconds."""
_LATEST = 253_402_300_799_999_999
_CENTURY = 946_684_800_000_000


class NoTime(ValueError):
    """What was given is no time, or could be several; the message says which."""


def micros_of(given: Any) -> tuple[int, str | None]:
    """Return a time and what was assumed of it. Raises NoTime."""
    if isinstance(given, str):
        text = given.strip()
        if not _NUMBER.fullmatch(text) or len(text) == 8:
            return _read(text)
        given = float(text) if "." in text or "e" in text.lower() else int(text)
    if isinstance(given, (int, float)) and not isinstance(given, bool):
        return _count(given), None
    raise NoTime("no time" if given is None else f"{_short(given)} is no time")


def doubted(micros: int, present: int) -> str | None:
    """Return why a time can hardly be right; a day ahead is let pass."""
    if micros < _CENTURY:
        return UNSET
    return AHEAD if micros > present + 86_400_000_000 else None


def micros_at(time: datetime) -> int:
    """Return an aware time as microseconds."""
    return (time - _EPOCH) // _MICRO


def datetime_at(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)


def iso_at(micros: int) -> str:
    """Write a time as `records.times.to_iso` does, at once."""
    return (_NAIVE + timedelta(microseconds=micros)).isoformat(timespec="microseconds") + "Z"


def _count(number: float) -> int:
    if not math.isfinite(number):
        raise NoTime(f"{number} is no time")
    size = abs(number)
    factor = next((factor for limit, factor in _SCALES if size < limit), None)
    micros = number // 1000 if factor is None else number * factor
    if isinstance(micros, float):
        micros = round(micros)
    if not 0 <= micros <= _LATEST:
        raise NoTime(f"{_short(number)} is no time")
    return int(micros)


def _read(text: str) -> tuple[int, str | None]:
    match = _YEAR_FIRST.fullmatch(text) or _DAY_FIRST.fullmatch(text)
    if match is None:
        if re.match(r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}", text):
            raise NoTime(f"{_short(text)}: a date with the day or the month first can't be told")
        raise NoTime(f"{_short(text)} is no time" if text else "no time")
    try:
        return _micros(match), None if match["offset"] else NAIVE
    except (ValueError, OverflowError):
        raise NoTime(f"{_short(text)} is not in the calendar") from None


def _micros(match: re.Match[str]) -> int:
    date = [int(match[part]) for part in ("year", "month", "day")]
    second = int(match["second"] or 0)
    clock = [int(match["hour"] or 0), int(match["minute"] or 0), min(second, 59)]
    time = datetime(*date, *clock, tzinfo=timezone.utc)  # type: ignore[misc, arg-type]  # six numbers
    if second > 60:
        raise ValueError(second)
    fraction = int((match["fraction"] or "").ljust(6, "0")[:6])
    leap = 1_000_000 if second == 60 else 0
    micros = micros_at(time) + fraction + leap - _offset(match["offset"] or "Z")
    if not 0 <= micros <= _LATEST:
        raise ValueError(micros)
    return micros


def _offset(text: str) -> int:
    if text[0] not in "+-":
        return 0
    digits = text[1:].replace(":", "").ljust(4, "0")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if hours > 23 or minutes > 59:
        raise ValueError(text)
    size = (hours * 60 + minutes) * 60_000_000
    return size if text[0] == "+" else -size


def _short(given: Any) -> str:
    text = repr(given)
    return text if len(text) <= 60 else text[:57] + "..."
