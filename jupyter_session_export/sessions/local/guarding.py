"""The guardian of this process's kernels: a small program that is there when we are not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

PROGRAM = Path(__file__).with_name("guardian.py")
END_SECONDS = 5.0


class Guardian:
    """Started with the first kernel. Kernels of IPython end by themselves, unless they are stopped
    or call into C; others never do, nor does what any of them has started.

    Where a system has no process groups, it does nothing.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._watched: dict[int, Sequence[str]] = {}
        self._lock = threading.Lock()

    def watch(self, group: int, files: Sequence[str]) -> None:
        """Have a process group killed and files removed, should this process end first."""
        with self._lock:
            self._watched[group] = list(files)
            self._order(_watching(group, files))

    def forget(self, group: int) -> None:
        """Leave a process group alone: it has ended, and its number may be another's next."""
        with self._lock:
            self._watched.pop(group, None)
            self._order({"forget": group})

    def close(self) -> None:
        """End the guardian; what it still watches is killed."""
        with self._lock:
            _let_go(self._process)

    def _order(self, order: dict[str, object]) -> None:
        if not hasattr(os, "killpg"):
            return
        try:
            if self._process is not None:
                _send(self._process, order)
                return
        except BrokenPipeError:
            # Somebody has killed it; the next one has to know all that this one did.
            _let_go(self._process)
        self._process = _start()
        for group, files in self._watched.items():
            _send(self._process, _watching(group, files))


def _let_go(process: subprocess.Popen[str] | None) -> None:
    if process is not None and process.stdin is not None:
        with suppress(BrokenPipeError):
            process.stdin.close()
        process.wait(END_SECONDS)


def _watching(group: int, files: Sequence[str]) -> dict[str, object]:
    return {"watch": group, "files": list(files)}


def _send(process: subprocess.Popen[str], order: dict[str, object]) -> None:
    if process.stdin is not None:
        process.stdin.write(json.dumps(order) + "\n")
        process.stdin.flush()


def _start() -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603  # our own program
        # Isolated and without site-packages: it starts in 15 ms and takes little memory.
        [sys.executable, "-I", "-S", str(PROGRAM)],
        stdin=subprocess.PIPE,
        text=True,
        # A Ctrl-C in the terminal is for us, not for it.
        start_new_session=True,
    )
