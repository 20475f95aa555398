"""What collectors left is found and read."""

from __future__ import annotations

import json
import os
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_session_export.records.reading import Reading
from jupyter_session_export.records.recording import PassedOver
from jupyter_session_export.workspaces import documents
from jupyter_session_export.workspaces.collectors import (
    SourceFile,
    find_sources,
    read_kernels,
    read_source,
)
from jupyter_session_export.workspaces.matching import Identity
from jupyter_session_export.workspaces.recordings import Place
from jupyter_session_export.workspaces.table import ReadingTable

MINE = Identity(42, "ab" * 16)
PRESENT = datetime(2027, 1, 1, tzinfo=timezone.utc)
AT = "2025-05-02T10:15:00Z"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in ("data", "sessions/Session42/data/deep", "sessions/Session4/data"):
        (tmp_path / "root" / folder).mkdir(parents=True)
    return tmp_path / "root"


def find(root: Path) -> list[SourceFile | PassedOver]:
    places = [Place.of(folder, str(root)) for folder in ("data", "sessions", "gone")]
    return list(find_sources([place for place in places if place], MINE))


def read(root: Path, table: ReadingTable) -> list[Reading]:
    for file in find(root):
        assert isinstance(file, SourceFile)
        read_source(file, table, PRESENT, lambda: None)
    table.settle()
    return list(table.in_order())


def test_known_files_are_taken_of_shared_folders_and_all_of_ones_own(root: Path) -> None:
    """Other files of a shared folder, and other sessions' folders, are not touched."""
    for name in (
        "data/zigbee-data.json",
        "data/zigbee-sensors.csv",
        "data/devices.json",
        "data/training.csv",
        "sessions/Session42/data/deep/notes.txt",
        "sessions/Session42/data/.hidden.json",
        "sessions/Session4/data/zigbee-data.json",
    ):
        (root / name).write_text("")
    assert [file.name for file in find(root)] == [
        "data/devices.json",
        "data/zigbee-data.json",
        "data/zigbee-sensors.csv",
        "sessions/Session42/data/deep/notes.txt",
    ]


def test_links_out_of_the_root_are_told(root: Path, tmp_path: Path) -> None:
    """And not followed."""
    (tmp_path / "secret.json").write_text("[]")
    (root / "data" / "zigbee-data.json").symlink_to(tmp_path / "secret.json")
    (found,) = find(root)
    assert isinstance(found, PassedOver)
    assert found.reason == "link out of the root folder"


def test_a_file_that_is_another_one_by_now_is_not_read(root: Path, tmp_path: Path) -> None:
    """A link, a FIFO or a new file that was put in its place since it was found."""
    path = root / "data/zigbee-data.json"
    path.write_text(json.dumps([{"time": AT, "sensor": "t", "value": 1}]))
    (file,) = find(root)
    assert isinstance(file, SourceFile)
    path.rename(root / "secret.json")
    for replace in (lambda: path.symlink_to("/etc/passwd"), lambda: os.mkfifo(path)):
        replace()
        with ReadingTable(tmp_path / "table") as table:
            read_source(file, table, PRESENT, lambda: None)
            table.settle()
            assert [each.reason for each in table.rejections()] == [
                "unreadable: it is another file by now"
            ]
        path.unlink()


def test_json_and_csv_give_the_same_readings(root: Path, tmp_path: Path) -> None:
    """In UTF-16 and UTF-8, with marks and with other separators."""
    rows = [{"time": AT, "device": "ä", "sensor": "t", "value": 21.5, "unit": "°C"}]
    (root / "data/zigbee-data.json").write_text(json.dumps(rows), encoding="utf-16")
    (root / "data/zigbee-sensors.csv").write_text(
        f"time;device;sensor;value;unit\n{AT};ä;t;21,5;°C\n", encoding="utf-8-sig"
    )
    with ReadingTable(tmp_path / "table") as table:
        one, other = read(root, table)
    assert one[:5] == other[:5]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ({"0x1": [{"time": AT, "sensor": "t", "value": 1}]}, ("0x1", "t")),
        ({"temperature": [{"time": AT, "device": "d", "value": 1}]}, ("d", "temperature")),
        ({"device": "d", "sensor": "t", "readings": [{"time": AT, "value": 1}]}, ("d", "t")),
        ({"device": "d", "readings": [{"time": AT, "device": "e", "t": 1}]}, ("e", "t")),
        ({"0x1": {"time": AT, "temperature": 1}}, ("0x1", "temperature")),
        ({"0x1": {"t": [{"time": AT, "value": 1}]}}, ("0x1", "t")),
        ({"time": AT, "device": "d", "temperature": 1}, ("d", "temperature")),
    ],
)
def test_shapes_of_json(
    root: Path, tmp_path: Path, content: object, found: tuple[str, str]
) -> None:
    """A device or a sensor may stand around its readings."""
    (root / "data/zigbee-data.json").write_text(json.dumps(content))
    with ReadingTable(tmp_path / "table") as table:
        (reading,) = read(root, table)
    assert (reading.device, reading.sensor) == found


def test_a_broken_row_within_a_row_spares_the_others(root: Path, tmp_path: Path) -> None:
    """Each of a list is a row of its own."""
    rows = [{"device": "d", "readings": [{"time": AT, "t": 1}, {"t": 2}, {"time": AT, "t": 3}]}]
    (root / "data/zigbee-data.json").write_text(json.dumps(rows))
    with ReadingTable(tmp_path / "table") as table:
        assert [reading.value for reading in read(root, table)] == [1, 3]
        assert [each.raw for each in table.rejections()] == ['{"device": "d", "t": 2}']


@pytest.mark.parametrize("depth", [10, 300, 900, 5000, 200_000])
@pytest.mark.parametrize("key", ["data", "x"])
def test_a_row_that_is_nested_deeply_is_read_or_broken(
    root: Path, tmp_path: Path, key: str, depth: int
) -> None:
    """It brings nothing down, and the next row is read."""
    deep = f'{{"time": "{AT}", "{key}": ' + f'{{"{key}":' * depth + "1" + "}" * depth + "}"
    text = f'[{deep}, {{"time": "{AT}", "sensor": "t", "value": 1}}]'
    (root / "data/zigbee-data.json").write_text(text)
    with ReadingTable(tmp_path / "table") as table:
        found = [reading.sensor for reading in read(root, table)]
        assert len(found) + table.figures.rejected == 2
        assert found[-1] == "t"
        b"".join(documents.came_csv(table.in_order()))
        b"".join(documents.unified_json(table.sorted()))


def test_devices_are_no_readings(root: Path, tmp_path: Path) -> None:
    """Neither in a file of their own nor beside readings."""
    devices = {"devices": [{"id": "0x1", "model": "M"}], "readings": []}
    (root / "data/zigbee-data.json").write_text(json.dumps(devices))
    (root / "data/devices.json").write_text(json.dumps({"0x2": {"name": "N"}}))
    with ReadingTable(tmp_path / "table") as table:
        assert read(root, table) == []
        assert [(device, facts) for _, device, facts in table.devices()] == [
            ("0x2", {"name": "N"}),
            ("0x1", {"id": "0x1", "model": "M"}),
        ]
        assert list(table.rejections()) == []


def test_a_file_of_ones_own_that_holds_no_readings_has_no_broken_rows(
    root: Path, tmp_path: Path
) -> None:
    """A collector's settings are packed as they are; broken rows beside good ones are told."""
    own = root / "sessions/Session42/data"
    (own / "settings.json").write_text('{"interval": 5}')
    (own / "log.csv").write_text(f"time,sensor,value\n{AT},t,1\nbroken,t,1\n")
    with ReadingTable(tmp_path / "table") as table:
        assert len(read(root, table)) == 1
        assert [each.source for each in table.rejections()] == ["sessions/Session42/data/log.csv"]


def test_an_export_that_is_cancelled_stops_reading(root: Path, tmp_path: Path) -> None:
    """In the middle of a file."""
    (root / "data/zigbee-sensors.csv").write_text("time,t\n" + f"{AT},1\n" * 5000)
    (file,) = find(root)
    assert isinstance(file, SourceFile)
    calls = []

    def check() -> None:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt

    with ReadingTable(tmp_path / "table") as table, pytest.raises(KeyboardInterrupt):
        read_source(file, table, PRESENT, check)


def test_a_session_without_readings_has_no_folder_of_them(tmp_path: Path) -> None:
    """Nothing is made by looking."""
    with ReadingTable(tmp_path / "table") as table:
        read_kernels(tmp_path / "readings", table, PRESENT, lambda: None)
        table.settle()
        assert table.figures.readings == 0
    assert list(tmp_path.iterdir()) == []


CELLS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
NESTED = st.lists(CELLS, max_size=2) | st.dictionaries(st.text(max_size=3), CELLS, max_size=2)
COLUMNS = st.sampled_from(["time", "date", "device", "sensor", "value", "unit", "state", "data"])
ROWS = st.lists(
    st.dictionaries(COLUMNS | st.text(max_size=4), CELLS | NESTED | st.just(AT), max_size=5)
)


@given(rows=ROWS)
@settings(deadline=None)
def test_every_row_is_a_reading_or_broken(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]]
) -> None:
    """Whatever it holds: none is dropped, and all that is kept can be written."""
    tmp = tmp_path_factory.mktemp("rows")
    path = tmp / "zigbee-data.json"
    path.write_text(json.dumps(rows))
    inode = path.stat().st_dev, path.stat().st_ino
    file = SourceFile(path.name, path, tmp, 0, inode, 0.0, True)
    with ReadingTable(tmp / "table") as table:
        read_source(file, table, PRESENT, lambda: None)
        table.settle()
        kept = {reading.row for reading in table.in_order()}
        broken = {rejection.row for rejection in table.rejections()}
        json.loads(b"".join(documents.unified_json(table.sorted())))
        json.loads(b"".join(documents.came_json(table.in_order())))
        b"".join(documents.came_csv(table.in_order()))
        b"".join(documents.unified_csv(table.sorted()))
        b"".join(documents.rejected_jsonl(table.rejections()))
    assert kept | broken == set(range(1, len(rows) + 1))
