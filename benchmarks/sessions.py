"""Sessions: a list of 1,000, and the figures of a large one, asked for again and again.

A page that shows them asks for both as long as it is open, and nobody else must wait for that.
"""

from __future__ import annotations

import getpass
import time
from collections.abc import Iterator
from pathlib import Path

from jupyter_session_export.records.session import Counts, Session
from jupyter_session_export.records.times import now
from jupyter_session_export.store.folder import SessionFolder
from jupyter_session_export.store.session_file import write_session

from .bench import Bench
from .samples import percentile
from .server import JupyterServer, jupyter_server
from .table import Result, at_most
from .watch import watched_latency

SESSIONS = 1000
ASKED = 30
LIST_MS = 100.0
STALL_MS = 25.0
LIST = "/session-export/api/sessions?limit=1000"
STATS = "/session-export/api/session/stats"


def run(bench: Bench) -> Iterator[Result]:
    """Yield how long the answers take, and how long others waited."""
    home = bench.folder("sessions")
    root = home / "root"
    root.mkdir()
    _fill(home / "session_export", SESSIONS)
    note = f"{SESSIONS:,} sessions"
    with jupyter_server(root, home) as server:
        yield Result("sessions", "first list", _timed(server, LIST), "ms", note=note)
        with watched_latency(server) as busy:
            times = [_timed(server, LIST) for _ in range(ASKED)]
        yield Result("sessions", "list", percentile(times, 50), "ms", at_most(LIST_MS), note)
        yield Result("sessions", "slowest list", max(times), "ms")
        yield Result("sessions", "/api/status p99 meanwhile", busy.p99, "ms", at_most(STALL_MS))
    with bench.recorded_server() as server:
        yield Result("sessions", "first figures", _timed(server, STATS), "ms")
        times = [_timed(server, STATS) for _ in range(ASKED)]
        yield Result("sessions", "figures", percentile(times, 50), "ms")


def _timed(server: JupyterServer, path: str) -> float:
    began = time.perf_counter()
    server.call("GET", path)
    return (time.perf_counter() - began) * 1000


def _fill(data_dir: Path, sessions: int) -> None:
    """Make sessions of this account that nobody writes."""
    at = now()
    for number in range(1, sessions + 1):
        folder = SessionFolder(data_dir / "sessions" / f"{number:032x}")
        folder.path.mkdir(parents=True)
        folder.create()
        (folder.outputs / "file.csv").write_bytes(b"1,2,3\n" * 100)
        session = Session(
            id=folder.session_id,
            number=number,
            owner=getpass.getuser(),
            guest=False,
            root="/nowhere",
            started_at=at,
            last_active_at=at,
            counts=Counts(notebooks=1, executions=100, errors=3, kernels=1),
        )
        write_session(folder, session)
