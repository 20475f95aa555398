"""`jupyter session-export list`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ..client.wording import duration, size
from ..errors import StoreError
from ..records.session import Session
from ..records.times import now
from ..store.catalog import Catalog
from .screen import Screen

TITLES = ("SESSION", "ID", "OWNER", "STARTED", "STATE", "EXECUTIONS", "SIZE")
LIVE, KEPT, ENDED = "live", "kept", "ended"
"""Held by a server, or a kernel that records itself, now; may be resumed by one; neither."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A session with what the list says of it.

    `executions` is None where the record can't be read, `bytes` is what its
    folder takes on disk.
    """

    session: Session
    state: str
    executions: int | None
    bytes: int

    @classmethod
    def inspect(cls, catalog: Catalog, session: Session) -> Listed:
        return cls(
            session,
            _state(catalog, session),
            _executions(catalog, session),
            folder_bytes(catalog.folder(session.id).path),
        )

    def to_json(self) -> dict[str, Any]:
        return {
            **self.session.to_json(),
            "state": self.state,
            "executions": self.executions,
            "bytes": self.bytes,
        }

    def row(self, present: datetime) -> tuple[str, ...]:
        return (
            f"Session{self.session.number}",
            self.session.id,
            self.session.user_id,
            age(self.session.started_at, present),
            self.state,
            "unreadable" if self.executions is None else f"{self.executions:,}",
            size(self.bytes),
        )


def list_sessions(catalog: Catalog, screen: Screen) -> int:
    """Write the sessions, the newest first; return 1 where one could not be read."""
    listed = [Listed.inspect(catalog, session) for session in catalog.sessions()]
    if screen.json:
        screen.document([each.to_json() for each in listed])
    elif listed:
        present = now()
        screen.table(TITLES, [each.row(present) for each in listed])
    else:
        screen.note(f"No session is recorded in {catalog.data_dir}.")
    for damaged in catalog.damaged:
        screen.note(f"Session {damaged.id} can't be read: {damaged.reason}")
    return 1 if catalog.damaged else 0


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
            except OSError:  # gone meanwhile, or another account's
                continue


def _state(catalog: Catalog, session: Session) -> str:
    if catalog.live_access(session.id) is not None:
        return LIVE
    if session.ended_at is not None:
        return ENDED
    return LIVE if session.kernel is not None and catalog.in_use(session.id) else KEPT


def _executions(catalog: Catalog, session: Session) -> int | None:
    try:
        with catalog.read(session.id) as record:
            return sum(record.stats().executions.values())
    except StoreError:
        return None
