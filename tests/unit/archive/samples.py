"""A store in memory and what an export of a small session holds."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from jupyter_session_export.archive.contents import (
    ArchiveContent,
    NotebookCopy,
    RecordedExecution,
)
from jupyter_session_export.archive.entries import Entry, LedgerLine, OnDisk, Recorded, Text
from jupyter_session_export.archive.ledger import Head, Ledger
from jupyter_session_export.archive.plan import plan_archive
from jupyter_session_export.archive.prepare import prepare
from jupyter_session_export.archive.prepared import PreparedArchive
from jupyter_session_export.archive.staging import StagingFile
from jupyter_session_export.archive.zipstream import ZipStream
from jupyter_session_export.content.codec import seal, unseal
from jupyter_session_export.errors import ContentDamaged
from jupyter_session_export.records.activity import ACTIVITY, AUDIT, LogLine
from jupyter_session_export.records.content import Member, Sealed
from jupyter_session_export.records.execution import Status
from jupyter_session_export.records.sections import SECTIONS
from jupyter_session_export.records.session import Session

TIME = datetime(2026, 1, 31, 12, 0, 4, tzinfo=timezone.utc)
SESSION = Session(
    id="0123456789abcdef" * 2,
    number=42,
    owner="ann",
    guest=False,
    root="/home/ann",
    started_at=TIME,
    last_active_at=TIME + timedelta(minutes=5),
)


class MemoryStore:
    """Sealed content by its hash, as a store gives it: in chunks."""

    def __init__(self, chunk: int = 1000) -> None:
        self.kept: dict[str, bytes] = {}
        self._chunk = chunk

    def put(self, content: bytes) -> Sealed:
        sealed, kept = seal(content)
        self.kept[sealed.sha256] = bytes(kept)
        return sealed

    def open(self, sealed: Sealed, offset: int = 0) -> Iterator[bytes]:
        if sealed.sha256 not in self.kept:
            raise ContentDamaged("It is gone.")
        kept = self.kept[sealed.sha256]
        for at in range(offset, len(kept), self._chunk):
            yield kept[at : at + self._chunk]

    def read_small(self, sealeds: Collection[Sealed]) -> dict[str, bytes]:
        return {s.sha256: self.kept[s.sha256] for s in sealeds if s.sha256 in self.kept}

    def load(self, sealed: Sealed) -> bytes:
        return b"".join(unseal(sealed, self.open(sealed)))


class ListPlan:
    """A plan of entries that a test names itself; it closes with manifest and checksums."""

    def __init__(self, items: Iterable[Entry | LedgerLine]) -> None:
        self._items = items

    def __iter__(self) -> Iterator[Entry | LedgerLine]:
        return iter(self._items)

    @property
    def head(self) -> Head:
        return plan_archive(content(MemoryStore())).head

    def closing(self, ledger: Ledger) -> Iterator[Entry]:
        return (e for e in plan_archive(content(MemoryStore())).closing(ledger))


def text(path: str, data: bytes = b"text") -> Entry:
    return Entry(path, Text(data), TIME, "a test")


def recorded(path: str, sealed: Sealed) -> Entry:
    return Entry(path, Recorded(sealed), TIME, "a test")


def on_disk(path: str, file: Path, root: Path | None = None) -> Entry:
    return Entry(path, OnDisk(file, root or file.parent), TIME, "a test")


def execution(store: MemoryStore, number: int, **changes: Any) -> RecordedExecution:
    parts = {
        "source.py": f"print({number})\n".encode(),
        "stdout.txt": f"{number}\n".encode() * number,
        "outputs.json": b"[]\n",
        "metadata.json": b'{"cell_id": "cell-%d", "execution_count": %d}\n' % (number, number),
        ".raw.jsonl": b"{}\n",
    }
    parts.update(changes.pop("parts", {}))
    fields: dict[str, Any] = {
        "number": number,
        "folder": f"execution_{number}_{number:08x}",
        "status": Status.OK,
        "notebook": "one.ipynb",
        "cell_id": f"cell-{number}",
        "source_head": f"print({number})",
        "started_at": TIME,
        "finished_at": TIME + timedelta(seconds=number),
        "total_ms": 1000.0 * number,
        "members": [Member(name, store.put(data), TIME) for name, data in parts.items()],
    }
    return RecordedExecution(**{**fields, **changes})


def content(store: MemoryStore, **changes: Any) -> ArchiveContent:
    fields: dict[str, Any] = {
        "session": SESSION,
        "exported_at": TIME + timedelta(hours=1),
        "record_position": 7,
        "include": frozenset(SECTIONS),
        "load": store.load,
    }
    return ArchiveContent(**{**fields, **changes})


def notebook(path: str = "one.ipynb", **changes: Any) -> NotebookCopy:
    fields: dict[str, Any] = {
        "path": path,
        "kernel_name": "python3",
        "language": "python",
        "content": b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
        "modified": TIME,
        "cells": 3,
        "code_cells": 2,
        "script": (".py", b"# code\n"),
    }
    return NotebookCopy(**{**fields, **changes})


def log_line(action: str, log: str = ACTIVITY) -> str:
    line = LogLine(log, TIME, SESSION.id, "ann", action, "one.ipynb", {"count": 1})
    return json.dumps(line.to_json())


def full_content(store: MemoryStore, workspace: Path) -> ArchiveContent:
    """Return an export with something in each section there is."""
    return content(
        store,
        executions=[execution(store, number) for number in (1, 2, 3)],
        notebooks=[notebook(), notebook("gone.ipynb", content=None, reason="is not on disk")],
        activity_log=[log_line("kernel_started")],
        audit_log=[log_line("exported", AUDIT)],
        environment={"python": "3.12"},
        workspace=[(workspace, workspace)],
    )


def streamed(plan: Any, store: MemoryStore, **options: Any) -> bytes:
    return b"".join(ZipStream(plan, store, **options))


def prepared(plan: Any, store: MemoryStore, folder: Path, **options: Any) -> PreparedArchive:
    return prepare(plan, store, StagingFile(folder / "staging"), **options)
