"""Clean-up: 1,000 sessions with 100,000 files, on a server that answers meanwhile.

The server starts with nothing but sessions whose time is over, and is asked for
its status all the while that it removes them.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from jupyter_session_export.records.session import Session
from jupyter_session_export.records.times import from_iso, now
from jupyter_session_export.store.folder import SessionFolder
from jupyter_session_export.store.session_file import write_session

from .bench import Bench
from .server import JupyterServer, jupyter_server
from .table import Result, at_most
from .watch import Latencies, watched_latency

SESSIONS = 1000
FILES_EACH = 100
WITHIN_SECONDS = 60.0
STALL_MS = 50.0
GIVE_UP_SECONDS = 600.0


def run(bench: Bench) -> Iterator[Result]:
    """Yield how long the removal took, and how long others waited."""
    sessions = bench.scaled(SESSIONS, least=10)
    home = bench.folder("cleanup")
    root = home / "root"
    root.mkdir()
    quiet = _quiet(bench, root)
    _fill(home / "session_export", sessions)
    with jupyter_server(root, home) as server, watched_latency(server) as busy:
        seconds = _until_gone(home / "session_export", sessions)
    files = sessions * FILES_EACH
    note = f"{sessions:,} sessions, {files:,} files"
    yield Result("cleanup", "until all are gone", seconds, "s", at_most(WITHIN_SECONDS), note)
    yield Result("cleanup", "removed", files / seconds, "files/s")
    yield Result("cleanup", "/api/status p99 meanwhile", busy.p99, "ms", at_most(STALL_MS))
    yield Result("cleanup", "/api/status worst meanwhile", busy.highest, "ms")
    yield Result("cleanup", "/api/status p99 at rest", quiet.p99, "ms")


def _quiet(bench: Bench, root: Path) -> Latencies:
    with bench.server(root, "quiet") as server:
        return _rest(server)


def _rest(server: JupyterServer) -> Latencies:
    with watched_latency(server) as latencies:
        time.sleep(3)
    return latencies


def _fill(data_dir: Path, sessions: int) -> None:
    """Make sessions that ended long ago, each with 100 files."""
    at = now() - timedelta(days=400)
    for number in range(1, sessions + 1):
        folder = SessionFolder(data_dir / "sessions" / f"{number:032x}")
        folder.path.mkdir(parents=True)
        folder.create()
        for part in range(10):
            frames = folder.outputs / "bulk" / f"run-{part}"
            frames.mkdir(parents=True)
            for frame in range(FILES_EACH // 10):
                (frames / f"{frame}.csv").write_bytes(b"1,2,3\n" * 100)
        session = Session(
            id=folder.session_id,
            number=number,
            owner="bench",
            guest=False,
            root="/nowhere",
            started_at=at,
            last_active_at=at,
            ended_at=at,
        )
        write_session(folder, session)


def _until_gone(data_dir: Path, sessions: int) -> float:
    """Return the seconds from the first removal to the last, by the audit log's own times."""
    log = data_dir / "audit_log.jsonl"
    began = time.monotonic()
    while time.monotonic() - began < GIVE_UP_SECONDS:
        lines = log.read_text().splitlines() if log.exists() else []
        if sum('"session.removed"' in line for line in lines) >= sessions:
            return _span(lines)
        time.sleep(0.2)
    raise RuntimeError("the clean-up did not come to its end")


def _span(lines: list[str]) -> float:
    first, last = (from_iso(json.loads(line)["time"]) for line in (lines[0], lines[-1]))
    return (last - first).total_seconds()
