"""What a state holds, and what it doesn't."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ...records.times import from_iso, to_iso
from .rebuilding import Rebuild


@dataclass(frozen=True, slots=True)
class Kept:
    """A variable in a state; `kind` is `variable`, or `result` for what `Out[name]` is."""

    name: str
    kind: str
    type: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Lost:
    """A variable that couldn't be kept, or not be given back; why, and what would make it again."""

    name: str
    kind: str
    type: str
    reason: str
    rebuild: Rebuild | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "kind": self.kind,
            "type": self.type,
            "reason": self.reason,
            "rebuild": self.rebuild.to_json() if self.rebuild else None,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Lost:
        rebuild = data.get("rebuild")
        return cls(
            data["name"],
            data["kind"],
            data["type"],
            data["reason"],
            Rebuild.from_json(rebuild) if rebuild else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A session's variables at one time; `bytes` are those of its files."""

    name: str
    session_id: str
    created_at: datetime
    python: str
    bytes: int
    kept: tuple[Kept, ...]
    lost: tuple[Lost, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "session_id": self.session_id,
            "created_at": to_iso(self.created_at),
            "python": self.python,
            "bytes": self.bytes,
            "kept": [[each.name, each.kind, each.type, each.bytes] for each in self.kept],
            "lost": [each.to_json() for each in self.lost],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> State:
        return cls(
            name=data["name"],
            session_id=data["session_id"],
            created_at=from_iso(data["created_at"]),
            python=data["python"],
            bytes=data["bytes"],
            kept=tuple(Kept(*each) for each in data["kept"]),
            lost=tuple(Lost.from_json(each) for each in data["lost"]),
        )
