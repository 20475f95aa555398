"""What an execution used of the machine, and how much there was for it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Limits:
    """What a container or a control group allows at most; None is no limit, or none known."""

    memory_bytes: int | None = None
    cpus: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """`resources` of metadata.json; what can't be had is None.

    `cpu_ms` is the CPU time of the kernel and its child processes; `peak_rss_bytes` the most
    memory that they held at once (pages that they share count for each); `read_bytes` and
    `write_bytes` what went from and to disks. The limits are those of the kernel's container.
    """

    cpu_ms: float | None = None
    peak_rss_bytes: int | None = None
    read_bytes: int | None = None
    write_bytes: int | None = None
    memory_limit_bytes: int | None = None
    cpu_limit: float | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Usage:
        """Read what `to_json` wrote."""
        return cls(**{field.name: data.get(field.name) for field in fields(cls)})
