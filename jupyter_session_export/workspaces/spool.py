"""What kernels leave of their readings: one file for each process, one line for each batch.

{"readings": [[nanoseconds, sensor, value, unit, device, given time or null], ...]}
{"device": id, "facts": {...}, "at": nanoseconds}
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ..errors import StoreUnavailable
from ..records.reading import Reading, Rejection
from .instants import doubted, micros_of
from .values import canonical, clean

FOLDER = "readings"
"""Beside the session's own files, in the session's folder."""
SUFFIX = ".jsonl"
JUMP_MICROS = 1_000_000
Row = tuple[int, str, Any, "str | None", "str | None", Any]
"""Nanoseconds, sensor, value, unit, device, and the time as it was given, if it was."""


def spooled(folder: Path) -> list[Path]:
    """Return the files that kernels left in a session's folder of readings."""
    if not folder.is_dir() or folder.is_symlink():
        return []
    return sorted(folder.glob(f"*{SUFFIX}"))


class SpoolWriter:
    """The file of this process, made at the first write; not safe for threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: int | None = None
        self._size = 0

    def readings(self, rows: Sequence[Row]) -> None:
        """Append readings. Raises StoreUnavailable; nothing of them is kept then."""
        self._append({"readings": rows})

    def device(self, device: str, facts: dict[str, Any], nanoseconds: int) -> None:
        """Append what is said of a device. Raises StoreUnavailable."""
        self._append({"device": device, "facts": facts, "at": nanoseconds})

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _append(self, line: dict[str, Any]) -> None:
        data = json.dumps(line, separators=(",", ":")).encode() + b"\n"
        try:
            file = self._open()
            written = 0
            while written < len(data):
                written += os.write(file, data[written:])
            self._size += len(data)
        except OSError as error:
            self._take_back()
            raise StoreUnavailable(
                "Readings can't be written to the session's folder.",
                f"They are kept in memory and tried again ({error.strerror or error}).",
            ) from error

    def _open(self) -> int:
        if self._file is not None and os.fstat(self._file).st_nlink == 0:
            # The session was removed: what is written to a file without a name is lost.
            self.close()
        if self._file is None:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
            flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
            name = f"{os.getpid()}-{secrets.token_hex(6)}{SUFFIX}"
            self._file = os.open(self._folder / name, flags | getattr(os, "O_BINARY", 0), 0o600)
            self._size = 0
        return self._file

    def _take_back(self) -> None:
        """Cut off half a line, so that the next one begins at a line's start."""
        if self._file is not None:
            try:
                os.ftruncate(self._file, self._size)
            except OSError:
                self.close()


Item = Reading | Rejection | tuple[str, dict[str, Any]]
"""A tuple is a device with what was said of it."""


def read_spool(path: Path, source: str, present: int) -> Iterator[Item]:
    """Yield what a process left, as far as it was written whole."""
    latest, row = 0, 0
    with path.open("rb") as file:
        for line in file:
            try:
                data = json.loads(line)
                items = list(_items(data, source, row, present, latest))
            except (ValueError, TypeError, KeyError, IndexError, RecursionError) as error:
                row += 1
                raw = line[:4096].decode("utf-8", "backslashreplace")
                yield Rejection(source, row, f"a batch that was not written whole: {error}", raw)
                continue
            row += len(items)
            for item in items:
                if isinstance(item, Reading) and item.given is None:
                    latest = max(latest, item.micros)
            yield from items


def _items(
    data: dict[str, Any], source: str, row: int, present: int, latest: int
) -> Iterator[Item]:
    if "device" in data:
        facts = {"registered_at": data["at"] // 1000, **data["facts"]}
        yield clean(data["device"]), facts
        return
    for number, (nanoseconds, sensor, value, unit, device, given) in enumerate(
        data["readings"], row + 1
    ):
        micros, note = nanoseconds // 1000, None
        if given is not None:
            micros, note = micros_of(given)
        elif micros < latest - JUMP_MICROS:
            note = f"the clock went back by {(latest - micros) / 1e6:.0f} s"
        latest = latest if given is not None else max(latest, micros)
        yield Reading(
            micros,
            None if device is None else clean(device),
            clean(sensor),
            canonical(value),
            None if unit is None else clean(unit),
            source,
            number,
            given,
            doubted(micros, present) or note,
        )
