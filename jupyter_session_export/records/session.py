"""A session: one owner's stay on one Jupyter server."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .times import from_iso, from_iso_or_none, to_iso, to_iso_or_none

ENVIRONMENT = "environment"
"""The fact of a session's record that says what its recorder ran on."""


@dataclass(frozen=True, slots=True)
class SessionKey:
    """What makes a restarted server resume a session: who, and which root folder."""

    owner: str
    root: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many a session has; executions are those that an export has, tools left out.

    `errors` are executions whose status is `error`; `kernels` also those that are gone.
    """

    notebooks: int = 0
    executions: int = 0
    errors: int = 0
    kernels: int = 0

    def to_json(self) -> dict[str, int]:
        # `asdict` takes ten times as long, and lists have 1,000 of these.
        return {
            "notebooks": self.notebooks,
            "executions": self.executions,
            "errors": self.errors,
            "kernels": self.kernels,
        }

    @classmethod
    def from_json(cls, data: Any) -> Counts | None:
        """Read what `session.json` has; None where an older version wrote it."""
        names = cls.__slots__
        known = isinstance(data, dict) and all(isinstance(data.get(name), int) for name in names)
        return cls(**{name: data[name] for name in names}) if known else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What a list of sessions needs to know; kept as `session.json`.

    `id` is 32 hex digits, `number` counts from 1 within the data folder,
    `owner` is the owner's id (`guest_<id>` is the user id that a guest is shown
    under), `root` the served root folder (empty where there is none). `counts`
    are as of when this was written, and None where nobody has counted.
    """

    id: str
    number: int
    owner: str
    guest: bool
    root: str
    started_at: datetime
    last_active_at: datetime
    ended_at: datetime | None = None
    counts: Counts | None = None

    @property
    def key(self) -> SessionKey:
        return SessionKey(self.owner, self.root)

    @property
    def user_id(self) -> str:
        """Who the record says it was: the owner, or the guest of this session."""
        return f"guest_{self.id}" if self.guest else self.owner

    def to_json(self) -> dict[str, Any]:
        return {
            "version": 1,
            "id": self.id,
            "number": self.number,
            "owner": self.owner,
            "guest": self.guest,
            "root": self.root,
            "started_at": to_iso(self.started_at),
            "last_active_at": to_iso(self.last_active_at),
            "ended_at": to_iso_or_none(self.ended_at),
            "counts": None if self.counts is None else self.counts.to_json(),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Session:
        """Read `session.json`. Raises KeyError, ValueError or TypeError on another layout."""
        return cls(
            id=data["id"],
            number=data["number"],
            owner=data["owner"],
            guest=data["guest"],
            root=data["root"],
            started_at=from_iso(data["started_at"]),
            last_active_at=from_iso(data["last_active_at"]),
            ended_at=from_iso_or_none(data["ended_at"]),
            counts=Counts.from_json(data.get("counts")),
        )
