"""A sink in memory, with its spool in a folder; it can be told to fail."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from jupyter_session_export.content.codec import seal, unseal
from jupyter_session_export.errors import StoreUnavailable
from jupyter_session_export.records.activity import LogLine
from jupyter_session_export.records.content import Member, Sealed
from jupyter_session_export.records.execution import Execution, ExecutionKey, Status
from jupyter_session_export.records.purge import PurgeScope
from jupyter_session_export.records.session import Session
from jupyter_session_export.records.times import now


class FakeSpool:
    def __init__(self, sink: FakeSink, folder: Path, number: int) -> None:
        self.number = number
        self._sink = sink
        self._folder = folder

    def append(self, name: str, data: bytes) -> None:
        self._sink.check()
        self._folder.mkdir(parents=True, exist_ok=True)
        with self.path(name).open("ab") as file:
            file.write(data)
        with self._sink.written:
            self._sink.written.notify_all()

    def size(self, name: str) -> int:
        path = self.path(name)
        return path.stat().st_size if path.exists() else 0

    def read(self, name: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        if not self.path(name).exists():
            return
        with self.path(name).open("rb") as file:
            file.seek(start)
            left = self.size(name) - start if end is None else end - start
            while left > 0 and (chunk := file.read(min(left, 65536))):
                left -= len(chunk)
                yield chunk

    def path(self, name: str) -> Path:
        return self._folder / name

    def exists(self) -> bool:
        return self._folder.exists()

    def close(self) -> None:
        pass

    def remove(self) -> None:
        shutil.rmtree(self._folder)


class FakeBlobs:
    def __init__(self, sink: FakeSink) -> None:
        self._sink = sink
        self._kept: dict[str, tuple[Sealed, bytes]] = {}
        self._lock = threading.Lock()
        self.files = 0

    def put(self, content: bytes) -> Sealed:
        self._sink.check()
        sealed, kept = seal(content)
        with self._lock:
            self._kept[sealed.sha256] = sealed, bytes(kept)
        return sealed

    def put_file(self, path: Path) -> Sealed:
        self.files += 1
        return self.put(path.read_bytes())

    def open(self, sealed: Sealed) -> Iterator[bytes]:
        yield self._kept[sealed.sha256][1]

    def read(self, sealed: Sealed) -> bytes:
        return b"".join(unseal(sealed, self.open(sealed)))


class FakeSink:
    """Keeps executions and members in dicts; `failing` makes every call raise `error`."""

    def __init__(self, folder: Path, owner: str = "ada", session_id: str = "5" * 32) -> None:
        at = now()
        self.session = Session(
            id=session_id,
            number=1,
            owner=owner,
            guest=False,
            root="",
            started_at=at,
            last_active_at=at,
        )
        self.folder = folder
        self.blobs = FakeBlobs(self)
        self.position = 0
        self.failing = False
        self.error: Exception = StoreUnavailable("The disk is full.")
        self.closed = False
        self.written = threading.Condition()
        self.executions: dict[ExecutionKey, Execution] = {}
        self.members: dict[ExecutionKey, list[Member]] = {}
        self.heads: dict[ExecutionKey, str] = {}
        self.lines: list[LogLine] = []
        self.notebooks: list[tuple[str, str]] = []
        self.renames: list[tuple[str, str]] = []
        self.values: dict[str, Any] = {}
        self.needed: list[str] = []
        self.writes = 0
        self.collections = 0
        self._number = 0
        self.ended_at: datetime | None = None

    def check(self) -> None:
        if self.failing:
            raise self.error

    def next_number(self) -> int:
        self.check()
        self._number += 1
        return self._number

    def begin(self, execution: Execution) -> None:
        self.check()
        self._keep(execution, [])

    def write(
        self, execution: Execution, members: Iterable[Member], *, source_head: str = ""
    ) -> None:
        self.check()
        self.writes += 1
        self.heads[execution.key] = source_head
        self._keep(execution, list(members))

    def find(self, key: ExecutionKey) -> tuple[Execution, list[Member]] | None:
        self.check()
        if key not in self.executions:
            return None
        return self.executions[key], self.members[key]

    def log(self, line: LogLine) -> None:
        self.check()
        with self.written:
            self.lines.append(line)
            self.written.notify_all()

    def note_notebook(self, path: str, kernel_id: str) -> None:
        self.notebooks.append((path, kernel_id))

    def rename_notebook(self, old: str, new: str) -> None:
        self.renames.append((old, new))

    def set_value(self, name: str, value: Any) -> None:
        self.values[name] = value

    def value(self, name: str) -> Any:
        return self.values.get(name)

    def commit(self) -> None:
        self.check()

    def collect(self) -> None:
        self.check()
        with self.written:
            self.collections += 1
            self.written.notify_all()

    def matching(self, scope: PurgeScope) -> set[int]:
        """Know of all that scopes have but times and renamed notebooks."""
        return {
            one.number
            for one in self.executions.values()
            if scope.is_all or one.number == scope.number or one.notebook == (scope.notebook or 0)
        }

    def purge(self, numbers: Collection[int], needed: Iterable[Sealed]) -> int:
        self.check()
        self.needed = [sealed.sha256 for sealed in needed]
        gone = [key for key, one in self.executions.items() if one.number in numbers]
        size = sum(m.sealed.size for key in gone for m in self.members[key])
        for key in gone:
            del self.executions[key], self.members[key]
        return size

    def scrub(self, *, anyway: bool = False) -> bool:
        self.check()
        return True

    def spool(self, number: int) -> FakeSpool:
        return FakeSpool(self, self.folder / str(number), number)

    def leftovers(self) -> list[FakeSpool]:
        folders = sorted(self.folder.iterdir()) if self.folder.exists() else []
        return [self.spool(int(folder.name)) for folder in folders]

    def end(self, at: datetime) -> None:
        self.ended_at = at

    def touch(self, at: datetime) -> None:
        self.check()

    def close(self) -> None:
        self.closed = True

    # What tests ask.

    def all(self) -> list[Execution]:
        return sorted(self.executions.values(), key=lambda execution: execution.number)

    def content(self, execution: Execution, name: str) -> bytes:
        found = {member.name: member.sealed for member in self.members[execution.key]}
        return self.blobs.read(found[name]) if name in found else b""

    def names(self, execution: Execution) -> list[str]:
        return [member.name for member in self.members[execution.key]]

    def actions(self) -> list[str]:
        return [line.action for line in self.lines]

    def wait_for(self, condition: Any, timeout: float = 20) -> None:
        """Wait until `condition()` holds; it is looked at after each write."""
        with self.written:
            assert self.written.wait_for(condition, timeout), self.all()

    def wait_ended(self, count: int, timeout: float = 20) -> list[Execution]:
        """Wait until that many executions are not running."""

        def ended() -> bool:
            statuses = [execution.status for execution in self.executions.values()]
            return len([s for s in statuses if s is not Status.RUNNING]) >= count

        self.wait_for(ended, timeout)
        return self.all()

    def _keep(self, execution: Execution, members: list[Member]) -> None:
        with self.written:
            self.position += 1
            self.executions[execution.key] = execution
            self.members[execution.key] = members
            self.written.notify_all()
