"""recordings/ of the ZIP, and the readings and the time line in data/."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from jupyter_session_export.archive.contents import ArchiveContent
from jupyter_session_export.archive.plan import plan_archive
from jupyter_session_export.archive.readings import Document, SourceCopy
from jupyter_session_export.archive.sections import readings as section
from jupyter_session_export.errors import SourceChanged
from jupyter_session_export.records.reading import ReadingFigures, Rejection, Series
from jupyter_session_export.records.recording import (
    FROM_MODIFICATION,
    FROM_NAME,
    PassedOver,
    Recording,
)
from tests.unit.archive.samples import TIME, MemoryStore, content, execution, prepared, streamed

STORE = MemoryStore()
NAME = "cam1_session42_20260131.mp4"


def recording(path: Path, **changes: Any) -> Recording:
    status = path.stat()
    fields: dict[str, Any] = {
        "name": path.name,
        "origin": f"recordings/{path.name}",
        "path": str(path),
        "root": str(path.parent),
        "size": status.st_size,
        "inode": (status.st_dev, status.st_ino),
        "modified": TIME + timedelta(minutes=10),
        "time": TIME,
        "time_from": FROM_NAME,
        "reason": "its name is like {prefix}_session{ID}_{date}",
    }
    return Recording(**{**fields, **changes})


class FakeReadings:
    """Readings as an export has them, without any files."""

    def __init__(self, *, readings: int = 3, rejected: int = 0, sources: Any = ()) -> None:
        self._rejected = rejected
        self._sources = sources
        self.figures = ReadingFigures(readings, 1, rejected, 1, TIME, TIME + timedelta(hours=1))
        self.gathered = 0

    def gather(self) -> None:
        self.gathered += 1

    def documents(self) -> Iterator[Document]:
        yield Document("zigbee-data.json", lambda: [b"[", b"]\n"])

    def sources(self) -> Iterator[SourceCopy | PassedOver]:
        return iter(self._sources)

    def rejections(self) -> Iterator[Rejection]:
        return (Rejection("data/a.csv", n, "no time", "x") for n in range(1, self._rejected + 1))

    def series(self) -> Iterator[Series]:
        yield Series("0x1", "t", "K", 2, TIME + timedelta(seconds=1), TIME + timedelta(hours=1))


def opened(data: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(data))


def packed(export: ArchiveContent) -> zipfile.ZipFile:
    return opened(streamed(plan_archive(export), STORE))


def lines(archive: zipfile.ZipFile) -> dict[str, dict[str, Any]]:
    entries = json.loads(archive.read("manifest.json"))["entries"]
    return {entry["path"]: entry for entry in entries}


@pytest.mark.parametrize("size", [0, 10, 100_000, 20_000_000])
def test_media_are_stored_whatever_they_are(tmp_path: Path, size: int) -> None:
    """Also such as would shrink, of any size; they lie in the ZIP as they are."""
    (tmp_path / NAME).write_bytes(bytes(size))
    export = content(STORE, recordings=[recording(tmp_path / NAME)])
    archive = prepared(plan_archive(export), STORE, tmp_path)
    zipped = opened(b"".join(archive.read()))
    info = zipped.getinfo(f"recordings/{NAME}")
    assert (info.compress_type, info.file_size) == (zipfile.ZIP_STORED, size)
    assert zipped.read(info) == bytes(size)
    streamed_size = packed(export).getinfo(f"recordings/{NAME}").compress_size
    assert size <= streamed_size <= size * 1.001 + 100


@pytest.mark.parametrize("size", [100_000, 20_000_000])
def test_what_may_grow_is_copied(tmp_path: Path, size: int) -> None:
    """A recording that is still written to may go on while its export is fetched."""
    video = tmp_path / NAME
    video.write_bytes(bytes(size))
    grows = recording(video, still_written=True)
    archive = prepared(plan_archive(content(STORE, recordings=[grows])), STORE, tmp_path)
    with video.open("r+b") as file:
        file.write(b"header")
    zipped = opened(b"".join(archive.read()))
    assert zipped.read(f"recordings/{NAME}") == bytes(size)
    reason = lines(zipped)[f"recordings/{NAME}"]["reason"]
    assert reason == f"may still be written to; packed up to the {size:,} bytes it had"


def test_what_changes_although_it_was_left_alone_is_told(tmp_path: Path) -> None:
    """It is sent from where it lies, and never as something else than was promised."""
    video = tmp_path / NAME
    video.write_bytes(bytes(100_000))
    export = content(STORE, recordings=[recording(video)])
    archive = prepared(plan_archive(export), STORE, tmp_path)
    with video.open("ab") as file:
        file.write(b"more")
    with pytest.raises(SourceChanged):
        b"".join(archive.read())


def test_what_can_not_be_packed_is_in_the_ledger(tmp_path: Path) -> None:
    """A link that leads out, a file that can't be read; names stay unique."""
    (tmp_path / "README.txt").write_bytes(b"a recording's own")
    (tmp_path / NAME).write_bytes(b"1")
    gone = replace(recording(tmp_path / NAME), path=str(tmp_path / "gone.mp4"), name="gone.mp4")
    archive = packed(
        content(
            STORE,
            recordings=[
                recording(tmp_path / "README.txt"),
                gone,
                PassedOver("out.mp4", "recordings/out.mp4", "leads out"),
                PassedOver("bad.mp4", "recordings/bad.mp4", "unreadable", failed=True),
            ],
        )
    )
    found = lines(archive)
    assert found["recordings/out.mp4"]["disposition"] == "skipped"
    assert found["recordings/bad.mp4"]["disposition"] == "failed"
    assert found["recordings/gone.mp4"]["reason"] == "vanished before it could be read"
    assert b"media that belong" in archive.read("recordings/README.txt")
    (own,) = [name for name in archive.namelist() if name.startswith("recordings/README~")]
    assert archive.read(own) == b"a recording's own"


def test_all_times_are_on_one_line(tmp_path: Path) -> None:
    """Sorted, in UTC, each with what it was taken from."""
    (tmp_path / NAME).write_bytes(b"1")
    (tmp_path / "b_s42_x.wav").write_bytes(b"1")
    late = recording(
        tmp_path / "b_s42_x.wav",
        time=TIME + timedelta(days=3),
        modified=TIME + timedelta(days=3),
        time_from=FROM_MODIFICATION,
    )
    export = content(
        STORE,
        executions=[execution(STORE, 1)],
        recordings=[late, recording(tmp_path / NAME)],
        readings=FakeReadings(),
    )
    archive = packed(export)
    events = json.loads(archive.read("data/timeline.json"))["events"]
    assert [(e["kind"], e["time_from"], e["end"] is not None) for e in events] == [
        ("execution", "kernel", True),
        ("recording", "name", True),
        ("readings", "reading", True),
        ("recording", "modification time", False),
    ]
    assert all(event["start"].endswith("Z") for event in events)
    assert events[2]["count"] == 2
    assert {event["path"] for event in events} <= {
        *archive.namelist(),
        "executions/execution_1_00000001",
    }
    summary = archive.read("SESSION_SUMMARY.txt").decode()
    assert f"2026-01-31 12:00:04 UTC, from its name: {NAME}" in summary
    assert "3 of 1 device, 1 of them duplicates; 0 broken rows" in summary


def test_an_export_without_executions_tells_none_of_their_times() -> None:
    """What was not asked for is not hinted at."""
    include = frozenset({"data"})
    export = content(STORE, include=include, executions=[execution(STORE, 1)])
    assert "data/timeline.json" not in packed(export).namelist()


def test_readings_are_gathered_when_their_turn_comes() -> None:
    """Once, and only for an export that has them."""
    readings = FakeReadings()
    packed(content(STORE, readings=readings, include=frozenset({"logs"})))
    assert readings.gathered == 0
    archive = packed(content(STORE, readings=readings))
    assert readings.gathered == 1
    assert archive.read("data/zigbee-data.json") == b"[]\n"
    assert b"rejected.jsonl" in archive.read("data/sensor_data/README.txt")


def test_collectors_files_are_packed_as_they_came(tmp_path: Path) -> None:
    """Under their own paths; what leads elsewhere is told."""
    path = tmp_path / "a.csv"
    path.write_bytes(b"1,2\n")
    status = path.stat()
    inode = status.st_dev, status.st_ino
    copy = SourceCopy("data/a.csv", path, tmp_path, status.st_size, inode, TIME)
    out = PassedOver("data/b.csv", "data/b.csv", "link out of the root folder")
    archive = packed(content(STORE, readings=FakeReadings(sources=[copy, out])))
    assert archive.read("data/sensor_data/sources/data/a.csv") == b"1,2\n"
    line = lines(archive)["data/sensor_data/sources/data/b.csv"]
    assert line["disposition"] == "skipped"


def test_broken_rows_get_lines_up_to_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest is one line; rejected.jsonl has each."""
    monkeypatch.setattr(section, "MOST_LINES", 2)
    found = lines(packed(content(STORE, readings=FakeReadings(rejected=5))))
    reasons = [line["reason"] for line in found.values() if line["disposition"] == "skipped"]
    assert reasons == [
        "broken row, kept in rejected.jsonl: no time",
        "broken row, kept in rejected.jsonl: no time",
        "3 more broken rows, kept in rejected.jsonl",
    ]


def test_media_in_blocks_know_nothing_of_media_that_are_whole(tmp_path: Path) -> None:
    """Ranges of a ZIP with large and small recordings are those of the whole."""
    small, large = tmp_path / "a_s42_x.wav", tmp_path / NAME
    small.write_bytes(os.urandom(1000))
    large.write_bytes(os.urandom(17_000_000))
    export = content(STORE, recordings=[recording(small), recording(large)])
    archive = prepared(plan_archive(export), STORE, tmp_path)
    whole = b"".join(archive.read())
    assert len(whole) == archive.length
    assert b"".join(archive.read(8_000_000, 9_000_000)) == whole[8_000_000:9_000_000]
