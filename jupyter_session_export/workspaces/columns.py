"""What the columns of collectors' files mean, by their names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from .values import clean


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


TIME = _words(
    """time timestamp ts datetime date_time time_utc utc at recorded_at measured_at created_at
    received_at event_time last_seen last_updated last_changed date t"""
)
DEVICE = _words(
    """device device_id deviceid friendly_name device_name ieee_address ieeeaddr ieee node node_id
    entity_id mac mac_address address topic"""
)
SENSOR = _words(
    """sensor sensor_id sensor_name sensor_type measurement metric property attribute channel
    quantity parameter field key type name"""
)
VALUE = _words("value val reading v state")
UNIT = _words("unit units unit_of_measurement uom")
"""Of each, the first that a row has counts."""
NESTED = frozenset(
    _words("payload data state values sensors measurements attributes fields readings")
)
"""Members that hold the sensors' own values."""
ASIDE = frozenset(
    _words(
        """id index row no number session session_id source model vendor manufacturer
        location room note duplicate message_id seq"""
    )
)
"""Columns that are no sensors in a row with a column for each sensor."""
GENERIC = frozenset(_words("readings data values measurements events records items results rows"))
"""Members around rows that name neither a device nor a sensor."""
_HEADING = re.compile(r"(?P<sensor>.+?)\s*[\[(](?P<unit>[^\[\]()]+)[\])]")


class Roles(NamedTuple):
    """What the columns of a row mean; `measures` are (column, sensor, unit)."""

    time: str | None
    clock: str | None
    device: str | None
    sensor: str | None
    value: str | None
    unit: str | None
    measures: tuple[tuple[str, str, str | None], ...]
    extra: tuple[str, ...]


@lru_cache(maxsize=1024)
def roles_of(columns: tuple[str, ...]) -> Roles:
    """Tell what columns mean by their names."""
    known = {plain(column): column for column in reversed(columns)}
    value = _first(known, VALUE)
    device, unit = _first(known, DEVICE), _first(known, UNIT)
    sensor = _first(known, SENSOR)
    time = _first(known, TIME)
    clock = None
    if "date" in known and "time" in known:
        time, clock = known["date"], known["time"]
    used = {time, clock, device, sensor, value, unit}
    rest = [column for column in columns if column not in used]
    # A `t` beside a time is a temperature.
    named = {*TIME, *DEVICE, *SENSOR, *UNIT, *ASIDE} - {"t"}
    measures = [column for column in rest if plain(column) not in named]
    if value is not None:
        # Beside other measures, or as a state, a value is one measure more.
        if sensor is not None or not (measures or plain(value) == "state"):
            return Roles(time, clock, device, sensor, value, unit, (), tuple(rest))
        rest.append(value)
        measures.append(value)
    return Roles(
        time,
        clock,
        device,
        sensor,
        None,
        unit,
        tuple((column, *_heading(column)) for column in measures),
        tuple(column for column in rest if column not in measures),
    )


def _first(known: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    return next((known[name] for name in names if name in known), None)


def plain(column: str) -> str:
    """Return a name without what writers of it differ in."""
    return column.strip().lower().replace(" ", "_").replace("-", "_")


def _heading(column: str) -> tuple[str, str | None]:
    """Part `temperature (°C)` into the sensor and its unit."""
    match = _HEADING.fullmatch(column.strip())
    return (match["sensor"], clean(match["unit"].strip())) if match else (column.strip(), None)
