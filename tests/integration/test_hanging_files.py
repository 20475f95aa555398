"""A file system that hangs: exports of it end all the same, and what hangs is told."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_session_export.archive.ahead import BATCH_ENTRIES
from jupyter_session_export.archive.companion import STARTS_AT
from jupyter_session_export.exports.admission import MOST_HANGING_OF_ONE
from tests.exporting import prepared
from tests.hanging_files import hanging_files, may_mount
from tests.kernel_socket import KernelSocket
from tests.servers import RunningServer, running_server

SECONDS = 20.0
BAR_SECONDS = 1.0
pytestmark = pytest.mark.skipif(not may_mount(), reason="only root may mount a file system")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server with a notebook in each of the folders that will hang."""
    with running_server(tmp_path_factory.mktemp("server")) as server:
        for at in ("read", "open", "stat", "list", "fine"):
            (server.root / at).mkdir()
            kernel_id = server.start_kernel(path=f"{at}/notebook.ipynb")
            with KernelSocket(server, kernel_id) as kernel:
                kernel.run(f"{at!r}")
        yield server


def _begin(server: RunningServer, at: str) -> dict[str, Any]:
    request = {"scope": "notebook", "path": f"{at}/notebook.ipynb", "include": ["workspace"]}
    answer = server.api("POST", "exports", json=request)
    assert answer.status_code == 201, answer.text
    job: dict[str, Any] = answer.json()
    return job


def _hangs(server: RunningServer) -> list[dict[str, str]]:
    workers = server.api("GET", "clients").json()["workers"]
    threads: list[dict[str, str]] = workers["hanging"]
    return threads


def _until(server: RunningServer, count: int) -> list[dict[str, str]]:
    deadline = time.monotonic() + SECONDS
    while len(threads := _hangs(server)) != count:
        assert time.monotonic() < deadline, threads
        time.sleep(0.02)
    return threads


def _temporary(server: RunningServer) -> list[Path]:
    found = server.data_dir().glob("sessions/*/exports/*")
    # How an export ended is remembered.
    return [path for path in found if path.suffix != ".json"]


def _ended(server: RunningServer, job: dict[str, Any], since: float) -> None:
    """See to it that a cancelled job has ended, and that its files go within a second."""
    assert server.api("GET", f"exports/{job['id']}").json()["state"] == "cancelled"
    while _temporary(server):
        assert time.monotonic() - since < BAR_SECONDS
        time.sleep(0.01)


@pytest.mark.parametrize("at", ["read", "open", "stat", "list"])
def test_an_export_that_hangs_ends_when_it_is_cancelled(server: RunningServer, at: str) -> None:
    """Within a second; its threads are counted with their place, and gone when it answers."""
    folder = server.root / at
    with hanging_files(folder, ["a.bin", "hang.bin", "z.bin"], {"hang.bin"}, at) as files:
        job = _begin(server, at)
        assert files.asked.wait(SECONDS)
        since = time.monotonic()
        assert server.api("DELETE", f"exports/{job['id']}").json()["state"] == "cancelled"
        _ended(server, job, since)
        (thread,) = _until(server, 1)
        assert str(folder) in thread["place"]
        other = prepared(server, scope="notebook", path="fine/notebook.ipynb")
        assert other["state"] == "ready"
    assert _until(server, 0) == []
    server.api("DELETE", f"exports/{other['id']}")


def test_a_small_file_that_hangs_does_so_among_many(server: RunningServer) -> None:
    """Another process may be at it, which then hangs as well: the end of the export does not."""
    folder = server.root / "read"
    names = [f"{number:04}.txt" for number in range((STARTS_AT + 2) * BATCH_ENTRIES)]
    hanging = names[STARTS_AT * BATCH_ENTRIES - 1]
    with hanging_files(folder, names, {hanging}, "read", size=1000) as files:
        job = _begin(server, "read")
        assert files.asked.wait(SECONDS)
        since = time.monotonic()
        assert server.api("DELETE", f"exports/{job['id']}").json()["state"] == "cancelled"
        _ended(server, job, since)
        (thread,) = _until(server, 1)
        assert str(folder) in thread["place"]
    assert _until(server, 0) == []


def test_a_download_that_hangs_ends_when_it_is_cancelled(server: RunningServer) -> None:
    """What is sent from where it lies may hang in the middle of the download."""
    folder = server.root / "later"
    folder.mkdir()
    (folder / "film.mp4").write_bytes(b"")
    with KernelSocket(server, server.start_kernel(path="later/notebook.ipynb")) as kernel:
        kernel.run("1")
    with hanging_files(folder, ["a.bin", "hang.bin"], {"hang.bin"}, "read") as files:
        with server.client() as client:
            query = "scope=notebook&path=later/notebook.ipynb&include=workspace&client_id=page"
            with client.stream("GET", f"session-export/api/session/download?{query}") as response:
                assert response.status_code == 200
                assert files.asked.wait(SECONDS)
                answer = server.api("POST", "clients/page/epoch").json()
                assert len(answer["cancelled"]) == 1
                with pytest.raises(Exception, match=r"closed|disconnected"):
                    response.read()
        _until(server, 1)
    _until(server, 0)


def test_what_hangs_is_bounded(server: RunningServer) -> None:
    """With too many, their owner gets no new one, with a clear message, until it answers."""
    folder = server.root / "open"
    with hanging_files(folder, ["hang.bin"], {"hang.bin"}, "open") as files:
        for count in range(MOST_HANGING_OF_ONE):
            files.asked.clear()
            job = _begin(server, "open")
            assert files.asked.wait(SECONDS)
            server.api("DELETE", f"exports/{job['id']}")
            _until(server, count + 1)
        answer = server.api("POST", "exports", json={})
        assert answer.status_code == 429
        error = answer.json()
        assert error["code"] == "TOO_MANY_EXPORTS"
        assert f"{MOST_HANGING_OF_ONE} threads" in error["message"]
        assert str(folder) in error["detail"]
        assert server.api("GET", "session/download").status_code == 429
    _until(server, 0)
    assert server.api("POST", "exports", json={}).status_code == 201
    assert "A thread hangs and was given up, at files.py:" in server.log.read_text()
