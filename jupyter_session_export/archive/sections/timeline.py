"""data/timeline.json: executions, readings and recordings on one line of time, in UTC."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from ...records.recording import FROM_NAME, Recording
from ...records.times import to_iso, to_iso_or_none
from ..contents import ArchiveContent
from ..entries import Entry, Generated, LedgerLine
from ..names import Names
from ..tally import Tally
from .made import MADE

KERNEL, READING = "kernel", "reading"
"""Whose clock a time is of, where it is no recording's."""


def plan_timeline(
    content: ArchiveContent, tally: Tally, names: Names
) -> Iterator[Entry | LedgerLine]:
    """Yield timeline.json, if anything has a time."""
    events = sorted(_events(content, tally), key=lambda event: (event[0], event[1]["path"]))
    if events:
        path = names.claim("data/timeline.json")
        source = Generated(lambda: _document(event for _, event in events))
        yield Entry(path, source, content.modified, MADE)


def _events(content: ArchiveContent, tally: Tally) -> Iterator[tuple[datetime, dict[str, Any]]]:
    if "executions" in content.include:
        for execution in content.executions:
            start = execution.started_at
            if start is not None:
                path = f"executions/{execution.folder}"
                end = execution.finished_at
                yield start, _event("execution", path, start, end, KERNEL)
    for path, recording in tally.recordings:
        yield (
            recording.time,
            _event("recording", path, recording.time, _end(recording), recording.time_from),
        )
    for series in tally.series:
        path = "data/zigbee-data.json"
        event = _event("readings", path, series.first, series.last, READING)
        about = {"device": series.device, "sensor": series.sensor, "unit": series.unit}
        yield series.first, {**event, **about, "count": series.readings}


def _end(recording: Recording) -> datetime | None:
    """Return when a recording was last written to, if its name tells the beginning.

    A copy may have been made at any time: a day is the longest recording.
    """
    lasted = recording.modified - recording.time
    told = recording.time_from == FROM_NAME and timedelta(0) <= lasted <= timedelta(days=1)
    return recording.modified if told else None


def _event(
    kind: str, path: str, start: datetime, end: datetime | None, time_from: str
) -> dict[str, Any]:
    return {
        "start": to_iso(start),
        "end": to_iso_or_none(end),
        "kind": kind,
        "path": path,
        "time_from": time_from,
    }


def _document(events: Iterator[dict[str, Any]]) -> Iterator[bytes]:
    yield b'{"version": 1, "time_zone": "UTC", "events": ['
    separator = "\n"
    for event in events:
        yield (separator + json.dumps(event, ensure_ascii=False)).encode()
        separator = ",\n"
    yield b"\n]}\n"
