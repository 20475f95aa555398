"""How much room the sessions' disk has."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ...client.wording import size
from .finding import Finding, found, well
from .trial import nearest

LEAST_BYTES = 16 * 2**20
"""With less than this the recording of a single large output fails."""
FEW_BYTES = 500 * 2**20
FEW_FILES = 1000
"""Inodes; a session takes some dozens and one more for each large output."""
REMEDY = "jupyter session-export cleanup"


def examine_disk(data_dir: Path) -> Iterator[Finding]:
    """Ask the file system of the data folder."""
    place = nearest(data_dir)
    usage = shutil.disk_usage(place)
    yield judge(place, usage.free, usage.total, _free_files(place))


def judge(place: Path, free: int, total: int, files: int | None) -> Finding:
    """Tell by free and all bytes, and free inodes: None where a file system has no such limit."""
    facts: dict[str, Any] = {
        "path": str(place),
        "free_bytes": free,
        "total_bytes": total,
        "free_files": files,
    }
    told = f"{size(free)} of {size(total)} are free"
    if files is not None and files < FEW_FILES:
        told += f", for {files} files"
    if free < LEAST_BYTES or files == 0:
        return found("DISK_FULL", f"The disk of {place} is full: {told}.", REMEDY, **facts)
    if free < FEW_BYTES or (files is not None and files < FEW_FILES):
        return found("DISK_NEARLY_FULL", f"The disk of {place}: {told}.", REMEDY, **facts)
    return well("DISK", f"{told}.", **facts)


def _free_files(place: Path) -> int | None:
    if not hasattr(os, "statvfs"):
        return None
    status = os.statvfs(place)
    # btrfs and others make inodes as they need them, and count none.
    return status.f_favail if status.f_files else None
