"""What the recorder asks of a store. Any call may raise StoreError."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from ..records.activity import LogLine
from ..records.content import Member, Sealed
from ..records.execution import Execution, ExecutionKey
from ..records.purge import PurgeScope
from ..records.session import Session

JOURNAL = "journal.jsonl"
STDOUT = "stdout.txt"
STDERR = "stderr.txt"


class Spool(Protocol):
    """Append-only files of one execution that isn't sealed; the first append makes them.

    `name` is one of `journal.jsonl`, `stdout.txt`, `stderr.txt`. The recorder's
    thread appends while its sealer thread may read.
    """

    @property
    def number(self) -> int: ...
    def append(self, name: str, data: bytes) -> None: ...
    def size(self, name: str) -> int: ...
    def read(self, name: str, start: int = 0, end: int | None = None) -> Iterator[bytes]: ...
    def path(self, name: str) -> Path: ...
    def exists(self) -> bool: ...
    def close(self) -> None: ...
    def remove(self) -> None: ...


class Blobs(Protocol):
    """Content by its hash; any thread may call."""

    def put(self, content: bytes) -> Sealed: ...

    def put_file(self, path: Path) -> Sealed:
        """Seal a file of any size with bounded memory; it may grow while it is read."""

    def open(self, sealed: Sealed) -> Iterator[bytes]:
        """Yield the kept bytes (deflated or not)."""

    def read(self, sealed: Sealed) -> bytes:
        """Return the raw content."""


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
        self, execution: Execution, members: Iterable[Member], *, source_head: str = ""
    ) -> None:
        """Insert or replace an execution with its members."""

    def find(self, key: ExecutionKey) -> tuple[Execution, list[Member]] | None: ...
    def unfinished(self) -> Sequence[ExecutionKey]:
        """Return what is noted as running."""

    def log(self, line: LogLine) -> None: ...
    def note_notebook(self, path: str, kernel_id: str) -> None: ...
    def rename_notebook(self, old: str, new: str) -> None: ...
    def set_value(self, name: str, value: Any) -> None: ...
    def value(self, name: str) -> Any: ...
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
