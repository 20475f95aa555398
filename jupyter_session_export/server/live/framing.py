"""A run's events as lines of a response."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ...sessions.events import Event

NDJSON, SSE = "application/x-ndjson", "text/event-stream"
"""Newline-delimited JSON, and server-sent events."""


def wanted_kind(accept: str) -> str | None:
    """Return how a client that accepts this wants to hear of events; None for not at all."""
    kinds = [part.partition(";")[0].strip().lower() for part in accept.split(",")]
    return next((kind for kind in kinds if kind in (NDJSON, SSE)), None)


def to_json(event: Event) -> dict[str, Any]:
    """Return an event as clients see it: `event` says what else there is."""
    from ...sessions.events import (  # noqa: PLC0415 - nothing for a start
        Missed,
        Output,
        Progress,
        Stderr,
        Stdout,
    )

    if isinstance(event, (Stdout, Stderr)):
        name = "stdout" if isinstance(event, Stdout) else "stderr"
        return {"event": name, "text": event.text}
    if isinstance(event, Output):
        return {"event": "output", "output": dict(event.output)}
    if isinstance(event, Progress):
        return {"event": "progress", "stage": event.stage.to_json()}
    if isinstance(event, Missed):
        return {"event": "missed", "bytes": event.bytes}
    return {"event": "finished", "result": event.result.to_json()}


def framed(told: Mapping[str, Any], kind: str) -> bytes:
    """Return an event as bytes."""
    line = json.dumps(told).encode()
    if kind == NDJSON:
        return line + b"\n"
    return b"event: " + str(told["event"]).encode() + b"\ndata: " + line + b"\n\n"


def beat(kind: str) -> bytes:
    """Return what says nothing, but that somebody is still there."""
    return b"\n" if kind == NDJSON else b":\n\n"
