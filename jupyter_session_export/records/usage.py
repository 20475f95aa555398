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
    memory that they held at once (pages that they share count for each), `rss_bytes` what the
    kernel itself held when the execution ended; `read_bytes` and
    `write_bytes` what went from and to disks. The limits are those of the kernel's container.
    """

    cpu_ms: float | None = None
    peak_rss_bytes: int | None = None
    rss_bytes: int | None = None
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


NOT_MEASURED = Usage()
METADATA = "session_export"
"""Where a kernel's idle message has, in its metadata, what `Told.to_json` returns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a kernel itself says an execution used, child processes that have ended included."""

    cpu_ms: float
    peak_rss_bytes: int | None = None
    rss_bytes: int | None = None
    read_bytes: int | None = None
    write_bytes: int | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def by(cls, metadata: dict[str, Any]) -> Told | None:
        """Read a message's metadata, which any code in the kernel may have written."""
        data = metadata.get(METADATA)
        if not isinstance(data, dict):
            return None
        cpu_ms = figure(data.get("cpu_ms"))
        if cpu_ms is None:
            return None
        others = [figure(data.get(field.name)) for field in fields(cls)[1:]]
        sizes = (None if value is None else int(value) for value in others)
        peak, rss, read, written = sizes
        return cls(
            cpu_ms=cpu_ms, peak_rss_bytes=peak, rss_bytes=rss, read_bytes=read, write_bytes=written
        )


def figure(value: Any) -> float | None:
    """Return a figure that is none of ours, if it is one."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    # Below what SQLite and JavaScript can hold exactly; NaN fails every comparison.
    return float(value) if 0 <= value < 2**53 else None
