"""A page that is loaded again, a sign-out and the end of a session end what was begun there."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from jupyter_session_export.exports.clients import MOST_CLIENTS
from tests.exporting import one_shot, prepared
from tests.kernel_socket import KernelSocket
from tests.servers import RunningServer, running_server

API = "session-export/api/"
CHANGE = "CANCELLED_SESSION_CHANGE"
SECONDS = 20.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running_server(tmp_path_factory.mktemp("server")) as server:
        _fill(server)
        yield server


def _fill(server: RunningServer) -> None:
    """Have a session with a file that takes long to read."""
    with (server.root / "zero.bin").open("wb") as file:
        file.truncate(20 * 1024**3)
    with KernelSocket(server, server.start_kernel()) as kernel:
        kernel.run("1")


def _load(server: RunningServer, client: str) -> dict[str, Any]:
    answer = server.api("POST", f"clients/{client}/epoch")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def _begin(server: RunningServer, client: str) -> str:
    answer = server.api("POST", "exports", json={"client_id": client, "include": ["workspace"]})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def _state(server: RunningServer, job: str) -> tuple[str, str | None]:
    told = server.api("GET", f"exports/{job}").json()
    return told["state"], told["error"]["code"] if told["error"] else None


def test_a_reload_ends_that_pages_exports_and_no_others(server: RunningServer) -> None:
    """Preparing and ready ones; the answer names them, the log tells both epochs."""
    session = server.api("GET", "session").json()["id"]
    first = _load(server, "tab-1")
    assert (first["session_id"], first["cancelled"]) == (session, [])
    _load(server, "tab-2")
    preparing, other = _begin(server, "tab-1"), _begin(server, "tab-2")
    ready = prepared(server, client_id="tab-1")
    assert (ready["state"], ready["client_id"], ready["epoch"]) == ("ready", "tab-1", 1)
    told = _load(server, "tab-1")
    assert told["epoch"] == first["epoch"] + 1
    assert set(told["cancelled"]) == {preparing, ready["id"]}
    assert _state(server, preparing) == _state(server, ready["id"]) == ("cancelled", CHANGE)
    answer = server.api("GET", f"exports/{ready['id']}/download")
    assert (answer.status_code, answer.json()["code"]) == (410, CHANGE)
    assert _state(server, other) == ("preparing", None)
    server.api("DELETE", f"exports/{other}")
    log = server.log.read_text()
    assert f"Client tab-1 of session {session}: epoch 1 is now 2, 2 exports cancelled" in log
    audit = one_shot(server, include="logs").read("logs/audit_log.jsonl").decode()
    lines = [json.loads(line) for line in audit.splitlines()]
    (line,) = [one for one in lines if one["target"] == preparing and "cancelled" in one["action"]]
    assert (line["detail"]["client_id"], line["detail"]["epoch"]) == ("tab-1", 2)


def test_a_reload_in_mid_download_ends_the_download(server: RunningServer) -> None:
    """The connection is cut, so that nobody takes a broken file for a whole one."""
    (server.root / "film").mkdir()
    (server.root / "film" / "film.mp4").write_bytes(os.urandom(40_000_000))
    with KernelSocket(server, server.start_kernel(path="film/film.ipynb")) as kernel:
        kernel.run("1")
    _load(server, "tab-1")
    request = {"scope": "notebook", "path": "film/film.ipynb", "include": ["workspace"]}
    job = prepared(server, client_id="tab-1", **request)
    assert job["state"] == "ready"
    with server.client() as client, client.stream("GET", f"{API}exports/{job['id']}/download") as r:
        chunks = r.iter_raw()
        assert next(chunks)
        (download,) = server.api("GET", f"exports/{job['id']}").json()["downloads"]
        assert (download["first_byte"], download["total_bytes"]) == (0, job["bytes"])
        assert 0 < download["sent_bytes"] < job["bytes"]
        assert _load(server, "tab-1")["cancelled"] == [job["id"]]
        with pytest.raises(httpx.RemoteProtocolError):
            for _ in chunks:
                pass
    deadline = time.monotonic() + SECONDS
    while server.api("GET", f"exports/{job['id']}").json()["downloads"]:
        assert time.monotonic() < deadline


@pytest.mark.parametrize("client", ["a b", "x" * 65, "%2e%2e", "ä"])
def test_a_strange_id_is_refused(server: RunningServer, client: str) -> None:
    """By both routes that take one."""
    assert server.api("POST", f"clients/{client}/epoch").json()["code"] == "INVALID_REQUEST"
    answer = server.api("POST", "exports", json={"client_id": client})
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_REQUEST")


def test_clients_are_listed_and_bounded(server: RunningServer) -> None:
    """Each with its epoch, in its own session; a kernel's key sees those of its session."""
    with server.client() as client:
        for number in range(MOST_CLIENTS + 5):
            assert client.post(f"{API}clients/many-{number}/epoch").json()["epoch"] >= 1
        told = client.get(f"{API}clients").json()
    assert len(told["clients"]) == MOST_CLIENTS
    newest = told["clients"][-1]
    assert newest["client_id"] == f"many-{MOST_CLIENTS + 4}"
    assert newest["raised_at"]
    assert newest["exports"] == 0
    assert told["workers"]["hanging"] == []
    access = server.access()
    key = {"Authorization": f"JupyterSessionExport {access['key']}"}
    with httpx.Client(trust_env=False, headers=key) as client:
        url = f"{access['url']}{API}clients"
        assert client.get(url).json()["clients"] == told["clients"]
        assert client.post(f"{url}/kernel/epoch").status_code == 200


def _doctor(server: RunningServer, *arguments: str) -> str:
    doctor = ["session-export", "doctor", "--kernel", "python3"]
    command = [sys.executable, "-m", "jupyter", *doctor, *arguments]
    done = subprocess.run(
        command,
        env=server.environment,
        cwd=server.root,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_the_doctor_shows_clients_and_exports(server: RunningServer) -> None:
    """With their epochs, and the threads; as JSON for programs."""
    _load(server, "doctored")
    job = _begin(server, "doctored")
    text = _doctor(server)
    assert "Session1 at http://127.0.0.1" in text
    assert "        doctored: epoch " in text
    assert f"        {job}: " in text
    assert "    hanging: 0 of at most" in text
    shown = _doctor(server, "--json")
    (told,) = json.loads(shown)["servers"]
    assert told["well"] is True
    assert {"client_id": "doctored", "exports": 1}.items() <= told["clients"][-1].items()
    server.api("DELETE", f"exports/{job}")


def test_the_end_of_a_session_ends_its_pages_exports(tmp_path: Path) -> None:
    """Also ready ones; the next session begins with epoch 1."""
    with running_server(tmp_path) as server:
        _fill(server)
        _load(server, "tab")
        ready, preparing = prepared(server, client_id="tab")["id"], _begin(server, "tab")
        magic = prepared(server)["id"]
        old = server.api("GET", "session").json()["id"]
        assert server.api("POST", "session/end", json={"shutdown_kernels": True}).is_success
        assert _state(server, ready) == _state(server, preparing) == ("cancelled", CHANGE)
        assert _state(server, magic) == ("ready", None)
        new = _load(server, "tab")
        assert (new["epoch"], new["session_id"] != old) == (1, True)


def test_signing_out_ends_that_browsers_exports(tmp_path: Path) -> None:
    """And no other browser's."""
    with running_server(tmp_path) as server:
        _fill(server)
        with server.browser() as mine, server.browser() as theirs:
            jobs = []
            for name, client in [("mine", mine), ("theirs", theirs)]:
                assert client.post(f"{API}clients/{name}/epoch").json()["epoch"] == 1
                request = {"client_id": name, "include": ["workspace"]}
                jobs.append(client.post(f"{API}exports", json=request).json()["id"])
            assert mine.get("logout").status_code == 200
            assert _state(server, jobs[0]) == ("cancelled", CHANGE)
            assert _state(server, jobs[1]) == ("preparing", None)


def test_another_owner_neither_sees_nor_raises_a_client(tmp_path: Path) -> None:
    """The same id is another client in another's session."""
    arguments = ["--SessionExport.owner_mode=identity"]
    with (
        running_server(tmp_path, arguments=arguments) as server,
        server.browser() as ada,
        server.browser() as bob,
    ):
        ada.post(f"{API}clients/tab/epoch")
        job = ada.post(f"{API}exports", json={"client_id": "tab"}).json()["id"]
        assert bob.post(f"{API}clients/tab/epoch").json()["cancelled"] == []
        assert bob.post(f"{API}clients/tab/epoch").json()["epoch"] == 2
        assert ada.get(f"{API}exports/{job}").json()["error"] is None
        (client,) = ada.get(f"{API}clients").json()["clients"]
        assert client["epoch"] == 1
        assert bob.get(f"{API}exports").json() == {"exports": []}


def test_it_can_be_turned_off(tmp_path: Path) -> None:
    """Then a page's exports outlive it, and the session."""
    arguments = ["--SessionExport.cancel_on_session_change=False"]
    with running_server(tmp_path, arguments=arguments) as server:
        _load(server, "tab")
        job = prepared(server, client_id="tab")["id"]
        assert _load(server, "tab")["cancelled"] == []
        assert server.api("POST", "session/end", json={}).is_success
        answer = server.api("GET", f"exports/{job}/download")
        assert zipfile.ZipFile(io.BytesIO(answer.content)).testzip() is None


def test_epochs_go_on_over_a_restart(tmp_path: Path) -> None:
    """What a page began before the server's restart ends with the page's next load."""
    with running_server(tmp_path) as server:
        _load(server, "tab")
        _load(server, "tab")
        job = prepared(server, client_id="tab")
        assert (job["state"], job["epoch"]) == ("ready", 2)
        server.stop()
        server.start()
        told = _load(server, "tab")
        assert (told["epoch"], told["cancelled"]) == (3, [job["id"]])
        assert _state(server, job["id"]) == ("cancelled", CHANGE)
