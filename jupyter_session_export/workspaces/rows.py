"""A row of a collector's file becomes readings: one, or one for each sensor that has a column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ..records.reading import Reading
from .columns import GENERIC, NESTED, Roles, plain, roles_of
from .instants import doubted, micros_of
from .values import canonical, clean

_CLOCK = re.compile(r"[0-9]{1,2}:[0-9]{2}")


class Broken(ValueError):
    """No reading can be made of a row; the message says why."""


class Origin(NamedTuple):
    """Where rows come from; `present` is the time of the export in microseconds."""

    source: str
    present: int


def expanded(row: Any) -> list[Any]:
    """Return the rows that a row holds, each with what is around it; itself where it holds none.

    The members of a payload are lifted into the row.
    """
    if not isinstance(row, Mapping):
        return [row]
    timed = roles_of(tuple(key for key in row if not _is_rows(row[key]))).time is not None
    lists = [key for key in row if _is_rows(row[key]) and (plain(key) in NESTED or not timed)]
    if lists:
        around = {key: row[key] for key in row if key not in lists}
        return [
            inner
            for key in lists
            for each in row[key]
            for inner in expanded({**around, **_named(key), **each})
        ]
    for key in row:
        if isinstance(row[key], dict) and plain(key) in NESTED:
            around = {name: row[name] for name in row if name != key}
            return expanded({**around, **row[key]})
    return [row]


def readings_of(row: Any, number: int, origin: Origin) -> list[Reading]:
    """Return the readings of an expanded row, at least one. Raises Broken."""
    if not isinstance(row, Mapping):
        raise Broken("not an object with time, sensor and value")
    roles = roles_of(tuple(row))
    given, micros, note = _time(row, roles, origin.present)
    device = _text(row[roles.device]) if roles.device else None
    extra = {clean(str(key)): _value(row[key]) for key in roles.extra} or None
    found = [_single(row, roles)] if roles.value is not None else list(_measured(row, roles))
    if not found:
        raise Broken("no value")
    return [
        Reading(micros, device, sensor, value, unit, origin.source, number, given, note, extra)
        for sensor, value, unit in found
    ]


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, dict) for v in value)


def _named(key: str) -> dict[str, str]:
    """Take a member's name for the sensor of the rows in it, unless any file has such a member."""
    return {} if plain(key) in NESTED | GENERIC else {"sensor": key}


def _time(row: Mapping[str, Any], roles: Roles, present: int) -> tuple[Any, int, str | None]:
    if roles.time is None:
        raise Broken("no time")
    given = row[roles.time]
    if roles.clock is not None:
        clock = str(row[roles.clock])
        given = f"{given} {clock}" if _CLOCK.match(clock) else row[roles.clock]
    try:
        micros, note = micros_of(given)
    except ValueError as error:
        raise Broken(str(error)) from None
    return given, micros, doubted(micros, present) or note


def _single(row: Mapping[str, Any], roles: Roles) -> tuple[str, Any, str | None]:
    sensor = _text(row[roles.sensor]) if roles.sensor else None
    if sensor is None:
        raise Broken("no sensor")
    unit = _text(row[roles.unit]) if roles.unit else None
    return sensor, _value(row[roles.value or ""]), unit


def _measured(row: Mapping[str, Any], roles: Roles) -> Iterator[tuple[str, Any, str | None]]:
    # A unit of the row can be that of one measure only.
    alone = _text(row[roles.unit]) if roles.unit and len(roles.measures) == 1 else None
    for column, sensor, heading in roles.measures:
        value, unit = row[column], heading or alone
        if isinstance(value, dict) and "value" in value:
            unit = _text(value.get("unit")) or unit
            value = value["value"]
        if value is not None:
            yield clean(sensor), _value(value), unit


def _value(value: Any) -> Any:
    try:
        return canonical(value)
    except (ValueError, TypeError, RecursionError) as error:
        raise Broken(f"its value can't be kept: {error}") from None


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, (dict, list)):
        return None
    return clean(str(value).strip()) or None
