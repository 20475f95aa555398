"""A row of a collector's file becomes readings: one, or one for each sensor that has a column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ..records.reading import Reading
from .columns import NESTED, Roles, plain, roles_of
from .instants import doubted, micros_of
from .values import canonical, clean

_CLOCK = re.compile(r"[0-9]{1,2}:[0-9]{2}")


class Broken(ValueError):
    """No reading can be made of a row; the message says why."""


class Origin(NamedTuple):
    """Where rows come from, and what holds for each of them that doesn't say otherwise."""

    source: str
    present: int
    defaults: Mapping[str, Any] = {}


def readings_of(row: Any, number: int, origin: Origin) -> Iterator[Reading]:
    """Yield the readings of a row, at least one. Raises Broken before the first."""
    if not isinstance(row, Mapping):
        raise Broken("not an object with time, sensor and value")
    flat = _flat({**origin.defaults, **row} if origin.defaults else row)
    if isinstance(flat, list):
        return iter([reading for each in flat for reading in readings_of(each, number, origin)])
    roles = roles_of(tuple(flat))
    given, micros, note = _time(flat, roles, origin.present)
    device = _text(flat[roles.device]) if roles.device else None
    extra = {clean(str(key)): _value(flat[key]) for key in roles.extra} or None
    if roles.value is not None:
        found = [_single(flat, roles)]
    else:
        found = list(_measured(flat, roles.measures))
    if not found:
        raise Broken("no value")
    return iter(
        [
            Reading(micros, device, sensor, value, unit, origin.source, number, given, note, extra)
            for sensor, value, unit in found
        ]
    )


def _flat(row: Mapping[str, Any]) -> Mapping[str, Any] | list[Mapping[str, Any]]:
    """Lift the members of nested objects; a list of rows takes over what is around it."""
    for key in row:
        inner = row[key]
        if not isinstance(inner, (dict, list)) or plain(key) not in NESTED:
            continue
        around = {name: value for name, value in row.items() if name != key}
        if isinstance(inner, dict):
            return {**around, **inner}
        if inner and all(isinstance(each, dict) for each in inner):
            return [{**around, **each} for each in inner]
    return row


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


def _measured(
    row: Mapping[str, Any], measures: tuple[tuple[str, str, str | None], ...]
) -> Iterator[tuple[str, Any, str | None]]:
    for column, sensor, unit in measures:
        value = row[column]
        if isinstance(value, dict) and "value" in value:
            unit = _text(value.get("unit")) or unit  # noqa: PLW2901  # it overrides the heading's
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
