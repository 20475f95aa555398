"""`jupyter session-export list`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ..client.wording import duration, size
from ..records.session import Session
from ..records.times import now
from ..store.catalog import Catalog
from .screen import Screen

TITLES = ("SESSION", "ID", "OWNER", "STARTED", "STATE", "SIZE")


@dataclass(frozen=True, slots=True)
class Listed:
    """A session with what the list says of it: `live`, `kept` or `ended`, and bytes on disk."""

    session: Session
    state: str
    bytes: int

    def to_json(self) -> dict[str, Any]:
        return {**self.session.to_json(), "state": self.state, "bytes": self.bytes}

    def row(self, present: datetime) -> tuple[str, ...]:
        session = self.session
        return (
            f"Session{session.number}",
            session.id,
            session.user_id,
            age(session.started_at, present),
            self.state,
            size(self.bytes),
        )


def list_sessions(catalog: Catalog, data_dir: Path, screen: Screen) -> int:
    """Write the sessions, the newest first."""
    sessions = sorted(catalog.sessions(), key=lambda session: session.number, reverse=True)
    listed = [
        Listed(session, _state(catalog, session), folder_bytes(data_dir / "sessions" / session.id))
        for session in sessions
    ]
    if screen.json:
        screen.document([each.to_json() for each in listed])
    elif listed:
        present = now()
        screen.table(TITLES, [each.row(present) for each in listed])
    else:
        screen.note(f"No session is recorded in {data_dir}.")
    return 0


def age(time: datetime, present: datetime) -> str:
    """Write how long ago it was; a clock that was set back makes it now."""
    return f"{duration(max(0.0, (present - time).total_seconds()))} ago"


def folder_bytes(folder: Path) -> int:
    """Return the bytes of all files beneath a folder that may change meanwhile."""
    return sum(_file_bytes(folder))


def _file_bytes(folder: Path) -> Iterator[int]:
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                yield Path(parent, name).lstat().st_size
            except FileNotFoundError:
                continue


def _state(catalog: Catalog, session: Session) -> str:
    if catalog.live_access(session.id) is not None:
        return "live"
    return "kept" if session.ended_at is None else "ended"
