"""The audit log of a data folder: it tells of sessions that are gone, and outlives them."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

from ..records.activity import LogLine
from .directory import Directory
from .faults import FileFaults

NAME = "audit_log.jsonl"
MOST_BYTES = 8 << 20
"""Above this, the older half goes."""


class AuditLog:
    """Lines of JSON in a private file of bounded size; any process may append."""

    def __init__(self, data_dir: Path, most_bytes: int = MOST_BYTES) -> None:
        self._data_dir = data_dir
        self._most_bytes = most_bytes
        # filelock waits in steps of 50 ms, which threads of one process needn't.
        self._turn = threading.Lock()

    @property
    def path(self) -> Path:
        return self._data_dir / NAME

    def append(self, line: LogLine, *, durable: bool = True) -> None:
        """Write a line; `durable` waits until the disk has it. Raises StoreUnavailable."""
        from filelock import FileLock  # noqa: PLC0415  # no server needs it to start

        text = (json.dumps(line.to_json()) + "\n").encode()
        with (
            self._turn,
            FileFaults("write the audit log"),
            FileLock(self._data_dir / f"{NAME}.lock", mode=0o600),
            Directory.open(self._data_dir) as folder,
        ):
            file = folder.open_file(NAME, os.O_RDWR | os.O_CREAT | os.O_APPEND)
            try:
                if os.fstat(file).st_size + len(text) > self._most_bytes:
                    _halve(file, self._most_bytes // 2)
                # A line that a crash cut off must not swallow this one.
                os.write(file, text if _ends_well(file) else b"\n" + text)
                if durable:
                    os.fsync(file)
            finally:
                os.close(file)


def _ends_well(file: int) -> bool:
    size = os.fstat(file).st_size
    if size == 0:
        return True
    os.lseek(file, size - 1, os.SEEK_SET)
    return os.read(file, 1) == b"\n"


def _halve(file: int, keep: int) -> None:
    """Keep the newest whole lines only."""
    size = os.fstat(file).st_size
    os.lseek(file, max(0, size - keep), os.SEEK_SET)
    rest = b""
    while chunk := os.read(file, 1 << 20):
        rest += chunk
    if size > keep:
        rest = rest.partition(b"\n")[2]
    os.ftruncate(file, 0)
    os.write(file, rest)
