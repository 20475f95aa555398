"""What is known of devices."""

from __future__ import annotations

from jupyter_session_export.workspaces.devices import devices_in, merged


def test_a_device_is_known_by_its_id_or_its_member() -> None:
    """Or by its name alone; what names nothing is none."""
    assert list(devices_in({"ieee_address": "0x1", "x": 1}, None)) == [
        ("0x1", {"ieee_address": "0x1", "x": 1})
    ]
    assert list(devices_in({"x": 1}, "0x2")) == [("0x2", {"x": 1})]
    assert list(devices_in("0x3", "devices")) == [("0x3", {})]
    assert list(devices_in({"x": 1}, None)) == []
    assert list(devices_in(7, None)) == []


def test_each_device_is_listed_once() -> None:
    """What was said last counts; those that only readings name are not registered."""
    told = [("a", "d", {"name": "old", "room": 1}), ("b", "d", {"name": "new", "id": "other"})]
    one, other = merged(told, ["d", "e"])
    assert one == {"id": "d", "registered": True, "sources": ["a", "b"], "name": "new", "room": 1}
    assert other == {"id": "e", "registered": False, "sources": []}
