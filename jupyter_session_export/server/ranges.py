"""Which bytes of a representation a request asks for (RFC 9110, section 14)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from ..errors import RangeNotSatisfiable

_ONE_RANGE = re.compile(r"bytes=[ \t]*(\d*)-(\d*)[ \t]*", re.IGNORECASE)
MOST_DIGITS = 19


@dataclass(frozen=True, slots=True)
class ByteRange:
    """The bytes from `start` up to but not including `end`, of `size`."""

    start: int
    end: int
    size: int

    @property
    def is_whole(self) -> bool:
        return (self.start, self.end) == (0, self.size)

    @property
    def content_range(self) -> str:
        return f"bytes {self.start}-{self.end - 1}/{self.size}"


def wanted_range(
    headers: Mapping[str, str], size: int, etag: str, modified: float | None = None
) -> ByteRange | None:
    """Return the range that is asked for; None for the whole. Raises RangeNotSatisfiable.

    Several ranges, other units, and what is malformed are answered with the whole,
    as is a range of something that has changed (If-Range).
    """
    match = _ONE_RANGE.fullmatch(headers.get("Range", ""))
    if match is None or not any(match.groups()):
        return None
    if not _is_the_same(headers.get("If-Range"), etag, modified):
        return None
    first, last = (_number(digits) for digits in match.groups())
    if first is None:
        start, end = max(0, size - (last or 0)), size
    elif last is not None and last < first:
        return None
    else:
        start, end = first, size if last is None else min(size, last + 1)
    if start >= end:
        raise RangeNotSatisfiable(f"There are {size} bytes.", "Ask for some of those.")
    return ByteRange(start, end, size)


def _number(digits: str) -> int | None:
    if len(digits) > MOST_DIGITS:
        # Python refuses to read numbers of thousands of digits; the bytes aren't there anyway.
        return int("9" * MOST_DIGITS)
    return int(digits) if digits else None


def _is_the_same(validator: str | None, etag: str, modified: float | None) -> bool:
    if validator is None:
        return True
    if validator.startswith(('"', "W/")):
        # A weak tag never matches here: RFC 9110, section 13.1.5.
        return validator == etag
    try:
        date = parsedate_to_datetime(validator)
    except (ValueError, TypeError):
        return False
    return modified is not None and date.timestamp() == int(modified)
