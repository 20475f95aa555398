"""Removes readings, also while the kernels that log them go on."""

from __future__ import annotations

import json
import os
import secrets
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from .faults import FileFaults
from .instants import micros_at
from .spool import SUFFIX, spooled


def forget_readings(folder: Path, since: datetime | None = None) -> None:
    """Remove what kernels logged at or after a time, or all. Raises StoreUnavailable.

    A kernel whose file is gone begins another one with its next reading.
    """
    with FileFaults("remove readings"):
        for path in spooled(folder):
            if since is not None:
                _keep_older(path, micros_at(since) * 1000)
            with suppress(FileNotFoundError):
                path.unlink()


def _keep_older(path: Path, nanoseconds: int) -> None:
    """Write a file's older readings to another one of the same process."""
    fresh = path.with_name(f"{path.name.partition('-')[0]}-{secrets.token_hex(6)}{SUFFIX}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    try:
        with path.open("rb") as old, os.fdopen(os.open(fresh, flags, 0o600), "wb") as new:
            for line in old:
                new.write(_older(line, nanoseconds))
        if not fresh.stat().st_size:
            fresh.unlink()
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


def _older(line: bytes, nanoseconds: int) -> bytes:
    """Return what a line has from before a time; nothing of one that wasn't written whole."""
    try:
        data: dict[str, Any] = json.loads(line)
        if "readings" not in data:
            return line if data["at"] < nanoseconds else b""
        rows = [row for row in data["readings"] if row[0] < nanoseconds]
    except (ValueError, TypeError, KeyError, IndexError, RecursionError):
        return b""
    if len(rows) == len(data["readings"]):
        return line
    return json.dumps({"readings": rows}, separators=(",", ":")).encode() + b"\n" if rows else b""
