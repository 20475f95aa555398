"""What is known of the devices that readings come from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from .instants import iso_at
from .values import canonical, clean

IDS = ("id", "device", "device_id", "ieee_address", "ieeeAddr", "friendly_name", "name", "mac")


def is_devices(name: str) -> bool:
    """Tell whether a file of this name lists devices and no readings."""
    return name.lower() == "devices.json"


def devices_in(value: Any, key: str | None) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (id, facts) of what stands for one device; `key` is the member that it stood in."""
    if isinstance(value, str) and value.strip():
        yield clean(value.strip()), {}
    if not isinstance(value, dict):
        return
    facts = {clean(str(name)): canonical(each) for name, each in value.items()}
    found = next((facts[name] for name in IDS if facts.get(name)), None)
    if key not in (None, "devices"):
        yield clean(str(key)), facts
    elif found is not None:
        yield clean(str(found)), facts


def merged(
    told: Iterable[tuple[str, str, dict[str, Any]]], read: Iterable[str]
) -> list[dict[str, Any]]:
    """Return devices.json: each device once, what was said last counting, sorted by id.

    `told` are (source, id, facts); `read` the devices that only readings name.
    """
    devices: dict[str, dict[str, Any]] = {}
    for source, device, facts in told:
        known = devices.setdefault(device, {"id": device, "registered": True, "sources": []})
        if source not in known["sources"]:
            known["sources"].append(source)
        at = facts.get("registered_at")
        times = {"registered_at": iso_at(at)} if isinstance(at, int) else {}
        known.update({**facts, **times, "id": device, "sources": known["sources"]})
    for device in read:
        devices.setdefault(device, {"id": device, "registered": False, "sources": []})
    return [devices[device] for device in sorted(devices)]
