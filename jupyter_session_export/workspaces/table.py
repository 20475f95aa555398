"""All readings of one export, on disk: sorted and told apart in bounded memory."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from ..errors import StoreUnavailable
from ..records.reading import Reading, ReadingFigures, Rejection, Series
from .instants import datetime_at
from .values import from_json, to_json

SCHEMA = """
CREATE TABLE readings (
    id INTEGER PRIMARY KEY, micros INTEGER NOT NULL, device TEXT, sensor TEXT NOT NULL,
    value TEXT NOT NULL, unit TEXT, source INTEGER NOT NULL, row INTEGER NOT NULL, given TEXT,
    note TEXT, extra TEXT
);
CREATE TABLE sources (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE rejections (source INTEGER NOT NULL, row INTEGER NOT NULL, reason TEXT, raw TEXT);
CREATE TABLE devices (source INTEGER NOT NULL, id TEXT NOT NULL, json TEXT NOT NULL);
"""
SORT = """CREATE INDEX sorted ON readings (micros, device, sensor, value, unit, id)"""
AS_ONE = "micros, device, sensor, value, unit"
"""What two readings have in common that are the same; which file they came from is no matter."""
COLUMNS = f"{AS_ONE}, source, row, given, note, extra"
BATCH = 2000
PAGE = 5000
STEPS = 200_000
"""Steps of SQLite's machine between two checks: some milliseconds."""
CACHE_KIB = 32 * 1024


class ReadingTable:
    """Used by one thread at a time. A context manager, which removes its file.

    `check` may raise what stops it; it is called many times a second while it is worked with.
    """

    def __init__(self, path: Path, check: Callable[[], None] = lambda: None) -> None:
        self._path = path
        self._check = check
        self._stopped: BaseException | None = None
        try:
            self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            path.chmod(0o600)
            for pragma in ("journal_mode=OFF", "synchronous=OFF", f"cache_size=-{CACHE_KIB}"):
                self._database.execute(f"PRAGMA {pragma}")
            self._database.executescript(SCHEMA)
            self._database.execute("BEGIN")
            self._database.set_progress_handler(self._progress, STEPS)
        except (sqlite3.Error, OSError) as error:
            raise _unavailable(error) from error
        self._sources: dict[str, int] = {}
        self._names: dict[int, str] = {}
        self._batch: list[tuple[Any, ...]] = []
        self._figures: ReadingFigures | None = None

    def add(self, reading: Reading) -> None:
        """Keep a reading."""
        value = to_json(_comparable(reading.value))
        self._batch.append(
            (
                reading.micros,
                reading.device,
                reading.sensor,
                value,
                reading.unit,
                self._source(reading.source),
                reading.row,
                None if reading.given is None else to_json(reading.given),
                reading.note,
                None if reading.extra is None else json.dumps(reading.extra, allow_nan=True),
            )
        )
        if len(self._batch) == BATCH:
            self._write()

    def reject(self, rejection: Rejection) -> None:
        """Keep aside what is no reading."""
        row = (self._source(rejection.source), rejection.row, rejection.reason, rejection.raw)
        self._execute("INSERT INTO rejections VALUES (?, ?, ?, ?)", row)

    def forget_rejections(self, source: str) -> None:
        """Let the rows of a file go that turned out to hold something else than readings."""
        self._execute("DELETE FROM rejections WHERE source = ?", (self._source(source),))

    def add_device(self, source: str, device: str, facts: dict[str, Any]) -> None:
        """Keep what a source says of a device."""
        row = (self._source(source), device, json.dumps(facts))
        self._execute("INSERT INTO devices VALUES (?, ?, ?)", row)

    def settle(self) -> None:
        """Sort; to be called when all is in."""
        self._write()
        self._execute(SORT)

    def sorted(self) -> Iterator[Reading]:
        """Yield the readings by time, device and sensor, the later of equal ones marked."""
        before: tuple[Any, ...] | None = None
        for row in self._rows(f"SELECT {COLUMNS} FROM readings ORDER BY {AS_ONE}, id"):  # noqa: S608
            same = row[:5]
            yield self._reading(row, same == before)
            before = same

    def in_order(self) -> Iterator[Reading]:
        """Yield the readings source by source, in the order in which they came."""
        for row in self._rows(f"SELECT {COLUMNS} FROM readings ORDER BY id"):  # noqa: S608
            yield self._reading(row, False)

    def rejections(self) -> Iterator[Rejection]:
        """Yield what was kept aside."""
        sql = """SELECT s.name, r.row, r.reason, r.raw FROM rejections AS r
            JOIN sources AS s ON s.id = r.source ORDER BY r.rowid"""
        return (Rejection(*row) for row in self._rows(sql))

    def devices(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Yield (source, device, facts) in the order in which they came."""
        sql = """SELECT s.name, d.id, d.json FROM devices AS d
            JOIN sources AS s ON s.id = d.source ORDER BY d.rowid"""
        return ((source, device, json.loads(facts)) for source, device, facts in self._rows(sql))

    def series(self) -> Iterator[Series]:
        """Yield each sensor of each device, by the times of their first readings."""
        sql = f"""SELECT device, sensor, min(unit), count(*), min(micros), max(micros)
            FROM (SELECT DISTINCT {AS_ONE} FROM readings)
            GROUP BY device, sensor ORDER BY min(micros), device, sensor"""  # noqa: S608
        for device, sensor, unit, count, first, last in self._rows(sql):
            yield Series(device, sensor, unit, count, datetime_at(first), datetime_at(last))

    @property
    def figures(self) -> ReadingFigures:
        """How much there is; to be asked for after `settle`."""
        if self._figures is None:
            ((count, first, last),) = self._rows(
                "SELECT count(*), min(micros), max(micros) FROM readings"
            )
            ((distinct,),) = self._rows(
                f"SELECT count(*) FROM (SELECT DISTINCT {AS_ONE} FROM readings)"  # noqa: S608
            )
            ((rejected,),) = self._rows("SELECT count(*) FROM rejections")
            ((devices,),) = self._rows(
                """SELECT count(*) FROM (SELECT device FROM readings WHERE device IS NOT NULL
                UNION SELECT id FROM devices)"""
            )
            self._figures = ReadingFigures(
                count,
                count - distinct,
                rejected,
                devices,
                None if first is None else datetime_at(first),
                None if last is None else datetime_at(last),
            )
        return self._figures

    def count_of(self, source: str) -> int:
        """Return how many readings a source gave."""
        self._write()
        sql = "SELECT count(*) FROM readings WHERE source = ?"
        return int(next(self._rows(sql, (self._source(source),)))[0])

    def close(self) -> None:
        self._database.close()
        self._path.unlink(missing_ok=True)

    def __enter__(self) -> ReadingTable:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _progress(self) -> bool:
        """Have SQLite stop what it does when `check` raises."""
        try:
            self._check()
        except BaseException as error:  # noqa: BLE001  # raised again by whoever asked
            self._stopped = error
        return self._stopped is not None

    def _failure(self, error: Exception) -> BaseException:
        return self._stopped or _unavailable(error)

    def _reading(self, row: tuple[Any, ...], duplicate: bool) -> Reading:
        micros, device, sensor, value, unit, source, number, given, note, extra = row
        return Reading(
            micros,
            device,
            sensor,
            from_json(value),
            unit,
            self._names[source],
            number,
            None if given is None else from_json(given),
            note,
            None if extra is None else json.loads(extra),
            duplicate,
        )

    def _source(self, name: str) -> int:
        known = self._sources.get(name)
        if known is None:
            known = self._sources[name] = len(self._sources) + 1
            self._names[known] = name
            self._execute("INSERT INTO sources VALUES (?, ?)", (known, name))
        return known

    def _write(self) -> None:
        batch, self._batch = self._batch, []
        try:
            self._database.executemany(
                "INSERT INTO readings VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", batch
            )
        except (sqlite3.Error, OverflowError) as error:
            raise self._failure(error) from error

    def _execute(self, sql: str, values: Iterable[Any] = ()) -> None:
        try:
            self._database.execute(sql, tuple(values))
        except sqlite3.Error as error:
            raise self._failure(error) from error

    def _rows(self, sql: str, values: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
        try:
            cursor = self._database.execute(sql, values)
            cursor.arraysize = PAGE
            while rows := cursor.fetchmany():
                yield from rows
        except sqlite3.Error as error:
            raise self._failure(error) from error


def _comparable(value: Any) -> Any:
    """Have 21 and 21.0 be one value."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value


def _unavailable(error: Exception) -> StoreUnavailable:
    return StoreUnavailable("The readings can't be sorted for the export.", str(error))
