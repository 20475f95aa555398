"""Downloads that were cut off go on where they stopped, whatever became of the server."""

from __future__ import annotations

import hashlib
import os
import random
import secrets
import subprocess
import time
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from jupyter_session_export.archive.verify import verify
from tests.exporting import export, prepared
from tests.interrupted import Download
from tests.kernel_socket import KernelSocket
from tests.servers import RunningServer, running_server
from tests.traces import Traces, seconds_until_gone
from tests.waiting import SECONDS, wait_until

CUTS = 20
FILM_BYTES = 40_000_000
PRINT = """
import base64, os
for _ in range(3):
    print(base64.b64encode(os.urandom(500_000)).decode())
"""
SECTIONS = ["code", "executions", "data", "outputs", "workspace"]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    """A server with a film and a kernel that has printed more than fits into the database."""
    with running_server(tmp_path) as server:
        (server.root / "film.mp4").write_bytes(os.urandom(FILM_BYTES))
        (server.root / "table.csv").write_bytes(b"1,2,3\n" * 100_000)
        with KernelSocket(server, server.start_kernel()) as kernel:
            kernel.run(PRINT)
        yield server


def sha256(data: bytes | bytearray) -> str:
    return hashlib.sha256(data).hexdigest()


def begun(server: RunningServer) -> tuple[dict[str, Any], str, bytes]:
    """Prepare an export; return the job, its path and its ZIP."""
    job = prepared(server, include=SECTIONS)
    assert job["state"] == "ready", job
    path = f"exports/{job['id']}/download"
    return job, path, server.api("GET", path).content


def stop(server: RunningServer) -> None:
    server.stop()


def kill(server: RunningServer) -> None:
    assert server.process is not None
    kernels = psutil.Process(server.process.pid).children(recursive=True)
    server.kill()
    psutil.wait_procs(kernels, 30)


def test_a_download_that_is_cut_twenty_times_is_whole(server: RunningServer) -> None:
    """Same SHA-256, at most 1 % sent twice, and no descriptor or thread is left of any cut."""
    _, path, whole = begun(server)
    # The server's own pool of threads grows with what is asked at once, which a cut isn't.
    before = Traces.of(server)
    seed = secrets.randbits(32)
    print("seed", seed)
    turns = random.Random(seed)  # noqa: S311 - where to cut
    download = Download(server, path)
    for at in sorted(turns.sample(range(1, len(whole)), CUTS)):
        download.fetch(until=at)
        assert bytes(download.have) == whole[:at]
    download.fetch()
    assert sha256(download.have) == sha256(whole)
    assert download.statuses == [200] + [206] * CUTS
    twice = download.received - len(whole)
    print(f"{twice} of {len(whole)} bytes sent twice in {CUTS} cuts")
    assert 0 <= twice <= len(whole) / 100
    assert seconds_until_gone(server, before, time.monotonic(), SECONDS) < SECONDS


@pytest.mark.parametrize("end", [stop, kill])
def test_a_download_goes_on_with_the_next_server(
    server: RunningServer, end: Callable[[RunningServer], None]
) -> None:
    """Same tag, same bytes, though much was recorded and thrown away meanwhile."""
    job, path, whole = begun(server)
    gone = server.api("POST", "exports", json={}).json()
    assert server.api("DELETE", f"exports/{gone['id']}").status_code == 200
    download = Download(server, path)
    download.fetch(until=len(whole) // 3)
    end(server)
    server.start()
    with KernelSocket(server, server.start_kernel()) as kernel:
        kernel.run(PRINT)
    assert export(server)
    again = server.api("GET", f"exports/{job['id']}").json()
    for name in ("state", "etag", "bytes", "created_at", "left_out", "client_id", "include"):
        assert again[name] == job[name]
    assert again["progress"]["percent"] == 100
    download.fetch(until=2 * len(whole) // 3)
    end(server)
    server.start()
    download.fetch()
    assert download.statuses == [200, 206, 206]
    assert sha256(download.have) == sha256(whole)
    assert verify(BytesIO(download.have)).ok
    told = server.api("GET", f"exports/{gone['id']}").json()
    assert (told["state"], told["error"]["code"]) == ("cancelled", "CANCELLED_BY_USER")
    listed = [each["id"] for each in server.api("GET", "exports").json()["exports"]]
    assert {job["id"], gone["id"]} <= set(listed)


@pytest.mark.parametrize("end", [stop, kill])
def test_what_a_server_was_preparing_has_failed(
    server: RunningServer, end: Callable[[RunningServer], None]
) -> None:
    """Its owner learns why, and nothing of it stays."""
    with (server.root / "zeros.csv").open("wb") as file:
        file.truncate(20 * 1024**3)
    job = server.api("POST", "exports", json={"include": ["workspace"]}).json()
    staged = lambda: list(server.data_dir().glob("sessions/*/exports/*.staging"))  # noqa: E731
    wait_until(staged)
    end(server)
    server.start()
    again = server.api("GET", f"exports/{job['id']}").json()
    assert again["state"] == "failed"
    assert again["error"]["code"] == "EXPORT_FAILED"
    assert "server stopped" in again["error"]["message"]
    left = {path.suffix for path in server.data_dir().glob("sessions/*/exports/*")}
    assert left == {".json"}


def test_curl_goes_on_with_the_next_server(server: RunningServer, tmp_path: Path) -> None:
    """`curl -C -`, killed in the middle and run again."""
    _, path, whole = begun(server)
    file = tmp_path / "export.zip"
    command = [
        "curl", "-sS", "--fail", "-C", "-", "-o", str(file),
        "-H", f"Authorization: token {server.token}", f"{server.url}session-export/api/{path}",
    ]  # fmt: skip
    with subprocess.Popen([*command, "--limit-rate", "5M"]) as slow:
        wait_until(lambda: file.exists() and file.stat().st_size > 1_000_000)
        slow.kill()
    assert file.stat().st_size < len(whole)
    kill(server)
    server.start()
    subprocess.run(command, check=True, timeout=60)
    assert sha256(file.read_bytes()) == sha256(whole)


def test_a_source_that_changed_meanwhile_is_never_mixed_in(server: RunningServer) -> None:
    """The rest isn't sent, the job says why, and a new one is sent whole with another tag."""
    job, path, whole = begun(server)
    film_at = whole.index((server.root / "film.mp4").read_bytes()[:64])
    download = Download(server, path)
    download.fetch(until=film_at + 1_000_000)
    (server.root / "film.mp4").write_bytes(os.urandom(FILM_BYTES))
    answer = server.api("GET", path, headers={"Range": f"bytes={len(download.have)}-"})
    assert (answer.status_code, answer.json()["code"]) == (409, "SOURCE_CHANGED")
    again = server.api("GET", f"exports/{job['id']}").json()
    assert (again["state"], again["error"]["code"]) == ("failed", "SOURCE_CHANGED")
    new = prepared(server, include=SECTIONS)
    assert new["etag"] != job["etag"]
    download.path = f"exports/{new['id']}/download"
    download.fetch()
    assert download.statuses == [200, 200]
    assert len(download.have) == new["bytes"]
    assert zipfile.ZipFile(BytesIO(download.have)).testzip() is None


def test_a_source_that_changes_while_it_is_sent_ends_the_download(server: RunningServer) -> None:
    """The connection is cut before the promised length."""
    job, path, whole = begun(server)
    film = server.root / "film.mp4"
    with server.client() as client:
        with client.stream("GET", f"session-export/api/{path}") as answer:
            received = answer.iter_raw()
            size = len(next(received))
            at = film.stat().st_mtime + 10
            os.utime(film, (at, at))
            got: list[bytes] = []
            with pytest.raises(httpx.TransportError):
                got.extend(received)
        assert size + len(b"".join(got)) < len(whole)
    ended = lambda: server.api("GET", f"exports/{job['id']}").json()["state"] == "failed"  # noqa: E731
    wait_until(ended)


def test_an_export_that_nobody_fetched_expires_also_over_a_restart(tmp_path: Path) -> None:
    """Its lifetime goes on while no server runs."""
    lifetime = "--SessionExport.export_lifetime_minutes=1"
    with running_server(tmp_path, arguments=[lifetime]) as server:
        job = prepared(server)
        kill(server)
        (state,) = server.data_dir().glob(f"sessions/*/exports/{job['id']}.json")
        long_ago = time.time() - 61
        os.utime(state, (long_ago, long_ago))
        server.start()
        answer = server.api("GET", f"exports/{job['id']}/download")
        assert (answer.status_code, answer.json()["code"]) == (410, "EXPORT_EXPIRED")
        wait_until(lambda: list(state.parent.iterdir()) == [state])
