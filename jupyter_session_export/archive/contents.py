"""What an export holds, as the store and the server hand it over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from ..records.content import Member, Sealed
from ..records.debugging import DebugRecord, KernelDebugger
from ..records.execution import Status
from ..records.finding import Insights
from ..records.recording import PassedOver, Recording
from ..records.sections import DEFAULT_INCLUDE
from ..records.session import Session
from .entries import OnDisk
from .readings import Readings
from .widgets import Widgets


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedExecution:
    """An execution as a plan needs it. `source_head` is the first line of its source."""

    number: int
    folder: str
    status: Status
    notebook: str | None
    source_head: str
    started_at: datetime | None
    finished_at: datetime | None
    total_ms: float | None
    members: Sequence[Member]
    cell_id: str | None = None
    tool: bool = False
    truncated: bool = False
    cpu_ms: float | None = None
    peak_rss_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotebookCopy:
    """A notebook of the session.

    `content` is what is on disk, or `file` is where it is read from when its turn
    comes; where neither can be had `reason` says why: the notebook is then rebuilt
    from its executions. `is_notebook` is False for what is no notebook of format 4. `script` is the
    extension (with its dot) and bytes of the same code as a script; where there is
    none, `script_reason` may say why. `executions` is how often it was run. `note`
    says what of `content` is not as on disk.
    """

    path: str
    kernel_name: str | None
    language: str | None
    content: bytes | None
    modified: datetime | None
    file: OnDisk | None = None
    reason: str | None = None
    is_notebook: bool = True
    cells: int | None = None
    code_cells: int | None = None
    script: tuple[str, bytes] | None = None
    script_reason: str | None = None
    executions: int | None = None
    note: str | None = None


def _nothing(_: Sealed) -> bytes:
    return b""


def _no_insights() -> Insights:
    return Insights()


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveContent:
    """All that one export may pack, frozen at `record_position`.

    `notebooks` is `()` where there are none. `executions` is iterated again for
    each notebook that has to be rebuilt and `load` then gives the raw content of
    their members. `debuggers` are those of the session's kernels. `workspace` holds pairs
    of a folder to pack and the root that must not be left, `excluded` folders
    that are never packed. `outputs` is the folder of the session's own files.
    The logs' lines are JSON objects in ASCII.
    With `tools` what tools executed is packed as well.
    `insights` are made when they are first asked for.
    """

    session: Session
    exported_at: datetime
    record_position: int
    include: frozenset[str] = DEFAULT_INCLUDE
    executions: Iterable[RecordedExecution] = ()
    notebooks: Iterable[NotebookCopy | PassedOver] = ()
    activity_log: Sequence[str] = ()
    audit_log: Sequence[str] = ()
    debug: Sequence[DebugRecord] = ()
    debuggers: Sequence[KernelDebugger] = ()
    environment: Mapping[str, Any] = field(default_factory=dict)
    workspace: Sequence[tuple[Path, Path]] = ()
    outputs: Path | None = None
    tools: bool = False
    recordings: Iterable[Recording | PassedOver] = ()
    readings: Readings | None = None
    include_hidden: bool = False
    excluded: Sequence[Path] = ()
    widgets: Widgets = field(default_factory=lambda: Widgets({}))
    load: Callable[[Sealed], bytes] = _nothing
    insights: Callable[[], Insights] = _no_insights

    @property
    def modified(self) -> datetime:
        """The time of texts made for the archive: that of the session, never the export's."""
        return self.session.ended_at or self.session.last_active_at
