"""Which layers are in use: a file for each user, which counts as long as its process lives."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

import psutil

from ...store.folder import open_private, private_folder

TOLERANCE_MS = 2000
"""A process's start is counted from the machine's, which moves as the clock is set."""


class Uses:
    """`uses/<layer>.<pid>.<its start>.<token>`; a process may hold a layer several times."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def begin(self, layer: str) -> Path:
        """Note that this process uses a layer; return what to remove when it doesn't."""
        private_folder(self._folder)
        pid = os.getpid()
        path = self._folder / f"{layer}.{pid}.{_start(pid)}.{secrets.token_hex(4)}"
        os.close(open_private(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
        return path

    def layers(self) -> set[str]:
        """Return the layers in use; what a process has left that is gone is removed."""
        used = set()
        with suppress(FileNotFoundError):
            for path in self._folder.iterdir():
                layer, pid, start, _ = path.name.split(".")
                began = _start(int(pid))
                if began is not None and abs(began - int(start)) < TOLERANCE_MS:
                    used.add(layer)
                else:
                    path.unlink(missing_ok=True)
        return used


def _start(pid: int) -> int | None:
    """Return when a process began, in ms; None where there is none."""
    try:
        return int(psutil.Process(pid).create_time() * 1000)
    except psutil.NoSuchProcess:
        return None
