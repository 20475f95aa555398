"""Debug sessions: what a kernel's debugger knew, from its start to its end."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from .execution import Kernel
from .purge import PurgeScope
from .times import from_iso, from_iso_or_none, to_iso, to_iso_or_none

EVENT = "event"
STOP = "stop"


@dataclass(frozen=True, slots=True)
class Cell:
    """Which cell a debugger's file stands for, by the last execution of exactly its text.

    `execution` is its number, `folder` its place in the ZIP's `executions/`.
    """

    execution: int
    folder: str
    cell_id: str | None
    notebook: str | None

    def to_json(self) -> dict[str, Any]:
        return {
            "cell_id": self.cell_id,
            "notebook": self.notebook,
            "execution": self.execution,
            "folder": self.folder,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Cell:
        """Read what `to_json` wrote. Raises KeyError on another layout."""
        return cls(data["execution"], data["folder"], data["cell_id"], data["notebook"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakpoint:
    """A line that was to stop at, for as long as it was set.

    `line` counts from 1 within the cell or file; `verified` is the debugger's word.
    """

    path: str
    line: int | None
    condition: str | None = None
    hit_condition: str | None = None
    log_message: str | None = None
    verified: bool | None = None
    cell: Cell | None = None
    set_at: datetime
    removed_at: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "cell": None if self.cell is None else self.cell.to_json(),
            "line": self.line,
            "condition": self.condition,
            "hit_condition": self.hit_condition,
            "log_message": self.log_message,
            "verified": self.verified,
            "set_at": to_iso(self.set_at),
            "removed_at": to_iso_or_none(self.removed_at),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Breakpoint:
        """Read what `to_json` wrote. Raises KeyError, ValueError or TypeError on another layout."""
        return cls(
            path=data["path"],
            line=data["line"],
            condition=data["condition"],
            hit_condition=data["hit_condition"],
            log_message=data["log_message"],
            verified=data["verified"],
            cell=None if data["cell"] is None else Cell.from_json(data["cell"]),
            set_at=from_iso(data["set_at"]),
            removed_at=from_iso_or_none(data["removed_at"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DebugSession:
    """One use of a kernel's debugger, without its stops and events.

    `number` counts from 1 within the recorded session. `info` is the debugger's own
    answer to debugInfo, `modules` are the names that it knew at the first stop.
    `dropped` counts events and stops beyond what is kept; `truncated`: some were
    purged, or came while nothing was recorded.
    """

    number: int
    kernel: Kernel
    incarnation: int
    notebook: str | None
    started_at: datetime
    ended_at: datetime | None = None
    end: str | None = None
    info: dict[str, Any] | None = None
    breakpoints: tuple[Breakpoint, ...] = ()
    modules: tuple[str, ...] = ()
    dropped: int = 0
    truncated: bool = False

    @property
    def digest(self) -> str:
        """Eight hex digits that stand for it in names."""
        started = to_iso(self.started_at)
        text = f"{self.kernel.id}\n{self.incarnation}\n{self.number}\n{started}"
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]

    @property
    def folder(self) -> str:
        """Its folder in the ZIP's `debug/`, such as `session_1_ab12cd34`."""
        return f"session_{self.number}_{self.digest}"

    def without(self, scope: PurgeScope, executions: Collection[int]) -> DebugSession:
        """Return what a purge leaves: when it was used. `executions` go with the scope."""
        wholly = scope.is_all or (scope.notebook is not None and scope.notebook == self.notebook)
        kept = tuple(
            one
            for one in self.breakpoints
            if not wholly
            and not (scope.since is not None and one.set_at >= scope.since)
            and not (one.cell is not None and one.cell.execution in executions)
        )
        if not wholly and scope.since is None and kept == self.breakpoints:
            return self
        return replace(self, breakpoints=kept, info=None, modules=(), truncated=True)

    def to_json(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "id": self.digest,
            "kernel": {
                "id": self.kernel.id,
                "name": self.kernel.name,
                "language": self.kernel.language,
                "file_extension": self.kernel.file_extension,
                "incarnation": self.incarnation,
            },
            "notebook": self.notebook,
            "started_at": to_iso(self.started_at),
            "ended_at": to_iso_or_none(self.ended_at),
            "end": self.end,
            "truncated": self.truncated,
            "dropped": self.dropped,
            "info": self.info,
            "breakpoints": [one.to_json() for one in self.breakpoints],
            "modules": list(self.modules),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> DebugSession:
        """Read what `to_json` wrote. Raises KeyError, ValueError or TypeError on another layout."""
        kernel = data["kernel"]
        return cls(
            number=data["number"],
            kernel=Kernel(
                kernel["id"], kernel["name"], kernel["language"], kernel["file_extension"]
            ),
            incarnation=kernel["incarnation"],
            notebook=data["notebook"],
            started_at=from_iso(data["started_at"]),
            ended_at=from_iso_or_none(data["ended_at"]),
            end=data["end"],
            info=data["info"],
            breakpoints=tuple(Breakpoint.from_json(one) for one in data["breakpoints"]),
            modules=tuple(data["modules"]),
            dropped=data["dropped"],
            truncated=data["truncated"],
        )


@dataclass(frozen=True, slots=True)
class DebugItem:
    """A stop or event of the debug session of this number, as debug_data.json has it.

    `execution` is the number of the execution that it came in.
    """

    session: int
    kind: str
    at: datetime
    execution: int | None
    content: dict[str, Any]


@dataclass(frozen=True, slots=True)
class DebugRecord:
    """A whole debug session; `stops` and `events` are JSON objects in ASCII, in their order."""

    session: DebugSession
    stops: tuple[str, ...] = ()
    events: tuple[str, ...] = ()

    @property
    def modified(self) -> datetime:
        return self.session.ended_at or self.session.started_at


@dataclass(frozen=True, slots=True)
class KernelDebugger:
    """Whether a kernel has a debugger that can be asked; None where it never told."""

    kernel_id: str
    name: str
    has_one: bool | None
