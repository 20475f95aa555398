"""What the recorder asks of a store. Any call may raise StoreError."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Protocol

from ..records.activity import LogLine
from ..records.content import Member, Sealed
from ..records.debugging import DebugItem, DebugSession
from ..records.execution import Execution, ExecutionKey
from ..records.purge import PurgeScope
from ..records.session import Session
from ..records.shown import Shown
from ..records.widgets import WidgetModel

JOURNAL = "journal.jsonl"
STDOUT = "stdout.txt"
STDERR = "stderr.txt"
FILES = (STDOUT, STDERR, JOURNAL)
"""In the order of flushing: a crash may leave stream bytes without a line, never the reverse."""


class Spool(Protocol):
    """Append-only files of one execution that isn't sealed; the first append makes them.

    `name` is one of `journal.jsonl`, `stdout.txt`, `stderr.txt`. The recorder's
    thread appends while its sealer thread may read.
    """

    @property
    def number(self) -> int: ...
    @property
    def tail_number(self) -> int: ...
    def tail(self, number: int) -> Spool:
        """Return a spool beside this one, which goes with it; the numbers begin with 1."""

    def tails(self) -> Sequence[Spool]:
        """Return those that there are, by number."""

    def append(self, name: str, data: bytes) -> None: ...
    def size(self, name: str) -> int: ...
    def read(self, name: str, start: int = 0, end: int | None = None) -> Iterator[bytes]: ...
    def exists(self) -> bool: ...
    def last_written(self) -> datetime:
        """Return when its writer was last heard of."""

    def close(self) -> None: ...
    def remove(self) -> None: ...


class Contents(Protocol):
    """What was kept, to be read in any thread."""

    def read(self, sealed: Sealed) -> bytes:
        """Return the raw content."""


class Blobs(Contents, Protocol):
    """Content by its hash; any thread may call."""

    def put(self, content: bytes) -> Sealed: ...

    def put_read(self, size: int, read: Callable[[int, int], bytes]) -> Sealed:
        """Seal content of any size with bounded memory; `read` is given offset and length."""

    def let_go(self, sealed: Sealed) -> None:
        """Take note that what was put won't be written."""

    def open(self, sealed: Sealed) -> Iterator[bytes]:
        """Yield the kept bytes (deflated or not)."""


class Sink(Protocol):
    """One session's record. Every call comes from the recorder's thread, but for `session`."""

    @property
    def session(self) -> Session: ...
    @property
    def blobs(self) -> Blobs: ...
    @property
    def position(self) -> int: ...
    def next_number(self) -> int: ...
    def begin(self, execution: Execution) -> None: ...
    def write(
        self,
        execution: Execution,
        members: Iterable[Member],
        *,
        source_head: str = "",
        shown: Shown | None = None,
    ) -> None:
        """Insert or replace an execution with its members, and what a notebook shows of it."""

    def has(self, key: ExecutionKey) -> bool:
        """Tell whether an execution of this key was noted, however long ago."""

    def find(self, key: ExecutionKey) -> tuple[Execution, list[Member]] | None: ...
    def unfinished(self) -> Sequence[ExecutionKey]:
        """Return what is noted as running."""

    def log(self, line: LogLine) -> None: ...
    def note_notebook(self, path: str, kernel_id: str) -> None: ...
    def rename_notebook(self, old: str, new: str) -> bool:
        """Follow a notebook, or all of a folder; tell whether the session knew any."""

    def set_value(self, name: str, value: Any) -> None: ...
    def value(self, name: str) -> Any: ...
    def next_debug_number(self) -> int: ...
    def save_debug_session(self, session: DebugSession) -> None:
        """Insert or replace a debug session; its stops and events stay."""

    def add_debug_item(self, item: DebugItem) -> None: ...
    def end_debug_sessions(self, at: datetime, cause: str) -> None:
        """End those that a crashed writer left open."""

    def purge_debugging(self, scope: PurgeScope, numbers: Collection[int]) -> int:
        """Remove stops and events, of these executions too; return their bytes."""

    def write_widgets(self, models: Iterable[WidgetModel], gone: Iterable[tuple[str, str]]) -> None:
        """Insert or replace models; remove those of which (kernel id, id) is given."""

    def forget_widgets(self, scope: PurgeScope, numbers: Collection[int]) -> None:
        """Remove the models that a purge of these executions means."""

    def forget_deeds(self, scope: PurgeScope) -> None:
        """Remove the log's lines that a purge means, of what people did with files."""

    def commit(self) -> None: ...
    def matching(self, scope: PurgeScope) -> set[int]:
        """Return the numbers of the executions that are to go."""

    def purge(self, numbers: Collection[int], needed: Iterable[Sealed]) -> int:
        """Remove executions; return their bytes. `needed` is what was put and will be written."""

    def scrub(self, *, anyway: bool = False) -> bool:
        """Delete content that nothing refers to, without a trace; False while it is held.

        Then nothing is done, or `anyway` what can be.
        """

    def check(self) -> None:
        """Raise StoreDamaged where what was committed can't be read back."""

    def collect(self) -> None:
        """Commit, and delete content that nothing in the record refers to any more."""

    def spool(self, number: int) -> Spool: ...
    def leftovers(self) -> Sequence[Spool]: ...
    def touch(self, at: datetime) -> None: ...
    def end(self, at: datetime) -> None: ...
    def close(self) -> None: ...
