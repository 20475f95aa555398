"""data/: the readings, as JSON and as CSV, and the files that they came from."""

from __future__ import annotations

from collections.abc import Iterator

from ...records.recording import PassedOver
from ..contents import ArchiveContent
from ..entries import Disposition, Entry, Generated, LedgerLine, OnDisk
from ..names import Names, safe_path
from ..readings import Readings
from ..tally import Tally
from ..texts.sections import READINGS
from .made import text_entry

SOURCES = "data/sensor_data/sources/"
MOST_LINES = 1000
"""Broken rows that get a line of the ledger each; rejected.jsonl has all of them."""


def plan_readings(
    content: ArchiveContent, tally: Tally, names: Names
) -> Iterator[Entry | LedgerLine]:
    """Yield what is made of the readings, what they came from, and what was kept aside."""
    readings = content.readings
    if readings is None:
        return
    readings.gather()
    figures = readings.figures
    origin = f"made of {figures.readings:,} readings"
    if figures.readings or figures.rejected or figures.devices:
        tally.readings = figures
        tally.series = list(readings.series())
        path = names.claim("data/sensor_data/README.txt")
        yield text_entry(path, READINGS, content.modified)
    for document in readings.documents():
        path = names.claim(f"data/{document.path}")
        yield Entry(path, Generated(document.chunks), content.modified, origin)
    yield from _sources(readings, names)
    yield from _rejections(readings)


def _sources(readings: Readings, names: Names) -> Iterator[Entry | LedgerLine]:
    for file in readings.sources():
        if isinstance(file, PassedOver):
            path = safe_path(SOURCES + file.name)
            disposition: Disposition = "failed" if file.failed else "skipped"
            yield LedgerLine(path, file.origin, disposition, file.reason, 0, None)
            continue
        # A collector may write to it between now and when it is sent.
        source = OnDisk(file.path, file.root, file.size, file.inode, copied=True)
        yield Entry(names.claim(SOURCES + file.name), source, file.modified, file.name)


def _rejections(readings: Readings) -> Iterator[LedgerLine]:
    left = readings.figures.rejected - MOST_LINES
    for number, rejection in enumerate(readings.rejections()):
        if number == MOST_LINES:
            reason = f"{left:,} more broken rows, kept in rejected.jsonl"
            yield LedgerLine(f"{SOURCES}#rows", "readings", "skipped", reason, 0, None)
            return
        # RFC 7111 names the row of a file so.
        place = f"{rejection.source}#row={rejection.row}"
        reason = f"broken row, kept in rejected.jsonl: {rejection.reason}"
        yield LedgerLine(safe_path(SOURCES + place), place, "skipped", reason, 0, None)
