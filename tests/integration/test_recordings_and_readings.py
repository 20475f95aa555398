"""Recordings and readings of a session, from a real server and kernels to the ZIP."""

from __future__ import annotations

import csv
import io
import json
import os
import threading
import time
import zipfile
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from jupyter_session_export.archive.verify import verify
from tests.exporting import executions, export, manifest, one_shot
from tests.kernel_socket import KernelSocket
from tests.servers import RunningServer, running_server

VIDEO = os.urandom(300_000)
LONG_AGO = datetime(2025, 5, 2, 12, tzinfo=timezone.utc).timestamp()
LOG = """
from jupyter_session_export import log_reading, register_device
register_device("0x00158d", name="Window", model="WSDCGQ11LM")
log_reading("temperature", 21.5, unit="°C", device="0x00158d", at="2025-05-02T10:15:00Z")
log_reading("temperature", float("nan"), device="0x00158d")
log_reading("motion", True)
for number in range(5000):
    log_reading("counter", number)
"""
AT_ONCE = "from jupyter_session_export import log_reading\nlog_reading('at once', 1)"
KILLED = """
import os, time
from pathlib import Path
from jupyter_session_export import log_reading
times = []
while not times or time.monotonic() < times[0] + 1.5:
    log_reading("beat", len(times))
    times.append(time.monotonic())
    time.sleep(0.001)
promised = sum(at < time.monotonic() - 1 for at in times)
Path("promised").write_text(str(promised))
Path("promised").rename("promised.txt")
os.kill(os.getpid(), 9)
"""
ZIGBEE = [
    {
        "time": "2025-05-02T12:15:00+02:00",
        "device": "0x00158d",
        "sensor": "temperature",
        "value": 21.5,
        "unit": "°C",
    },
    {"timestamp": 1746180960, "device": "0x00158d", "temperature": 21.6, "humidity": 40},
    {"device": "0x00158d", "temperature": "no time"},
]


@pytest.fixture(scope="module")
def lab(server: RunningServer) -> RunningServer:
    """A server whose root holds what cameras and collectors left, and a kernel that logged."""
    recordings = server.root / "recordings"
    placed = server.root / "sessions" / "Session1" / "recordings"
    data = server.root / "data"
    for folder in (recordings, placed, data):
        folder.mkdir(parents=True)
    for name in (
        "cam1_session1_20250502_101500.mp4",
        "c32_livinglab_s1_video.mp4",
        "cam1_session11_20250502.mp4",
        "cams1_s12_video.mp4",
    ):
        (recordings / name).write_bytes(VIDEO)
        os.utime(recordings / name, (LONG_AGO, LONG_AGO))
    (placed / "microphone.wav").write_bytes(bytes(200_000))
    (data / "zigbee-data.json").write_text(json.dumps(ZIGBEE))
    (data / "zigbee-sensors.csv").write_text(
        "\ufefftime;device;humidity (%)\r\n02.05.2025 10:17;0x00158d;40,5\r\nnever;0x1;1\r\n",
        encoding="utf-8",
    )
    (data / "devices.json").write_text(json.dumps({"devices": [{"id": "0x00158d", "room": "A"}]}))
    with KernelSocket(server, server.start_kernel()) as kernel:
        assert kernel.run(LOG).reply is not None
    return server


@pytest.fixture(scope="module", params=[export, one_shot], ids=["prepared", "at once"])
def archive(lab: RunningServer, request: pytest.FixtureRequest) -> zipfile.ZipFile:
    zipped: zipfile.ZipFile = request.param(lab)
    return zipped


def test_the_recordings_of_the_session_are_packed_as_they_are(archive: zipfile.ZipFile) -> None:
    """By name and by place, stored; those of sessions 11 and 12 stay where they are."""
    names = {name for name in archive.namelist() if name.startswith("recordings/")}
    assert names == {
        "recordings/README.txt",
        "recordings/cam1_session1_20250502_101500.mp4",
        "recordings/c32_livinglab_s1_video.mp4",
        "recordings/microphone.wav",
    }
    for name in names - {"recordings/README.txt"}:
        assert archive.getinfo(name).compress_type == zipfile.ZIP_STORED
    assert archive.read("recordings/c32_livinglab_s1_video.mp4") == VIDEO


def test_json_and_csv_hold_the_same_readings(archive: zipfile.ZipFile) -> None:
    """Whatever they came as, in one schema, sorted, with duplicates marked."""
    readings = json.loads(archive.read("data/zigbee-data.json"))
    rows = list(csv.DictReader(io.StringIO(archive.read("data/zigbee-sensors.csv").decode())))
    assert [(r["time"], r["sensor"], r["device"] or "") for r in readings] == [
        (row["time"], row["sensor"], row["device"]) for row in rows
    ]
    assert [r["time"] for r in readings] == sorted(r["time"] for r in readings)
    old = [r for r in readings if r["time"] < "2026"]
    assert [(r["time"][11:16], r["sensor"], r["value"], r["unit"]) for r in old] == [
        ("10:15", "temperature", 21.5, "°C"),
        ("10:15", "temperature", 21.5, "°C"),
        ("10:16", "humidity", 40, None),
        ("10:16", "temperature", 21.6, None),
        ("10:17", "humidity", 40.5, "%"),
    ]
    assert [r["duplicate"] for r in old] == [False, True, False, False, False]
    counted = [r["value"] for r in readings if r["sensor"] == "counter"]
    assert sorted(counted) == list(range(5000))


def test_readings_are_kept_as_they_came_too(archive: zipfile.ZipFile) -> None:
    """In their order, with the collectors' own files beside them."""
    came = json.loads(archive.read("data/sensor_data/sensor_readings.json"))
    logged = [r for r in came if r["source"].startswith("log_reading")]
    assert [r["value"] for r in logged[:4]] == [21.5, "NaN", True, 0]
    assert logged[0]["given_time"] == "2025-05-02T10:15:00Z"
    assert len(came) == len(json.loads(archive.read("data/zigbee-data.json")))
    source = "data/sensor_data/sources/data/zigbee-data.json"
    assert json.loads(archive.read(source)) == ZIGBEE


def test_broken_rows_are_kept_aside(archive: zipfile.ZipFile) -> None:
    """Each is a line of the ledger and of rejected.jsonl."""
    rejected = archive.read("data/sensor_data/rejected.jsonl").decode().splitlines()
    reasons = [json.loads(line)["reason"] for line in rejected]
    assert reasons == ["no time", "'never' is no time"]
    lines = manifest(archive)
    line = lines["data/sensor_data/sources/data/zigbee-sensors.csv#row=2"]
    assert line["disposition"] == "skipped"
    assert "'never' is no time" in line["reason"]


def test_devices_are_merged(archive: zipfile.ZipFile) -> None:
    """What was registered in the kernel and what the collector's file says are one device."""
    devices = json.loads(archive.read("data/devices.json"))["devices"]
    (device,) = [each for each in devices if each["id"] == "0x00158d"]
    assert (device["name"], device["room"]) == ("Window", "A")
    assert device["registered"] is True


def test_all_is_on_one_line_of_time(archive: zipfile.ZipFile) -> None:
    """Executions, recordings and readings have times in UTC, and it is said whose they are."""
    timeline = json.loads(archive.read("data/timeline.json"))
    events = timeline["events"]
    assert [event["start"] for event in events] == sorted(event["start"] for event in events)
    by_kind: dict[str, list[dict[str, Any]]] = {}
    for event in events:
        by_kind.setdefault(event["kind"], []).append(event)
    assert set(by_kind) == {"execution", "recording", "readings"}
    from_ = {event["path"]: event for event in by_kind["recording"]}
    named = from_["recordings/cam1_session1_20250502_101500.mp4"]
    assert (named["start"], named["time_from"]) == ("2025-05-02T10:15:00.000000Z", "name")
    dated = from_["recordings/c32_livinglab_s1_video.mp4"]
    assert dated["start"] == "2025-05-02T12:00:00.000000Z"
    assert dated["time_from"] == "modification time"
    (execution,) = [one for one in executions(archive) if "log_reading" in _source(archive, one)]
    assert execution["started_at"] in {event["start"] for event in by_kind["execution"]}
    summary = archive.read("SESSION_SUMMARY.txt").decode()
    assert "from its name: cam1_session1_20250502_101500.mp4" in summary
    assert "2 broken rows" in summary


def test_recordings_and_readings_are_counted(lab: RunningServer) -> None:
    """Without making a ZIP, and without reading any of them."""
    stats = lab.api("GET", "session/stats").json()
    assert stats["recordings"]["count"] == 3
    assert stats["recordings"]["bytes"] == 2 * len(VIDEO) + 200_000
    assert stats["recordings"]["first_at"] == "2025-05-02T10:15:00.000000Z"
    assert stats["readings"]["collected_files"] == 3
    assert stats["readings"]["logged_bytes"] > 0


def test_the_zip_verifies(lab: RunningServer, tmp_path: Path) -> None:
    """All of it is in the manifest with its hash."""
    path = tmp_path / "export.zip"
    path.write_bytes(lab.api("GET", "session/download").content)
    assert not verify(path).problems


def test_a_recording_that_grows_is_packed_up_to_one_size(tmp_path: Path) -> None:
    """What is written after an export was prepared neither breaks nor changes it."""
    with running_server(tmp_path) as server:
        folder = server.root / "recordings"
        folder.mkdir()
        video = folder / "cam1_session1_20250502.mp4"
        video.write_bytes(VIDEO)
        job = server.api("POST", "exports", json={"include": ["recordings"]}).json()
        while job["state"] == "preparing":
            job = server.api("GET", f"exports/{job['id']}").json()
        with video.open("ab") as growing:
            growing.write(b"more")
        answer = server.api("GET", f"exports/{job['id']}/download")
        archive = zipfile.ZipFile(io.BytesIO(answer.content))
        assert archive.read(f"recordings/{video.name}") == VIDEO
        line = manifest(archive)[f"recordings/{video.name}"]
        assert "may still be written to; packed up to the 300,000 bytes" in line["reason"]


@pytest.mark.parametrize("way", [export, one_shot], ids=["prepared", "at once"])
def test_a_recording_is_packed_while_it_is_written(
    lab: RunningServer, way: Callable[..., zipfile.ZipFile]
) -> None:
    """What is in the ZIP is its beginning, whole up to one size, and the ledger says so."""
    video = lab.root / "recordings" / "live_session1_20261120.mp4"
    stop, begun = threading.Event(), threading.Event()

    def record() -> None:
        with video.open("wb") as file:
            while not stop.is_set():
                file.write(os.urandom(100_000))
                file.flush()
                begun.set()

    camera = threading.Thread(target=record)
    camera.start()
    try:
        assert begun.wait(60)
        archive = (
            way(lab, include="recordings") if way is one_shot else way(lab, include=["recordings"])
        )
    finally:
        stop.set()
        camera.join()
    packed = archive.read(f"recordings/{video.name}")
    with video.open("rb") as file:
        assert packed == file.read(len(packed))
    line = manifest(archive)[f"recordings/{video.name}"]
    assert line["bytes"] == len(packed) > 0
    assert "written" in line["reason"] or "grew" in line["reason"]
    video.unlink()


def test_kernels_of_one_session_log_side_by_side(lab: RunningServer) -> None:
    """A kernel that is killed in the middle of a cell loses at most its last second."""
    with KernelSocket(lab, lab.start_kernel(path="other.ipynb")) as other:
        other.run(AT_ONCE)
    with KernelSocket(lab, lab.start_kernel(path="killed.ipynb")) as killed:
        killed.submit(KILLED)
        promised = int(_written(lab.root / "promised.txt"))
    readings = json.loads(export(lab, include=["data"]).read("data/zigbee-data.json"))
    beats = {r["value"] for r in readings if r["sensor"] == "beat"}
    assert promised > 100
    assert beats >= set(range(promised))
    assert [r["value"] for r in readings if r["sensor"] == "at once"] == [1]


def _written(path: Path) -> str:
    """Wait for a file that is renamed to its name when it is whole."""
    deadline = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return path.read_text()


def _source(archive: zipfile.ZipFile, execution: dict[str, Any]) -> str:
    return archive.read(f"{execution['folder']}/source.py").decode()
