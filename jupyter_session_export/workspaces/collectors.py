"""Finds what collectors and kernels left, and reads all of it into a table."""

from __future__ import annotations

import errno
import io
import json
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from ..records.reading import Reading, Rejection
from ..records.recording import PassedOver
from .columns import GENERIC, roles_of
from .csv_rows import csv_rows
from .devices import devices_in, is_devices
from .instants import micros_at
from .json_rows import Row, Torn, json_rows
from .matching import Identity, session_folder
from .recordings import Place
from .rows import Broken, Origin, expanded, readings_of
from .spool import read_spool, spooled
from .table import ReadingTable

NAMES = ("zigbee-data.json", "zigbee-sensors.csv", "devices.json")
"""What is taken from a folder that all sessions share; of a session's own folder, everything."""
READERS: dict[str, Callable[[TextIO], Iterator[Row | Torn]]] = {
    ".json": json_rows,
    ".jsonl": json_rows,
    ".ndjson": json_rows,
    ".csv": csv_rows,
    ".tsv": csv_rows,
}
CHECK_ROWS = 1000
RAW = 4096


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of a collector; `name` is shown, `shared` says that all sessions may have it."""

    name: str
    path: Path
    root: Path
    size: int
    inode: tuple[int, int]
    modified: float
    shared: bool


def find_sources(places: Sequence[Place], session: Identity) -> Iterator[SourceFile | PassedOver]:
    """Yield the collectors' files of a session, each once."""
    seen: set[Path] = set()
    for place in places:
        for path, shared in _candidates(place.folder, session):
            found = _examine(place, path, shared)
            if isinstance(found, SourceFile):
                if found.path in seen:
                    continue
                seen.add(found.path)
            yield found


def read_source(
    file: SourceFile, table: ReadingTable, present: datetime, check: Callable[[], None]
) -> None:
    """Read a collector's file into the table, as far as it went when it was found."""
    reader = READERS.get(file.path.suffix.lower())
    if reader is None:
        return
    origin = Origin(file.name, micros_at(present))
    try:
        with _opened(file) as text:
            _take_rows(reader(text), table, origin, is_devices(file.path.name), check)
    except OSError as error:
        table.reject(Rejection(file.name, 0, f"unreadable: {error.strerror or error}", ""))
    if not file.shared and not table.count_of(file.name):
        table.forget_rejections(file.name)


def read_kernels(
    folder: Path, table: ReadingTable, present: datetime, check: Callable[[], None]
) -> None:
    """Read what this session's kernels left."""
    for path in spooled(folder):
        source = f"log_reading: process {path.name.partition('-')[0]}"
        for number, item in enumerate(read_spool(path, source, micros_at(present))):
            if number % CHECK_ROWS == 0:
                check()
            if isinstance(item, Rejection):
                table.reject(item)
            elif isinstance(item, Reading):
                table.add(item)
            else:
                table.add_device(source, *item)


def _take_rows(
    rows: Iterator[Row | Torn],
    table: ReadingTable,
    origin: Origin,
    only_devices: bool,
    check: Callable[[], None],
) -> None:
    for number, row in enumerate(rows, 1):
        if number % CHECK_ROWS == 1:
            check()
        if isinstance(row, Torn):
            table.reject(Rejection(origin.source, number, row.reason, _raw(row.text)))
        elif only_devices or row.key == "devices":
            for device, facts in devices_in(row.value, row.key):
                table.add_device(origin.source, device, facts)
        else:
            _take_row(row, number, table, origin)


def _take_row(row: Row, number: int, table: ReadingTable, origin: Origin) -> None:
    value = row.value
    if row.key is not None and isinstance(value, dict):
        value = {**_defaults(row.key, row.around or {}, value), **value}
    try:
        rows = expanded(value)
    except RecursionError:
        table.reject(Rejection(origin.source, number, "nested too deeply", ""))
        return
    for each in rows:
        try:
            for reading in readings_of(each, number, origin):
                table.add(reading)
        except Broken as error:
            table.reject(Rejection(origin.source, number, str(error), _raw(each)))


def _defaults(key: str, around: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    """Return what the file says of all its rows: a device, a sensor, a unit."""
    given, roles = roles_of(tuple(around)), roles_of(tuple(row))
    pairs = (
        (given.device, roles.device),
        (given.sensor, roles.sensor),
        (given.unit, roles.unit),
    )
    defaults = {name: around[name] for name, own in pairs if name is not None and own is None}
    if key.lower() not in GENERIC:
        if roles.value is not None and roles.sensor is None and given.sensor is None:
            defaults["sensor"] = key
        elif roles.device is None and given.device is None:
            defaults["device"] = key
    return defaults


def _candidates(folder: Path, session: Identity) -> Iterator[tuple[Path, bool]]:
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208  # names, not paths
    except OSError:
        return
    for name in names:
        if name in NAMES:
            yield folder / name, True
        elif session_folder(name, session):
            for parent, folders, files in os.walk(folder / name / "data"):
                folders[:] = sorted(each for each in folders if not each.startswith("."))
                yield from (
                    (Path(parent, file), False)
                    for file in sorted(files)
                    if not file.startswith(".")
                )


def _examine(place: Place, path: Path, shared: bool) -> SourceFile | PassedOver:
    inside = place.root != place.folder and path.is_relative_to(place.root)
    name = path.relative_to(place.root).as_posix() if inside else path.as_posix().lstrip("/")
    name = name.encode("utf-8", "backslashreplace").decode()
    root = place.root.resolve()
    try:
        real = path.resolve(strict=True)
        if not real.is_relative_to(root):
            return PassedOver(name, name, "link out of the root folder")
        status = real.stat()
    except (OSError, RuntimeError) as error:
        return PassedOver(name, name, f"unreadable: {error}", failed=True)
    if not stat.S_ISREG(status.st_mode):
        return PassedOver(name, name, "not a regular file")
    inode = status.st_dev, status.st_ino
    return SourceFile(name, real, root, status.st_size, inode, status.st_mtime, shared)


def _opened(file: SourceFile) -> TextIO:
    """Open a text in whatever encoding its first bytes tell; what is none is spelled out.

    Raises OSError, also where the file is another one by now, such as a link or a FIFO.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
    binary = os.fdopen(os.open(file.path, flags | getattr(os, "O_BINARY", 0)), "rb")
    try:
        status = os.fstat(binary.fileno())
        if (status.st_dev, status.st_ino) != file.inode:
            raise OSError(errno.ESTALE, "it is another file by now")
        head = binary.peek(4)
    except BaseException:
        binary.close()
        raise
    encoding = "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    return io.TextIOWrapper(binary, encoding, errors="backslashreplace", newline="")


def _raw(value: Any) -> str:
    try:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return ""
    return text[:RAW].encode("utf-8", "backslashreplace").decode()
