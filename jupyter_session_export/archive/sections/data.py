"""data/: the session itself and the environment it ran in."""

from __future__ import annotations

from collections.abc import Iterator

from ..contents import ArchiveContent
from ..entries import Entry, LedgerLine
from ..names import Names
from ..tally import Tally
from .made import json_entry
from .readings import plan_readings
from .timeline import plan_timeline


def plan_data(content: ArchiveContent, tally: Tally, names: Names) -> Iterator[Entry | LedgerLine]:
    """Yield session_metadata.json, the readings, and the time line of all."""
    session = content.session
    metadata = {
        **session.to_json(),
        "user_id": session.user_id,
        "record_position": content.record_position,
        "environment": dict(content.environment),
        **content.insights().to_json(),
    }
    path = names.claim("data/session_metadata.json")
    yield json_entry(path, metadata, content.modified)
    yield from plan_readings(content, tally, names)
    yield from plan_timeline(content, tally, names)
