"""`jupyter session-export import` against real servers, as a program of its own."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cutting_proxy import cutting
from tests.exporting import prepared
from tests.kernel_socket import KernelSocket
from tests.servers import RunningServer, isolated_environment, running_server
from tests.unit.importing.hostile import Evil, packed

COMMAND = Path(sys.executable).with_name("jupyter-session-export")
MIB = 1024 * 1024


@dataclass(frozen=True)
class Done:
    """How the program ended, and what it left in its folder."""

    code: int
    out: str
    err: str
    folder: Path

    @property
    def left(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())


def started(folder: Path, *arguments: object) -> subprocess.Popen[str]:
    folder.mkdir(exist_ok=True)
    return subprocess.Popen(
        [str(COMMAND), "import", *map(str, arguments)],
        cwd=folder,
        env=isolated_environment(folder.parent / "home-of-import"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def importing(folder: Path, *arguments: object) -> Done:
    with started(folder, *arguments) as process:
        out, err = process.communicate(timeout=120)
    assert "Traceback" not in err
    return Done(process.returncode, out, err, folder)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server below a base URL, with a cell run and 8 MiB of files."""
    with running_server(tmp_path_factory.mktemp("server"), base_url="/some/where/") as server:
        with KernelSocket(server, server.start_kernel()) as kernel:
            kernel.run("print('hello')")
        own = Path(server.access()["files"]) / "bulk"
        own.mkdir()
        for number in range(200):
            (own / f"{number}.txt").write_bytes(b"%d" % number * 1000)
        (own / "media.mp4").write_bytes(random.Random(1).randbytes(8 * MIB))  # noqa: S311
        yield server


@pytest.fixture(scope="module")
def job(server: RunningServer) -> dict[str, Any]:
    job = prepared(server)
    assert job["state"] == "ready"
    return job


def url(server: RunningServer, route: str, port: int | None = None) -> str:
    origin = server.url if port is None else server.url.replace(str(server.port), str(port))
    return f"{origin}session-export/api/{route}"


def require_whole(folder: Path, server: RunningServer, job: dict[str, Any]) -> None:
    """Every file is there, and fits its checksum."""
    check = ["sha256sum", "--strict", "--quiet", "-c", "manifest-sha256.txt"]
    assert subprocess.run(check, cwd=folder, check=False).returncode == 0
    own = Path(server.access()["files"]) / "bulk"
    for path in own.iterdir():
        assert (folder / "outputs/bulk" / path.name).read_bytes() == path.read_bytes()
    assert json.loads((folder / "manifest.json").read_text())["session_id"] == job["session_id"]


def test_a_prepared_export_is_fetched_and_unpacked(
    server: RunningServer, job: dict[str, Any], tmp_path: Path
) -> None:
    """By its URL and the server's token; the folder is called as the ZIP is."""
    address = url(server, f"exports/{job['id']}/download")
    done = importing(tmp_path / "to", address, "--token", server.token)
    assert done.code == 0, done.err
    assert done.left == [job["filename"].removesuffix(".zip")]
    assert done.out == f"{tmp_path / 'to' / done.left[0]}\n"
    require_whole(Path(done.out.strip()), server, job)


def test_a_download_that_breaks_off_is_resumed(
    server: RunningServer, job: dict[str, Any], tmp_path: Path
) -> None:
    """Cut at random bytes, again and again: it goes on where it stopped, and little comes twice."""
    cuts = [random.randrange(70_000, job["bytes"] // 8) for _ in range(6)]  # noqa: S311
    with cutting(server.port, list(cuts)) as proxy:
        address = url(server, f"exports/{job['id']}/download", proxy.port)
        done = importing(tmp_path / "to", address, "--token", server.token)
    assert done.code == 0, done.err
    assert proxy.returned <= job["bytes"] * 1.01 + 7 * 1000  # and seven answers' headers
    require_whole(Path(done.out.strip()), server, job)


def test_a_one_shot_download_is_imported_too(
    server: RunningServer, job: dict[str, Any], tmp_path: Path
) -> None:
    """It has no length, and can't be resumed: it begins anew."""
    with cutting(server.port, [2 * MIB]) as proxy:
        address = url(server, "session/download", proxy.port)
        done = importing(tmp_path / "to", f"{address}?token={server.token}", "--to", "new")
    assert done.code == 0, done.err
    require_whole(tmp_path / "to/new", server, job)


@pytest.mark.parametrize("token", [[], ["--token", "wrong"]], ids=["none", "wrong"])
def test_without_the_token_nothing_comes(
    server: RunningServer, job: dict[str, Any], tmp_path: Path, token: list[str]
) -> None:
    """The server's refusal is told in one line."""
    address = url(server, f"exports/{job['id']}/download")
    done = importing(tmp_path / "to", address, *token)
    assert (done.code, done.left) == (1, [])
    assert len(done.err.splitlines()) == 1


def test_an_export_that_is_gone_has_the_servers_code(server: RunningServer, tmp_path: Path) -> None:
    """As every other client sees it."""
    address = url(server, "exports/nosuch/download")
    done = importing(tmp_path / "to", address, "--token", server.token)
    assert (done.code, done.left) == (1, [])
    assert "[EXPORT_NOT_FOUND]" in done.err


def test_a_page_of_the_server_is_no_zip(server: RunningServer, tmp_path: Path) -> None:
    """A login page comes with status 200."""
    done = importing(tmp_path / "to", f"{server.url}files/notebook.zip")
    assert (done.code, done.left) == (1, [])
    assert "[SERVER_REFUSED]" in done.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_download_that_is_interrupted_leaves_nothing(
    number: signal.Signals, server: RunningServer, job: dict[str, Any], tmp_path: Path
) -> None:
    """In its middle, where the server stalls; what grows has no name, so a kill does no harm."""
    with cutting(server.port, []) as stalled:
        stalled.stall_after = 3 * MIB
        address = url(server, f"exports/{job['id']}/download", stalled.port)
        with started(tmp_path / "to", address, "--token", server.token) as process:
            assert stalled.stalled.wait(60)
            process.send_signal(number)
            _, err = process.communicate(timeout=30)
    assert "Traceback" not in err
    assert process.returncode == (-number if number == signal.SIGKILL else 128 + number)
    assert not any((tmp_path / "to").iterdir())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_import_that_is_interrupted_leaves_nothing(
    number: signal.Signals, tmp_path: Path
) -> None:
    """While it unpacks; the ZIP stays as it was."""
    folder = tmp_path / "to"
    folder.mkdir()
    data = packed(Evil(f"data/{number}/a", b"%d" % number * 1000) for number in range(5_000))
    (folder / "x.zip").write_bytes(data)
    with started(folder, "x.zip") as process:
        while process.poll() is None and not list(folder.glob(".session_export-*/data")):
            os.sched_yield()
        process.send_signal(number)
        process.send_signal(number)
        _, err = process.communicate(timeout=60)
    assert "Traceback" not in err
    assert process.returncode == 128 + number
    assert [path.name for path in folder.iterdir()] == ["x.zip"]
    assert (folder / "x.zip").read_bytes() == data
    with zipfile.ZipFile(folder / "x.zip") as archive:
        assert len(archive.namelist()) == 5_003
