"""Read the logs of exported sessions."""

from __future__ import annotations

import json
import zipfile
from typing import Any

Line = dict[str, Any]
FIELDS = ["time", "session_id", "user_id", "action", "target", "detail"]


def log_of(archive: zipfile.ZipFile, log: str = "activity") -> list[Line]:
    """Return the lines of a log, checked for their form and their order."""
    name = f"logs/{log}_log.jsonl"
    if name not in archive.namelist():
        return []
    lines = [json.loads(line) for line in archive.read(name).splitlines()]
    assert all(list(line) == FIELDS for line in lines)
    times = [line["time"] for line in lines]
    assert times == sorted(times)
    return lines


def told(lines: list[Line], *prefixes: str) -> list[tuple[str, str | None]]:
    """Return action and target of the lines whose action begins so."""
    return [
        (line["action"], line["target"]) for line in lines if line["action"].startswith(prefixes)
    ]
