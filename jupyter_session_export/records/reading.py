"""Readings of sensors, the devices that they come from, and rows that are none."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple


class Reading(NamedTuple):
    """One value of one sensor.

    `micros` is its time in microseconds since the epoch, `given` that time as it
    came; `value` is JSON, but for floats that JSON has no way to write. `source`
    and `row` (from 1) say where it came from, `extra` what the row held besides.
    `note` says what was assumed; a `duplicate` equals one that sorts before it.
    """

    micros: int
    device: str | None
    sensor: str
    value: Any
    unit: str | None = None
    source: str = ""
    row: int = 0
    given: Any = None
    note: str | None = None
    extra: dict[str, Any] | None = None
    duplicate: bool = False


class Rejection(NamedTuple):
    """A row that no reading could be made of: `raw` is its text, cut where it is very long."""

    source: str
    row: int
    reason: str
    raw: str


class Series(NamedTuple):
    """All readings of one sensor of one device, without duplicates."""

    device: str | None
    sensor: str
    unit: str | None
    readings: int
    first: datetime
    last: datetime


class ReadingFigures(NamedTuple):
    """How many there are; `duplicates` are counted in `readings` too."""

    readings: int
    duplicates: int
    rejected: int
    devices: int
    first: datetime | None
    last: datetime | None
