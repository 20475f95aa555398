"""What an export needs to know of a record, frozen at one position."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..records.content import Member
from ..records.debugging import DebugRecord
from ..records.execution import Kernel, Status
from ..records.session import Session
from .database import Row
from .pins import Pin
from .rows import SIZE_COLUMN, to_member


@dataclass(slots=True)
class RecordedExecution:
    """An execution without what its metadata.json says besides.

    `digest` are the eight hex digits of its key, `source_head` is how its
    source begins, `notebook` where the notebook lies now. `member_rows` become
    `members` when they are asked for, since a plan may have 100,000 of them.
    """

    number: int
    digest: str
    kernel: Kernel
    incarnation: int
    status: Status
    cause: str | None
    notebook: str | None
    cell_id: str | None
    execution_count: int | None
    error_name: str | None
    submitted_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    cpu_ms: float | None
    peak_rss_bytes: int | None
    tool: bool
    truncated: bool
    recovered: bool
    source_head: str
    member_rows: list[Row]

    @property
    def folder(self) -> str:
        """Its folder in the ZIP's `executions/`; as `Execution.folder`."""
        return f"execution_{self.number}_{self.digest}"

    @property
    def members(self) -> list[Member]:
        """The members that an export has, in their order; made anew at each call."""
        return [to_member(row) for row in self.member_rows]

    @property
    def bytes(self) -> int:
        """The raw size of its members."""
        return sum(row[SIZE_COLUMN] for row in self.member_rows)


@dataclass(frozen=True, slots=True)
class RecordedNotebook:
    """A notebook of the session; `kernel_id` is the kernel that it was last seen with."""

    path: str
    kernel_id: str
    first_seen: datetime
    last_seen: datetime


@dataclass(frozen=True, slots=True)
class RecordPlan:
    """A record at `position`; its content is pinned until `release` (a context manager too).

    `executions` are in the order of their numbers, running ones among them,
    without members, and `measured` what `measurements` reads of all of them.
    `log_lines` holds, for each log, its lines as JSON objects in ASCII; `facts`
    what the recorder noted by name; `widgets` the JSON of each widget's model by its id.
    """

    position: int
    session: Session
    executions: list[RecordedExecution]
    measured: list[Row]
    notebooks: list[RecordedNotebook]
    kernels: list[Kernel]
    debug: list[DebugRecord]
    facts: dict[str, Any]
    log_lines: dict[str, list[str]]
    widgets: dict[str, str]
    pin: Pin

    @property
    def counts(self) -> dict[Status, int]:
        """How many of its executions have each status."""
        return dict(Counter(execution.status for execution in self.executions))

    def digests(self) -> frozenset[bytes]:
        """The SHA-256 of each content that its members have."""
        return frozenset(row[1] for execution in self.executions for row in execution.member_rows)

    def release(self) -> None:
        """Let its content go, when nothing will be read of it any more."""
        self.pin.release()

    def __enter__(self) -> RecordPlan:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


@dataclass(frozen=True, slots=True)
class RecordStats:
    """Figures of a record; bytes are those of the members that an export has, tools left out.

    `stored_bytes` is how many they take in a ZIP; `tools` counts executions
    that tools sent, which `executions` leaves out.
    """

    executions: dict[Status, int]
    tools: int
    members: int
    bytes: int
    stored_bytes: int
    notebooks: int
    log_lines: dict[str, int]
    log_bytes: dict[str, int]
    debug_sessions: int
    debug_stops: int
    debug_bytes: int
    first_started_at: datetime | None
    last_finished_at: datetime | None
