"""What a clean-up did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one session; `bytes` and `files` are those that went, or would go."""

    session_id: str
    number: int | None
    reason: str
    files: int = 0
    bytes: int = 0

    def to_json(self) -> dict[str, Any]:
        return {
            "session_id": self.session_id,
            "number": self.number,
            "reason": self.reason,
            "files": self.files,
            "bytes": self.bytes,
        }


@dataclass(slots=True)
class Report:
    """Sessions that ended, that were removed, that are in use, and that could not be removed."""

    dry_run: bool = False
    ended: list[Outcome] = field(default_factory=list)
    removed: list[Outcome] = field(default_factory=list)
    in_use: list[Outcome] = field(default_factory=list)
    failed: list[Outcome] = field(default_factory=list)

    @property
    def files(self) -> int:
        return sum(outcome.files for outcome in self.removed)

    @property
    def bytes(self) -> int:
        return sum(outcome.bytes for outcome in self.removed)

    def to_json(self) -> dict[str, Any]:
        def listed(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
            return [outcome.to_json() for outcome in outcomes]

        return {
            "dry_run": self.dry_run,
            "ended": listed(self.ended),
            "removed": listed(self.removed),
            "in_use": listed(self.in_use),
            "failed": listed(self.failed),
        }
