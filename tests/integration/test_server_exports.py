"""The routes of the HTTP contract on a real server with a real kernel."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import time
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from jupyter_session_export.archive.verify import verify
from jupyter_session_export.records.sections import SECTIONS
from tests.exporting import executions, export, manifest, one_shot, prepared
from tests.kernel_socket import KernelSocket
from tests.servers import RunningServer, running_server
from tests.waiting import wait_until

NOTEBOOK = {
    "cells": [
        {
            "cell_type": "code",
            "id": "cell-1",
            "source": "print('hello')",
            "metadata": {},
            "outputs": [],
            "execution_count": None,
        }
    ],
    "metadata": {"kernelspec": {"name": "python3", "language": "python", "display_name": "P"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}


@pytest.fixture(scope="module")
def kernel_id(server: RunningServer) -> str:
    """A kernel of a notebook that is on disk, with three cells run."""
    (server.root / "notebook.ipynb").write_text(json.dumps(NOTEBOOK))
    (server.root / "table.csv").write_text("a,b\n1,2\n")
    (server.root / ".hidden").write_text("secret")
    kernel_id = server.start_kernel()
    with KernelSocket(server, kernel_id) as kernel:
        kernel.run("print('hello')", cell_id="cell-1")
        kernel.run("1/0", cell_id="cell-2")
        kernel.run("from IPython.display import HTML, display; display(HTML('<b>x</b>')); 42")
    return kernel_id


def test_a_session_is_described(server: RunningServer) -> None:
    """`GET session` tells the caller's session in the terms of the contract."""
    session = server.api("GET", "session").json()
    assert len(session["id"]) == 32
    assert session["number"] == 1
    assert session["guest"] is False
    assert session["recording"]["state"] == "on"
    assert session["started_at"] < session["expires_at"]
    assert server.api("GET", f"sessions/{session['id']}").json() == session
    listed = server.api("GET", "sessions").json()
    assert [one["id"] for one in listed["sessions"]] == [session["id"]]


@pytest.mark.usefixtures("kernel_id")
@pytest.mark.parametrize("way", [export, one_shot])
def test_every_execution_is_in_the_zip(server: RunningServer, way: object, tmp_path: Path) -> None:
    """Prepared or at once, the ZIP holds what was run, and verifies."""
    archive = way(server)  # type: ignore[operator]
    found = executions(archive)
    assert [one["status"] for one in found][:3] == ["ok", "error", "ok"]
    first, second, third = found[:3]
    assert first["cell_id"] == "cell-1"
    assert first["notebook"] == "notebook.ipynb"
    assert first["submitted_at"] <= first["started_at"] <= first["finished_at"]
    assert archive.read(f"{first['folder']}/source.py") == b"print('hello')"
    assert archive.read(f"{first['folder']}/stdout.txt") == b"hello\n"
    assert second["error"]["name"] == "ZeroDivisionError"
    assert {output["mime"] for output in third["outputs"]} >= {"text/html", "text/plain"}
    assert archive.read("code/notebook_1.ipynb") == json.dumps(NOTEBOOK).encode()
    assert b"print('hello')" in archive.read("code/notebook_1.py")
    for name in ("README.txt", "SESSION_SUMMARY.txt", "logs/activity_log.jsonl"):
        assert archive.read(name)
    assert json.loads(archive.read("data/session_metadata.json"))["environment"]
    assert "workspace/table.csv" not in archive.namelist()
    path = tmp_path / "session.zip"
    assert archive.fp is not None
    archive.fp.seek(0)
    path.write_bytes(archive.fp.read())
    assert verify(path).ok


@pytest.mark.usefixtures("kernel_id")
def test_the_workspace_comes_when_asked_for(server: RunningServer) -> None:
    """`include=workspace` takes the notebook's folder, and says which hidden files it left."""
    archive = one_shot(server, include="workspace")
    assert archive.read("workspace/table.csv") == b"a,b\n1,2\n"
    assert "workspace/.hidden" not in archive.namelist()
    assert manifest(archive)["workspace/.hidden"]["disposition"] == "skipped"
    assert not any(name.startswith("executions/") for name in archive.namelist())


def test_one_notebook_can_be_exported_alone(server: RunningServer, kernel_id: str) -> None:
    """`scope=notebook` takes the executions of that notebook only."""
    other = server.start_kernel(path="other.ipynb")
    with KernelSocket(server, other) as kernel:
        kernel.run("'other'")
    archive = export(server, scope="notebook", path="other.ipynb")
    assert {one["notebook"] for one in executions(archive)} == {"other.ipynb"}
    assert {one["kernel"]["id"] for one in executions(archive)} == {other} != {kernel_id}


@pytest.mark.usefixtures("kernel_id")
def test_the_same_job_gives_the_same_bytes(server: RunningServer) -> None:
    """A job is frozen: what runs later is not in it, and HEAD tells its length and tag."""
    job = prepared(server)
    path = f"exports/{job['id']}/download"
    first = server.api("GET", path)
    other = server.start_kernel()
    with KernelSocket(server, other) as kernel:
        kernel.run("'later'")
    second = server.api("GET", path)
    assert first.content == second.content
    head = server.api("HEAD", path)
    assert head.headers["ETag"] == first.headers["ETag"] == job["etag"]
    assert int(head.headers["Content-Length"]) == len(first.content)
    assert first.headers["Content-Type"] == "application/zip"
    assert job["filename"] in first.headers["Content-Disposition"]


@pytest.mark.usefixtures("kernel_id")
def test_the_newest_exports_are_listed(server: RunningServer) -> None:
    """`GET exports` tells them newest first; another session's and a strange limit don't."""
    jobs = [prepared(server)["id"] for _ in range(2)]
    listed = server.api("GET", "exports").json()["exports"]
    assert [job["id"] for job in listed][:2] == jobs[::-1]
    assert listed[0]["finished_at"] >= listed[0]["created_at"]
    (newest,) = server.api("GET", "exports?limit=1").json()["exports"]
    assert newest == server.api("GET", f"exports/{jobs[1]}").json()
    mine = newest["session_id"]
    assert len(server.api("GET", f"exports?session_id={mine}").json()["exports"]) == len(listed)
    assert server.api("GET", "exports?session_id=" + "0" * 32).json() == {"exports": []}
    assert server.api("GET", "exports?limit=many").json()["code"] == "INVALID_REQUEST"


@pytest.mark.usefixtures("kernel_id")
def test_stats_count_without_a_zip(server: RunningServer) -> None:
    """`GET session/stats` has counts, bytes and times per section."""
    stats = server.api("GET", "session/stats").json()
    assert stats["executions"]["count"] >= 3
    assert stats["executions"]["by_status"]["error"] >= 1
    assert stats["executions"]["bytes"] > 0
    assert stats["code"]["count"] >= 1
    assert stats["code"]["bytes"] > 0
    assert stats["logs"]["by_log"]["activity"] > 0
    sections = stats["sections"]
    assert list(sections) == [*SECTIONS]
    archive = one_shot(server, include=",".join(SECTIONS))
    infos = [info for info in archive.infolist() if info.filename.startswith("workspace/")]
    assert sections["workspace"] == {
        "entries": len(infos),
        "bytes": sum(info.file_size for info in infos),
    }
    assert sections["executions"]["bytes"] == stats["executions"]["bytes"]
    assert sections["code"] == {"entries": stats["code"]["count"], "bytes": stats["code"]["bytes"]}
    assert sections["logs"]["entries"] == len(stats["logs"]["by_log"])
    assert sections["debug"] == sections["recordings"] == {"entries": 0, "bytes": 0}


def test_stats_seal_nothing(server: RunningServer, kernel_id: str) -> None:
    """What a cell has printed is counted while it runs; a page that asks often costs no blobs."""

    def stats() -> dict[str, Any]:
        counted: dict[str, Any] = server.api("GET", "session/stats").json()["executions"]
        return counted

    with KernelSocket(server, kernel_id) as kernel:
        before = wait_until(lambda: "running" not in (now := stats())["by_status"] and now)
        run = kernel.submit("print('x' * 100_000, flush=True)\nimport time\ntime.sleep(600)")
        kernel.await_print(run)
        during = wait_until(lambda: (now := stats())["unsealed_bytes"] and now)
        assert during["by_status"]["running"] == 1
        assert during["unsealed_bytes"] == 100_001
        assert during["members"] == before["members"]
        assert during["bytes"] == before["bytes"] + 100_001
        with server.client() as client:
            client.post(f"api/kernels/{kernel_id}/interrupt").raise_for_status()
        kernel.finish(run)
        after = wait_until(lambda: "running" not in (now := stats())["by_status"] and now)
    assert after["unsealed_bytes"] == 0
    assert after["members"] > before["members"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "sessions/" + "0" * 32, None, 404, "SESSION_NOT_FOUND"),
        ("GET", "sessions/..%2f..%2fetc", None, 404, "SESSION_NOT_FOUND"),
        ("GET", "exports/none", None, 404, "EXPORT_NOT_FOUND"),
        ("GET", "exports/none/download", None, 404, "EXPORT_NOT_FOUND"),
        ("DELETE", "exports/none", None, 404, "EXPORT_NOT_FOUND"),
        ("POST", "exports", {"include": ["nonsense"]}, 400, "INVALID_REQUEST"),
        ("POST", "exports", {"session_id": "0" * 32}, 404, "SESSION_NOT_FOUND"),
        ("POST", "exports", [], 400, "INVALID_REQUEST"),
        ("POST", "session/recording", {"state": "loud"}, 400, "INVALID_REQUEST"),
        ("GET", "session/download?compression=best", None, 400, "INVALID_REQUEST"),
        ("GET", "nowhere", None, 404, "NOT_FOUND"),
    ],
)
def test_an_error_has_a_code_and_a_message(
    server: RunningServer, method: str, path: str, body: object, status: int, code: str
) -> None:
    """Bad input is answered in the contract's form, never with a traceback."""
    answer = server.api(method, path, json=body)
    assert answer.status_code == status
    assert answer.json()["code"] == code
    assert answer.json()["message"]


def test_an_unknown_notebook_is_an_error_of_the_job(server: RunningServer) -> None:
    """A notebook that the session doesn't know is told by its name."""
    job = prepared(server, scope="notebook", path="unknown.ipynb")
    assert job["state"] == "failed"
    assert job["error"]["code"] == "NOTEBOOK_NOT_FOUND"


@pytest.mark.parametrize("path", ["session", "session/stats", "session/download", "exports/x"])
def test_nothing_is_told_to_strangers(server: RunningServer, path: str) -> None:
    """Without authentication every route refuses."""
    answer = httpx.get(f"{server.url}session-export/api/{path}", trust_env=False)
    assert answer.status_code == 403
    assert answer.json()["code"] == "FORBIDDEN"


def test_a_cookie_alone_neither_posts_nor_downloads_from_elsewhere(server: RunningServer) -> None:
    """As with /files/, a page of another site can't use a person's login."""
    with server.client() as client:
        client.get("api/status")
        cookies = dict(client.cookies)
    foreign = {"Referer": "http://evil.example/", "Origin": "http://evil.example"}
    with httpx.Client(base_url=server.url, cookies=cookies, trust_env=False) as client:
        api = "session-export/api/"
        assert client.get(api + "session").status_code == 200
        assert client.post(api + "exports", json={}).status_code == 403
        assert client.get(api + "session/download", headers=foreign).status_code in (403, 404)


def test_a_kernels_key_opens_its_session_only(server: RunningServer) -> None:
    """The file that JPY_SESSION_EXPORT names is private, and its key is good for one session."""
    access = server.access()
    (path,) = server.data_dir().glob("sessions/*/access.json")
    assert path.stat().st_mode & 0o777 == 0o600
    headers = {"Authorization": f"JupyterSessionExport {access['key']}"}
    with httpx.Client(trust_env=False, headers=headers) as client:
        api = access["url"] + "session-export/api/"
        assert client.get(api + "session").json()["id"] == access["session_id"]
        assert client.post(api + "exports", json={}).status_code == 201
        assert client.get(api + "session/download").status_code == 200
        assert client.get(api + "sessions/" + "0" * 32).status_code == 404
        wrong = {"Authorization": "JupyterSessionExport wrong"}
        assert client.get(api + "session", headers=wrong).status_code == 403


def test_recording_can_be_paused(server: RunningServer) -> None:
    """What runs while recording is paused is not in the record, but that it was paused is."""
    kernel_id = server.start_kernel(path="paused.ipynb")
    with KernelSocket(server, kernel_id) as kernel:
        kernel.run("'before the pause'")
        paused = server.api("POST", "session/recording", json={"state": "paused"})
        assert paused.json()["recording"]["state"] == "paused"
        kernel.run("'during the pause'")
        resumed = server.api("POST", "session/recording", json={"state": "on"})
        assert resumed.json()["recording"]["state"] == "on"
        kernel.run("'after the pause'")
    archive = one_shot(server)
    sources = {archive.read(f"{one['folder']}/source.py") for one in executions(archive)}
    assert {b"'before the pause'", b"'after the pause'"} <= sources
    assert b"'during the pause'" not in sources
    log = archive.read("logs/activity_log.jsonl").decode()
    assert "recording.paused" in log
    assert "recording.resumed" in log


def test_a_client_that_leaves_stops_the_work(tmp_path: Path) -> None:
    """Within a second of the client's going no thread and no file of the export is left."""
    with running_server(tmp_path) as server:
        with (server.root / "big.bin").open("wb") as file:
            file.truncate(3 * 1024**3)
        server.start_kernel()
        process = psutil.Process(server.process.pid if server.process else 0)
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            request = (
                f"GET /session-export/api/session/download?include=workspace HTTP/1.1\r\n"
                f"Host: 127.0.0.1:{server.port}\r\nAuthorization: token {server.token}\r\n\r\n"
            )
            client.sendall(request.encode())
            assert client.recv(65536).startswith(b"HTTP/1.1 200")
            deadline = time.monotonic() + 20
            while not _open_big(process) and time.monotonic() < deadline:
                client.recv(1 << 20)
            assert _open_big(process)
        left = time.monotonic()
        while _open_big(process):
            assert time.monotonic() - left < 10
            time.sleep(0.02)
        assert server.api("GET", "session").status_code == 200


def _open_big(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        return any(file.path.endswith("big.bin") for file in process.open_files())
    return False


def test_cancelling_ends_a_download_that_nobody_reads(tmp_path: Path) -> None:
    """A client that has stopped reading can't hold a cancelled export."""
    with running_server(tmp_path) as server:
        (server.root / "film.mp4").write_bytes(os.urandom(50_000_000))
        server.start_kernel()
        job = prepared(server, include=["workspace"])
        assert job["state"] == "ready"
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
            request = (
                f"GET /session-export/api/exports/{job['id']}/download HTTP/1.1\r\n"
                f"Host: 127.0.0.1:{server.port}\r\nAuthorization: token {server.token}\r\n\r\n"
            )
            client.sendall(request.encode())
            assert client.recv(4096).startswith(b"HTTP/1.1 200")
            assert server.api("GET", f"exports/{job['id']}").json()["transfers"] == 1
            server.api("DELETE", f"exports/{job['id']}")
            deadline = time.monotonic() + 10
            while (told := server.api("GET", f"exports/{job['id']}").json())["transfers"]:
                assert time.monotonic() < deadline
                time.sleep(0.02)
        assert told["error"]["code"] == "CANCELLED_BY_USER"
        exports = server.data_dir() / "sessions" / job["session_id"] / "exports"
        # How it ended is remembered.
        wait_until(lambda: [path.suffix for path in exports.iterdir()] == [".json"])
