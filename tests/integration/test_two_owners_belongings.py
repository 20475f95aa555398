"""Two people on one server: recordings, readings, files and old outputs are each one's own."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from jupyter_session_export.records.times import now, to_iso
from tests.kernel_socket import KernelSocket
from tests.servers import RunningServer
from tests.waiting import wait_until

API = "session-export/api/"
LONG_AGO = 1746180900
KEYS = ("time", "device", "sensor", "value", "unit", "source")
READINGS = "data/sensor_data/sensor_readings"
LOG = """
from jupyter_session_export import log_reading, register_device, session_files
register_device("desk of {name}", name="{name}")
for number in range(100):
    log_reading("illuminance", number, unit="lx", device="desk of {name}")
_ = session_files.save("{name}.txt", "{name}'s")
_ = (session_files.bulk("run") / "{name}.txt").write_text("{name}'s")
"""
COLLECTED = "sessions/Session2/data/zigbee-data.json"
ZIGBEE = [{"time": "2025-05-02T10:15:00Z", "device": "zigbee", "sensor": "door", "value": "open"}]
LASTING = ("executions/", "recordings/", "data/sensor_data/", "data/devices.json", "outputs/")


@dataclass(frozen=True)
class Person:
    """Somebody with a login cookie, and with a session in which a kernel has logged and saved."""

    name: str
    client: httpx.Client
    kernel_id: str
    session_id: str
    number: int

    def api(self, method: str, path: str, body: object = None) -> httpx.Response:
        return self.client.request(method, API + path, json=body)

    def at_once(self) -> zipfile.ZipFile:
        answer = self.api("GET", "session/download")
        assert answer.status_code == 200, answer.text
        return zipfile.ZipFile(io.BytesIO(answer.content))

    def prepared(self) -> zipfile.ZipFile:
        job = f"exports/{self.api('POST', 'exports', {}).json()['id']}"
        wait_until(lambda: self.api("GET", job).json()["state"] == "ready")
        return zipfile.ZipFile(io.BytesIO(self.api("GET", f"{job}/download").content))

    def lasting(self) -> dict[str, bytes]:
        """What of the ZIP stays the same for as long as nothing is run."""
        archive = self.at_once()
        return {name: archive.read(name) for name in archive.namelist() if name.startswith(LASTING)}


Zips = tuple[zipfile.ZipFile, zipfile.ZipFile]


@pytest.fixture(scope="module")
def lab(server_of_owners: RunningServer) -> RunningServer:
    """A server on which each person is an owner; its root holds what cameras and sensors left."""
    for name in (
        "recordings/cam1_session1_20250502.mp4",
        "recordings/cam2-session2-20250502.mp4",
        "recordings/cam1_session12_20250502.mp4",
        "sessions/Session1/recordings/x.mp4",
    ):
        put(server_of_owners.root / name, name)
    put(server_of_owners.root / COLLECTED, json.dumps(ZIGBEE))
    return server_of_owners


@pytest.fixture(scope="module")
def ada(lab: RunningServer) -> Iterator[Person]:
    with lab.browser() as client:
        yield settled(lab, client, "ada")


@pytest.fixture(scope="module")
def bob(lab: RunningServer, ada: Person) -> Iterator[Person]:
    with lab.browser() as client:
        person = settled(lab, client, "bob")
        assert (ada.number, person.number) == (1, 2)
        yield person


@pytest.fixture(scope="module", params=[Person.prepared, Person.at_once])
def zips(ada: Person, bob: Person, request: pytest.FixtureRequest) -> Zips:
    """The ZIP of each, made in both ways."""
    return request.param(ada), request.param(bob)


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (LONG_AGO, LONG_AGO))


def settled(server: RunningServer, client: httpx.Client, name: str) -> Person:
    kernel_id = server.start_kernel(path=f"{name}.ipynb", client=client)
    with KernelSocket(server, kernel_id, client=client) as kernel:
        run = kernel.run(LOG.format(name=name))
        assert not run.failed, run
    session = client.get(f"{API}session").json()
    return Person(name, client, kernel_id, session["id"], session["number"])


def command(server: RunningServer, *arguments: object) -> str:
    """Run a subcommand as the account that runs the server."""
    called = [sys.executable, "-m", "jupyter", "session-export", *map(str, arguments)]
    run = subprocess.run(called, env=server.environment, capture_output=True, text=True, check=True)
    return run.stdout


def below(archive: zipfile.ZipFile, folder: str) -> set[str]:
    return {name for name in archive.namelist() if name.startswith(folder)}


def text(value: object) -> str:
    return "" if value is None else str(value)


def test_a_recording_is_in_the_zip_of_its_session_only(zips: Zips) -> None:
    """By the number in its name or by its place; that of a session 12 is in neither ZIP."""
    for archive, names in zip(
        zips,
        (
            {"recordings/cam1_session1_20250502.mp4", "recordings/x.mp4"},
            {"recordings/cam2-session2-20250502.mp4"},
        ),
        strict=True,
    ):
        assert below(archive, "recordings/") - {"recordings/README.txt"} == names
    assert zips[0].read("recordings/x.mp4") == b"sessions/Session1/recordings/x.mp4"


def test_readings_are_in_the_zip_of_their_kernels_owner_only(zips: Zips) -> None:
    """The same ones in JSON and CSV, with the owner's devices and nobody else's."""
    for archive, name, other in ((zips[0], "ada", "bob"), (zips[1], "bob", "ada")):
        came = json.loads(archive.read(f"{READINGS}.json"))
        rows = list(csv.DictReader(io.StringIO(archive.read(f"{READINGS}.csv").decode())))
        assert [{key: text(one[key]) for key in KEYS} for one in came] == [
            {key: row[key] for key in KEYS} for row in rows
        ]
        logged = [one for one in came if one["device"] == f"desk of {name}"]
        assert [one["value"] for one in logged] == list(range(100))
        devices = json.loads(archive.read("data/devices.json"))["devices"]
        assert [one["id"] for one in devices if one.get("registered")] == [f"desk of {name}"]
        everything = b"".join(map(archive.read, below(archive, "data/")))
        assert f"desk of {other}".encode() not in everything


def test_a_collectors_file_is_in_the_zip_of_its_session_only(zips: Zips) -> None:
    """As it was, and its readings among the unified ones."""
    source = f"data/sensor_data/sources/{COLLECTED}"
    assert [source in archive.namelist() for archive in zips] == [False, True]
    assert json.loads(zips[1].read(source)) == ZIGBEE
    devices = [
        {one["device"] for one in json.loads(archive.read("data/zigbee-data.json"))}
        for archive in zips
    ]
    assert devices == [{"desk of ada"}, {"desk of bob", "zigbee"}]


def test_files_of_one_are_not_there_for_the_other(ada: Person, bob: Person, zips: Zips) -> None:
    """404 by name and by session, to read and to delete; and not in the other's ZIP."""
    for person, other, archive in ((ada, bob, zips[0]), (bob, ada, zips[1])):
        files = {f"single/{person.name}.txt", f"bulk/run/{person.name}.txt"}
        listed = person.api("GET", "session/files").json()["files"]
        assert {file["path"] for file in listed} == files
        assert below(archive, "outputs/") == {f"outputs/{path}" for path in files}
        for path in files:
            for session in ("session", f"sessions/{person.session_id}"):
                for method in ("GET", "HEAD", "DELETE"):
                    assert other.api(method, f"{session}/files/{path}").status_code == 404
            assert person.api("GET", f"session/files/{path}").text == f"{person.name}'s"


def test_an_old_layout_is_taken_into_one_session(
    lab: RunningServer, ada: Person, bob: Person, tmp_path: Path
) -> None:
    """By `migrate`, while the server runs; undone, the session is as it was."""
    before = ada.lasting(), bob.lasting()
    old = {"outputs/single/old.txt": b"an old one", "outputs/bulk/old/0.txt": b"an old run"}
    for path, content in old.items():
        put(tmp_path / path, content.decode())
    command(lab, "migrate", tmp_path, "--backup", "--session", ada.session_id)
    assert ada.lasting() == {**before[0], **old}
    assert bob.lasting() == before[1]
    assert bob.api("GET", "session/files/single/old.txt").status_code == 404
    assert not (tmp_path / "outputs/single/old.txt").exists()
    command(lab, "migrate", tmp_path, "--rollback")
    assert {path: (tmp_path / path).read_bytes() for path in old} == old
    assert (ada.lasting(), bob.lasting()) == before


def ended(server: RunningServer, person: Person) -> None:
    answer = person.api("POST", "session/end", {"shutdown_kernels": True})
    assert answer.json()["ended_at"] is not None


def deleted(server: RunningServer, person: Person) -> None:
    person.client.delete(f"api/kernels/{person.kernel_id}").raise_for_status()
    assert person.api("DELETE", f"sessions/{person.session_id}").status_code == 200


def cleaned(server: RunningServer, person: Person) -> None:
    """What a live server writes is left alone; afterwards its age decides."""
    path = server.data_dir() / "sessions" / person.session_id / "session.json"
    assert json.loads(command(server, "cleanup", "--max-age-hours", "0", "--json"))["removed"] == []
    server.stop()
    at = to_iso(now() - timedelta(hours=20))
    path.write_text(json.dumps({**json.loads(path.read_text()), "last_active_at": at}))
    report = json.loads(command(server, "cleanup", "--max-age-hours", "19", "--json"))
    assert [one["session_id"] for one in report["removed"]] == [person.session_id]
    server.start()


@pytest.mark.parametrize("go", [ended, deleted, cleaned])
def test_the_end_of_one_leaves_the_others_whole(
    lab: RunningServer, ada: Person, bob: Person, go: Callable[[RunningServer, Person], None]
) -> None:
    """Its folder is gone, each of the others' ZIPs is as before, and so is the served folder."""
    with lab.browser() as client:
        person = settled(lab, client, go.__name__)
        recording = f"recordings/cam1_session{person.number}_20250502.mp4"
        put(lab.root / recording, "theirs")
        assert recording in person.lasting()
        before = ada.lasting(), bob.lasting(), sorted(lab.root.rglob("*"))
        assert (lab.data_dir() / "sessions" / person.session_id).exists()
        go(lab, person)
        assert not (lab.data_dir() / "sessions" / person.session_id).exists()
        assert person.api("GET", f"sessions/{person.session_id}").status_code == 404
    assert (ada.lasting(), bob.lasting(), sorted(lab.root.rglob("*"))) == before
    assert ada.api("GET", "session").json()["id"] == ada.session_id
