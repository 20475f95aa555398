"""Outlives a process by a moment, to end the kernels that it left behind and remove their files.

Run as a program of its own, with nothing but the standard library; its standard input
is a pipe from the process that it guards, and ends with that, however it ends.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO, Any


def guard(orders: IO[str]) -> None:
    """Obey `{"watch": group, "files": […]}` and `{"forget": group}` until nothing more comes."""
    groups: dict[int, list[str]] = {}
    for line in orders:
        order: dict[str, Any] = json.loads(line)
        if "watch" in order:
            groups[order["watch"]] = order["files"]
        else:
            groups.pop(order["forget"], None)
    for group, files in groups.items():
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
        for file in files:
            remove(Path(file))


def remove(path: Path) -> None:
    """Remove a file, or a folder with all that is in it."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


if __name__ == "__main__":
    guard(sys.stdin)
