"""The readings of a session, for one export: what kernels logged and collectors left."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from ..archive.readings import Document, SourceCopy
from ..records.reading import Reading, ReadingFigures, Rejection, Series
from ..records.recording import PassedOver
from ..records.times import from_timestamp
from ..workspaces import documents
from ..workspaces.collectors import SourceFile, find_sources, read_kernels, read_source
from ..workspaces.devices import merged
from ..workspaces.matching import Identity
from ..workspaces.recordings import Place
from ..workspaces.table import ReadingTable

CHECK_ROWS = 10_000


class SessionReadings:
    """Read into a table beside the export's other files, which goes with `close`."""

    def __init__(
        self,
        *,
        places: Sequence[Place],
        session: Identity,
        spool: Path,
        table: Path,
        present: datetime,
        check: Callable[[], None],
    ) -> None:
        self._places = places
        self._session = session
        self._spool = spool
        self._path = table
        self._present = present
        self._check = check
        self._found: list[SourceFile | PassedOver] = []
        self._opened: ReadingTable | None = None

    def gather(self) -> None:
        """Read all there is. Raises what `check` raises, or StoreUnavailable."""
        self._opened = table = ReadingTable(self._path, self._check)
        read_kernels(self._spool, table, self._present, self._check)
        for found in find_sources(self._places, self._session):
            self._check()
            self._found.append(found)
        for file in self._found:
            if isinstance(file, SourceFile):
                read_source(file, table, self._present, self._check)
        table.settle()

    def close(self) -> None:
        """Remove the table."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    @property
    def figures(self) -> ReadingFigures:
        return self._table.figures

    def documents(self) -> Iterator[Document]:
        table, figures = self._table, self.figures
        if figures.devices:
            yield Document("devices.json", lambda: [_devices(table)])
        if figures.readings:
            for path, write, rows in (
                ("zigbee-data.json", documents.unified_json, table.sorted),
                ("zigbee-sensors.csv", documents.unified_csv, table.sorted),
                ("sensor_data/sensor_readings.json", documents.came_json, table.in_order),
                ("sensor_data/sensor_readings.csv", documents.came_csv, table.in_order),
            ):
                yield Document(path, lambda w=write, r=rows: w(self._checked(r())))  # type: ignore[misc]  # bound now
        if figures.rejected:
            yield Document(
                "sensor_data/rejected.jsonl",
                lambda: documents.rejected_jsonl(table.rejections()),
            )

    def sources(self) -> Iterator[SourceCopy | PassedOver]:
        for file in self._found:
            if isinstance(file, PassedOver):
                yield file
            else:
                modified = _modified(file.modified)
                yield SourceCopy(file.name, file.path, file.root, file.size, file.inode, modified)

    def rejections(self) -> Iterator[Rejection]:
        return self._table.rejections()

    def series(self) -> Iterator[Series]:
        return self._table.series()

    @property
    def _table(self) -> ReadingTable:
        if self._opened is None:
            raise RuntimeError("the readings were not gathered")
        return self._opened

    def _checked(self, readings: Iterable[Reading]) -> Iterator[Reading]:
        for number, reading in enumerate(readings):
            if number % CHECK_ROWS == 0:
                self._check()
            yield reading


def _devices(table: ReadingTable) -> bytes:
    read = (series.device for series in table.series() if series.device is not None)
    devices = merged(table.devices(), read)
    text = json.dumps({"version": 1, "devices": devices}, indent=2, ensure_ascii=False)
    return f"{text}\n".encode()


def _modified(seconds: float) -> datetime:
    try:
        return from_timestamp(seconds)
    except (OverflowError, ValueError, OSError):
        return from_timestamp(0)
