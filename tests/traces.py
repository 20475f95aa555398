"""What an export leaves of itself in a server's process and folders, as the system tells."""

from __future__ import annotations

import contextlib
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from .servers import RunningServer

GLANCE_SECONDS = 0.01


@dataclass(frozen=True)
class Traces:
    """Threads, children, open files (not sockets), and temporary files of exports."""

    threads: int
    children: int
    open_files: tuple[str, ...]
    temporary: tuple[str, ...]

    @classmethod
    def of(cls, server: RunningServer) -> Traces:
        assert server.process is not None
        process = psutil.Process(server.process.pid)
        temporary = server.data_dir().glob("sessions/*/exports/*")
        return cls(
            process.num_threads(),
            len(process.children()),
            tuple(sorted(_open_files(process.pid))),
            # What became of an export is told for a day.
            tuple(sorted(path.name for path in temporary if path.suffix != ".json")),
        )

    def beyond(self, before: Traces) -> str:
        """Say what is there that was not before; "" where it is nothing."""
        more = list(self.open_files)
        for path in before.open_files:
            if path in more:
                more.remove(path)
        found = [
            f"{self.threads - before.threads} threads" * (self.threads > before.threads),
            f"{self.children - before.children} children" * (self.children > before.children),
            *more,
            *(set(self.temporary) - set(before.temporary)),
        ]
        return ", ".join(filter(None, found))


def _open_files(pid: int) -> list[str]:
    """List them without those of the record: SQLite keeps some open for its next readers."""
    files = []
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            target = str(link.readlink())
            if not target.startswith("socket:") and "/record.sqlite3" not in target:
                files.append(target.removesuffix(" (deleted)"))
    return files


def seconds_until_gone(server: RunningServer, before: Traces, since: float, most: float) -> float:
    """Return how long after `since` nothing was left; fail after `most` seconds."""
    while left := Traces.of(server).beyond(before):
        if time.monotonic() - since > most:
            raise AssertionError(f"after {most} s there is still: {left}\n{stacks(server)}")
        time.sleep(GLANCE_SECONDS)
    return time.monotonic() - since


def tell_stacks(server: RunningServer) -> None:
    """Have a server that starts later write down what its threads do when it is asked to."""
    config = server.home / "config" / "jupyter_server_config.py"
    path = str(server.home / "stacks.txt")
    config.write_text(
        "import faulthandler, signal\n"
        f"faulthandler.register(signal.SIGUSR1, file=open({path!r}, 'w'))\n"
    )


def stacks(server: RunningServer) -> str:
    """Return what the threads of a server do, if it was told to say so."""
    path = server.home / "stacks.txt"
    if server.process is None or not path.exists():
        return ""
    path.write_text("")
    server.process.send_signal(signal.SIGUSR1)
    time.sleep(0.2)
    return path.read_text()
