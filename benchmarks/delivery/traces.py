"""What a server's process holds: threads, descriptors, files of exports (by Linux's /proc)."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..server import JupyterServer

LOOK_SECONDS = 0.002
GIVE_UP_SECONDS = 15.0
SETTLED_SECONDS = 1.5
POOLED = "/record.sqlite3"
"""SQLite keeps descriptors of it for its next readers, while its writer holds a lock."""
NOTE = re.compile(r"[0-9a-f]{32}\.json")


@dataclass(frozen=True, slots=True)
class Traces:
    """`open` counts descriptors by what they lead to, all sockets as one kind."""

    threads: int
    open: Counter[str]
    files: frozenset[str]

    @classmethod
    def of(cls, server: JupyterServer) -> Traces:
        process = Path("/proc") / str(server.process.pid)
        return cls(
            threads=sum(1 for _ in (process / "task").iterdir()),
            open=Counter(_targets(process / "fd")),
            files=frozenset(_files(server)),
        )

    def beyond(self, base: Traces) -> list[str]:
        """Return what is here and wasn't in `base`."""
        more = [f"{count} × {target}" for target, count in (self.open - base.open).items()]
        if self.threads > base.threads:
            more.append(f"{self.threads - base.threads} threads")
        return more + sorted(self.files - base.files)


def _targets(folder: Path) -> list[str]:
    targets = []
    for descriptor in folder.iterdir():
        with suppress(FileNotFoundError):
            target = str(descriptor.readlink())
            if POOLED in target:
                continue
            targets.append("socket" if target.startswith("socket:") else target)
    return targets


def _files(server: JupyterServer) -> list[str]:
    """Return what lies there for exports, but for the note of how each has ended."""
    sessions = server.home / "session_export" / "sessions"
    found = sessions.glob("*/exports/**/*")
    return [str(path.relative_to(sessions)) for path in found if not NOTE.fullmatch(path.name)]


def settled(server: JupyterServer) -> Traces:
    """Return what a server holds when that hasn't changed for a while."""
    traces, since = Traces.of(server), time.monotonic()
    deadline = since + GIVE_UP_SECONDS
    while time.monotonic() - since < SETTLED_SECONDS:
        time.sleep(LOOK_SECONDS)
        fresh = Traces.of(server)
        if fresh != traces:
            traces, since = fresh, time.monotonic()
        if time.monotonic() > deadline:
            break
    return traces


def seconds_until_gone(
    server: JupyterServer, base: Traces, act: Callable[[], object]
) -> tuple[float, list[str]]:
    """Act; return the seconds until no more than `base` is left, and what was there at a second."""
    began = time.perf_counter()
    act()
    late: list[str] = []
    while left := Traces.of(server).beyond(base):
        taken = time.perf_counter() - began
        if taken > 1:
            late = late or left
        if taken > GIVE_UP_SECONDS:
            return taken, late
        time.sleep(LOOK_SECONDS)
    return time.perf_counter() - began, late
