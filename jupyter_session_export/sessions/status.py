"""How a session stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..records.times import to_iso, to_iso_or_none
from .result import Cost


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStatus:
    """How a session stands.

    `status` is `idle`, `busy`, `frozen`, `suspended`, `dead` (its kernel has ended, or could not
    be started anew: `restart` tries it) or `closed`. `expires_at` and `remaining`, in seconds, are
    None without end, and while it is suspended; of a closed session they tell when it ended, and
    0. `memory_bytes` and `cpu_seconds` are those of the kernel's process and of what that has
    started, None where that is no process of this machine.
    """

    id: str
    name: str | None
    status: str
    language: str
    created_at: datetime
    expires_at: datetime | None
    remaining: float | None
    runs: int
    cost: Cost
    cpu_seconds: float | None = None
    memory_bytes: int | None = None
    installed_packages: Sequence[str] = ()
    uploaded_files: Sequence[str] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "status": self.status,
            "language": self.language,
            "created_at": to_iso(self.created_at),
            "expires_at": to_iso_or_none(self.expires_at),
            "remaining": None if self.remaining is None else round(self.remaining, 3),
            "runs": self.runs,
            "cost": self.cost.to_json(),
            "cpu_seconds": self.cpu_seconds,
            "memory_bytes": self.memory_bytes,
            "installed_packages": list(self.installed_packages),
            "uploaded_files": list(self.uploaded_files),
        }
