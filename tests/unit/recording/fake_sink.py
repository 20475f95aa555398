"""A sink in memory, with its spool in a folder; it can be told to fail."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from jupyter_session_export.content.codec import seal, unseal
from jupyter_session_export.errors import StoreUnavailable
from jupyter_session_export.records.activity import LogLine, meant
from jupyter_session_export.records.content import Member, Sealed
from jupyter_session_export.records.debugging import DebugItem, DebugSession
from jupyter_session_export.records.execution import Execution, ExecutionKey, Status
from jupyter_session_export.records.purge import PurgeScope
from jupyter_session_export.records.session import Session
from jupyter_session_export.records.shown import Shown
from jupyter_session_export.records.times import from_timestamp, now
from jupyter_session_export.records.widgets import WidgetModel, is_meant


class FakeSpool:
    def __init__(self, sink: FakeSink, folder: Path, number: int, tail_number: int = 0) -> None:
        self.number = number
        self.tail_number = tail_number
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
        return self._folder / (f"tail{self.tail_number}.{name}" if self.tail_number else name)

    def tail(self, number: int) -> FakeSpool:
        return FakeSpool(self._sink, self._folder, self.number, number)

    def tails(self) -> list[FakeSpool]:
        found = self._folder.glob("tail*.journal.jsonl")
        return [self.tail(n) for n in sorted(int(path.name[4:-14]) for path in found)]

    def exists(self) -> bool:
        return self.path("journal.jsonl").exists() if self.tail_number else self._folder.exists()

    def last_written(self) -> datetime:
        return max(from_timestamp(path.stat().st_mtime) for path in self._folder.iterdir())

    def close(self) -> None:
        pass

    def remove(self) -> None:
        if not self.tail_number:
            shutil.rmtree(self._folder)
            return
        for name in ("journal.jsonl", "stdout.txt", "stderr.txt"):
            self.path(name).unlink(missing_ok=True)


class FakeBlobs:
    def __init__(self, sink: FakeSink) -> None:
        self._sink = sink
        self._kept: dict[str, tuple[Sealed, bytes]] = {}
        self._lock = threading.Lock()
        self.large = 0
        self.gone: list[Sealed] = []

    def put(self, content: bytes) -> Sealed:
        self._sink.check()
        sealed, kept = seal(content)
        with self._lock:
            self._kept[sealed.sha256] = sealed, bytes(kept)
        return sealed

    def put_read(self, size: int, read: Callable[[int, int], bytes]) -> Sealed:
        self.large += 1
        return self.put(read(0, size))

    def let_go(self, sealed: Sealed) -> None:
        self.gone.append(sealed)

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
        self.shown: dict[ExecutionKey, Shown | None] = {}
        self.lines: list[LogLine] = []
        self.notebooks: list[tuple[str, str]] = []
        self.renames: list[tuple[str, str]] = []
        self.values: dict[str, Any] = {}
        self.needed: list[str] = []
        self.widgets: dict[tuple[str, str], WidgetModel] = {}
        self.widget_writes = 0
        self.writes = 0
        self.collections = 0
        self.debug_sessions: dict[int, DebugSession] = {}
        self.debug_items: list[DebugItem] = []
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
        self,
        execution: Execution,
        members: Iterable[Member],
        *,
        source_head: str = "",
        shown: Shown | None = None,
    ) -> None:
        self.check()
        self.shown[execution.key] = shown
        self.writes += 1
        self.heads[execution.key] = source_head
        self._keep(execution, list(members))

    def has(self, key: ExecutionKey) -> bool:
        self.check()
        return key in self.executions

    def find(self, key: ExecutionKey) -> tuple[Execution, list[Member]] | None:
        self.check()
        if key not in self.executions:
            return None
        return self.executions[key], self.members[key]

    def unfinished(self) -> list[ExecutionKey]:
        self.check()
        return [one.key for one in self.all() if one.status is Status.RUNNING]

    def log(self, line: LogLine) -> None:
        self.check()
        with self.written:
            self.lines.append(line)
            self.written.notify_all()

    def note_notebook(self, path: str, kernel_id: str) -> None:
        self.notebooks.append((path, kernel_id))

    def rename_notebook(self, old: str, new: str) -> bool:
        self.renames.append((old, new))
        return any(path == old for path, _ in self.notebooks)

    def set_value(self, name: str, value: Any) -> None:
        self.values[name] = value

    def value(self, name: str) -> Any:
        return self.values.get(name)

    def write_widgets(self, models: Iterable[WidgetModel], gone: Iterable[tuple[str, str]]) -> None:
        self.check()
        with self.written:
            for key in gone:
                self.widgets.pop(key, None)
            self.widgets |= {(model.kernel_id, model.id): model for model in models}
            self.widget_writes += 1
            self.written.notify_all()

    def forget_widgets(self, scope: PurgeScope, numbers: Collection[int]) -> None:
        self.check()
        for key, model in list(self.widgets.items()):
            if is_meant(scope, numbers, model.executions, model.changed_at):
                del self.widgets[key]

    def forget_deeds(self, scope: PurgeScope) -> None:
        self.check()
        newest_first = self.lines[::-1]
        taken = meant(scope, newest_first)
        left = [line for line, gone in zip(newest_first, taken, strict=True) if not gone]
        self.lines = left[::-1]

    def next_debug_number(self) -> int:
        self.check()
        return len(self.debug_sessions) + 1

    def save_debug_session(self, session: DebugSession) -> None:
        self.check()
        with self.written:
            self.debug_sessions[session.number] = session
            self.written.notify_all()

    def add_debug_item(self, item: DebugItem) -> None:
        self.check()
        assert item.session in self.debug_sessions
        with self.written:
            self.debug_items.append(item)
            self.written.notify_all()

    def end_debug_sessions(self, at: datetime, cause: str) -> None:
        self.check()

    def purge_debugging(self, scope: PurgeScope, numbers: Collection[int]) -> int:
        """Know of all and of executions only."""
        self.check()
        self.debug_items = [
            item for item in self.debug_items if not scope.is_all and item.execution not in numbers
        ]
        return 0

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

    def document(self, execution: Execution) -> list[dict[str, Any]]:
        """Return what is in outputs.json."""
        parsed: list[dict[str, Any]] = json.loads(self.content(execution, "outputs.json"))
        return parsed

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
