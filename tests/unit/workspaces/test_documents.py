"""What is written of readings reads back as the same readings, by way of JSON and of CSV."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_session_export.errors import CancelledByUser
from jupyter_session_export.records.reading import Reading, Rejection
from jupyter_session_export.workspaces import documents
from jupyter_session_export.workspaces.collectors import SourceFile, read_source
from jupyter_session_export.workspaces.instants import micros_at
from jupyter_session_export.workspaces.table import ReadingTable
from jupyter_session_export.workspaces.values import canonical

PRESENT = datetime(2027, 1, 1, tzinfo=timezone.utc)
NAMES = (
    st.text(min_size=1, max_size=8)
    .map(lambda t: canonical(t.strip()))
    .filter(lambda name: isinstance(name, str) and bool(name.strip()) and name == name.strip())
)
READINGS = st.builds(
    Reading,
    micros=st.datetimes(datetime(2001, 1, 1), datetime(2026, 1, 1)).map(
        lambda time: micros_at(time.replace(tzinfo=timezone.utc))
    ),
    device=st.none() | NAMES,
    sensor=NAMES,
    value=(st.none() | st.booleans() | st.integers() | st.floats() | st.text()).map(canonical),
    unit=st.none() | NAMES,
    source=st.just("a"),
    row=st.integers(1, 9),
    given=st.none(),
    note=st.none(),
    extra=st.none(),
    duplicate=st.just(False),
)
Write = Callable[[Iterator[Reading]], Iterator[bytes]]


def table(tmp: Path, readings: list[Reading]) -> ReadingTable:
    made = ReadingTable(tmp / f"{len(list(tmp.iterdir()))}.readings")
    for reading in readings:
        made.add(reading)
    made.settle()
    return made


def parsed(tmp: Path, name: str, text: bytes) -> list[tuple[Any, ...]]:
    """Read a document as if a collector had left it."""
    path = tmp / name
    path.write_bytes(text)
    status = path.stat()
    inode = status.st_dev, status.st_ino
    file = SourceFile(name, path, tmp, status.st_size, inode, 0.0, True)
    made = ReadingTable(tmp / f"{name}.read")
    with made:
        read_source(file, made, PRESENT, lambda: None)
        made.settle()
        assert list(made.rejections()) == []
        return [key(reading) for reading in made.in_order()]


def key(reading: Reading) -> tuple[Any, ...]:
    value = reading.value
    shown = "NaN" if value != value else value  # noqa: PLR0124  # what NaN is
    return (reading.micros, reading.device, reading.sensor, type(shown), shown, reading.unit)


@pytest.mark.parametrize(
    ("name", "write"),
    [("a.json", documents.unified_json), ("a.csv", documents.unified_csv)],
)
@given(readings=st.lists(READINGS, max_size=8))
@settings(deadline=None, max_examples=50)
def test_a_document_reads_back(
    tmp_path_factory: pytest.TempPathFactory, name: str, write: Write, readings: list[Reading]
) -> None:
    """Times, names, values with their types, and units: JSON and CSV hold the same."""
    tmp = tmp_path_factory.mktemp("round")
    with table(tmp, readings) as made:
        expected = [key(reading) for reading in made.sorted()]
        assert parsed(tmp, name, b"".join(write(made.sorted()))) == expected


@given(readings=st.lists(READINGS, max_size=8))
@settings(deadline=None, max_examples=50)
def test_json_made_of_csv_made_of_json_is_the_same(
    tmp_path_factory: pytest.TempPathFactory, readings: list[Reading]
) -> None:
    """Byte for byte, so it doesn't matter which of them was there first."""
    tmp = tmp_path_factory.mktemp("round")
    with table(tmp, readings) as made:
        first = b"".join(documents.unified_json(made.sorted()))
        text = b"".join(documents.unified_csv(made.sorted()))
    rows = list(csv.DictReader(io.StringIO(text.decode(), newline="")))
    assert len(rows) == len(json.loads(first))
    path = tmp / "a.csv"
    path.write_bytes(text)
    inode = path.stat().st_dev, path.stat().st_ino
    file = SourceFile("a", path, tmp, len(text), inode, 0.0, True)
    with ReadingTable(tmp / "again.readings") as again:
        read_source(file, again, PRESENT, lambda: None)
        again.settle()
        assert b"".join(documents.unified_json(again.sorted())) == first


def test_readings_are_sorted_and_later_ones_of_equal_marked(tmp_path: Path) -> None:
    """Which file they came from doesn't matter to being equal, nor does 21 or 21.0."""
    one = Reading(2, "d", "s", 21, "K", "a", 1)
    readings = [
        one,
        one._replace(source="b", value=21.0),
        one._replace(micros=1),
        one._replace(unit=None),
    ]
    with table(tmp_path, readings) as made:
        found = [(r.micros, r.unit, r.source, r.duplicate) for r in made.sorted()]
        assert [r.row for r in made.in_order()] == [1, 1, 1, 1]
        figures = made.figures
        (series,) = made.series()
    assert found == [
        (1, "K", "a", False),
        (2, None, "a", False),
        (2, "K", "a", False),
        (2, "K", "b", True),
    ]
    assert (figures.readings, figures.duplicates, figures.devices) == (4, 1, 1)
    assert series.readings == 3


def test_rejections_are_lines_of_json(tmp_path: Path) -> None:
    """With the row's text and why."""
    with ReadingTable(tmp_path / "a.readings") as made:
        made.reject(Rejection("a.csv", 7, "no time", "x,\n"))
        made.settle()
        (line,) = b"".join(documents.rejected_jsonl(made.rejections())).splitlines()
        assert made.figures.rejected == 1
    assert json.loads(line) == {"source": "a.csv", "row": 7, "reason": "no time", "raw": "x,\n"}


def test_the_table_goes_with_the_export(tmp_path: Path) -> None:
    """It is its owner's only, and nothing is left of it."""
    path = tmp_path / "a.readings"
    with ReadingTable(path):
        assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == []


def test_many_readings_take_little_memory(tmp_path: Path) -> None:
    """What is in memory doesn't grow with their number."""
    at = micros_at(PRESENT - timedelta(days=100))
    tracemalloc.start()
    with ReadingTable(tmp_path / "a.readings") as made:
        for number in range(50_000):
            made.add(Reading(at + number * 7919 % 50_000, "d", "s", number, "K", "a", number))
        made.settle()
        size = sum(len(chunk) for chunk in documents.unified_json(made.sorted()))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 6_000_000
    assert peak < 6_000_000


def test_an_export_that_is_cancelled_stops_sorting(tmp_path: Path) -> None:
    """Also within one statement of SQLite's."""
    calls = []

    def check() -> None:
        calls.append(1)
        if len(calls) > 3:
            raise CancelledByUser("The export was cancelled.")

    at = micros_at(PRESENT)
    with ReadingTable(tmp_path / "a.readings", check) as made, pytest.raises(CancelledByUser):
        _fill(made, (Reading(at - n, "d", "s", n, None, "a", n) for n in range(100_000)))


def _fill(table: ReadingTable, readings: Iterator[Reading]) -> None:
    for reading in readings:
        table.add(reading)
    table.settle()
