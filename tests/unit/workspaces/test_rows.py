"""Rows of collectors' files become readings."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_session_export.workspaces.rows import Broken, Origin, expanded, readings_of

AT = "2025-05-02T10:15:00Z"
ORIGIN = Origin("a.json", 2_000_000_000_000_000)


def read(row: Any) -> list[tuple[Any, ...]]:
    found = [r for each in expanded(row) for r in readings_of(each, 7, ORIGIN)]
    return [(r.device, r.sensor, r.value, r.unit) for r in found]


def test_a_row_with_a_value_is_a_reading() -> None:
    """What else it holds is kept with it."""
    row = {"time": AT, "device": 17, "sensor": "t", "value": 21.5, "unit": " °C ", "battery": 97}
    (reading,) = readings_of(row, 7, ORIGIN)
    assert reading[1:5] == ("17", "t", 21.5, "°C")
    assert (reading.source, reading.row, reading.given) == ("a.json", 7, AT)
    assert reading.extra == {"battery": 97}


def test_a_row_with_a_column_for_each_sensor_is_several() -> None:
    """Headings may name units; empty cells are no readings."""
    row = {"ts": AT, "ieee_address": "0x1", "temperature (°C)": 21, "humidity": None, "id": 4}
    assert read(row) == [("0x1", "temperature", 21, "°C")]
    row = {"Time Stamp": 1, "timestamp": AT, "friendly_name": "w", "state": "ON", "battery": 97}
    assert read(row)[1:] == [("w", "battery", 97, None), ("w", "state", "ON", None)]


def test_nested_values_are_lifted() -> None:
    """A payload, an object with a unit, a list of rows within a row."""
    assert read({"time": AT, "device": "a", "payload": {"temperature": 1}}) == [
        ("a", "temperature", 1, None)
    ]
    assert read({"time": AT, "temperature": {"value": 1, "unit": "K"}}) == [
        (None, "temperature", 1, "K")
    ]
    nested = {"device": "a", "readings": [{"time": AT, "sensor": "x", "value": v} for v in (1, 2)]}
    assert read(nested) == [("a", "x", 1, None), ("a", "x", 2, None)]


def test_date_and_time_in_columns_of_their_own() -> None:
    """Both together are the time; a whole time in one of them does."""
    row = {"date": "2025-05-02", "time": "10:15:00", "sensor": "t", "value": 1}
    (reading,) = readings_of(row, 1, ORIGIN)
    (other,) = readings_of({**row, "time": AT}, 1, ORIGIN)
    assert reading.micros == other.micros


def test_types_may_mix() -> None:
    """One sensor gives numbers, texts, truth values, lists and nothing."""
    for value in (1, 1.5, "on", True, None, [1, 2], {"x": 1}):
        assert read({"time": AT, "sensor": "s", "value": value}) == [(None, "s", value, None)]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ([1, 2], "not an object"),
        ("text", "not an object"),
        ({"sensor": "s", "value": 1}, "no time"),
        ({"time": None, "sensor": "s", "value": 1}, "no time"),
        ({"time": "soon", "sensor": "s", "value": 1}, "'soon' is no time"),
        ({"time": AT, "value": 1}, "no sensor"),
        ({"time": AT, "sensor": " ", "value": 1}, "no sensor"),
        ({"time": AT, "device": "a"}, "no value"),
        ({"time": AT, "device": "a", "temperature": None}, "no value"),
    ],
)
def test_what_is_no_reading_says_why(row: Any, why: str) -> None:
    """So that a person can find it in the file."""
    with pytest.raises(Broken, match=why):
        read(row)


def test_rows_may_be_parted_by_sensor() -> None:
    """A device's object holds a list for each of its sensors."""
    row = {"device": "d", "t": [{"time": AT, "value": 1}], "h": [{"time": AT, "value": 2}]}
    assert read(row) == [("d", "t", 1, None), ("d", "h", 2, None)]


def test_home_automation_rows() -> None:
    """As Zigbee2MQTT logs messages, and Home Assistant states."""
    logged = {"topic": "zigbee2mqtt/w", "timestamp": AT, "payload": {"battery": 97, "state": "ON"}}
    assert read(logged) == [
        ("zigbee2mqtt/w", "battery", 97, None),
        ("zigbee2mqtt/w", "state", "ON", None),
    ]
    state = {
        "entity_id": "sensor.w",
        "state": "21.5",
        "last_changed": AT,
        "attributes": {"unit_of_measurement": "°C"},
    }
    assert read(state) == [("sensor.w", "state", "21.5", "°C")]
