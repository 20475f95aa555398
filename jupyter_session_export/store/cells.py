"""Texts and times as the database holds them.

A text that UTF-8 can't carry (a lone surrogate from a client or a kernel) is
held as a BLOB instead of TEXT. SQLite never takes one for the other, so keys
stay unique and every text comes back as it was.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from json import JSONEncoder

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)
_LARGEST_INTEGER = 2**63 - 1

to_json = JSONEncoder(separators=(",", ":")).encode
"""Write JSON in ASCII, so that lone surrogates are escaped."""


def to_cell(text: str) -> str | bytes:
    """Return the value that stands for a text in the database."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
    return text


def from_cell(cell: str | bytes) -> str:
    """Return the text that `to_cell` was given."""
    return cell if isinstance(cell, str) else cell.decode("utf-8", "surrogatepass")


def to_optional_cell(text: str | None) -> str | bytes | None:
    return None if text is None else to_cell(text)


def from_optional_cell(cell: str | bytes | None) -> str | None:
    return None if cell is None else from_cell(cell)


def to_integer(number: int | None) -> int | None:
    """Return a number from outside; None where SQLite's 64 bits don't hold it."""
    return None if number is None or abs(number) > _LARGEST_INTEGER else number


def to_micros(time: datetime) -> int:
    """Return the microseconds since the epoch; exact, and negative before 1970."""
    return (time - EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    # Twice as fast as a timedelta of as many microseconds.
    return EPOCH + _MICROSECOND * micros


def to_optional_micros(time: datetime | None) -> int | None:
    return None if time is None else to_micros(time)


def from_optional_micros(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)
