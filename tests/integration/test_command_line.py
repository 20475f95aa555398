"""`jupyter session-export` beside a running server, and when there is none."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.exporting import executions
from tests.kernel_socket import KernelSocket
from tests.servers import RunningServer, running_server
from tests.waiting import wait_until

COMMAND = Path(sys.executable).with_name("jupyter-session-export")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server in whose session two cells ran."""
    with running_server(tmp_path_factory.mktemp("server")) as server:
        with KernelSocket(server, server.start_kernel()) as kernel:
            kernel.run("print('one')")
            kernel.run("1/0")
        # `list` reads what is committed, which the server's own figures see to.
        wait_until(lambda: set(_statuses(server)) == {"ok", "error"})
        yield server


def _statuses(server: RunningServer) -> dict[str, int]:
    stats = server.api("GET", "session/stats").json()
    by_status: dict[str, int] = stats["executions"]["by_status"]
    return by_status


@pytest.fixture(params=["running", "stopped"], scope="module")
def home(request: pytest.FixtureRequest, server: RunningServer) -> RunningServer:
    """The server, running at first and then stopped."""
    if request.param == "stopped":
        server.stop()
    return server


def call(server: RunningServer, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command in the account of a server."""
    return subprocess.run(
        [COMMAND, *arguments],
        env=server.environment,
        cwd=server.root,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def answer(server: RunningServer, *arguments: str | Path) -> Any:
    """Run the command with `--json` and read what it wrote."""
    done = call(server, *arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_sessions_are_listed(home: RunningServer) -> None:
    """As a table and as JSON; a session is live while its server runs."""
    (session,) = answer(home, "list")
    running = home.process is not None and home.process.poll() is None
    assert session["number"] == 1
    assert session["state"] == ("live" if running else "kept")
    assert session["executions"] == 2
    table = call(home, "list").stdout
    assert "Session1" in table
    assert session["id"] in table


def test_a_session_is_counted(home: RunningServer) -> None:
    """The server and the record tell the same figures."""
    stats = answer(home, "stats")
    assert stats["executions"]["by_status"] == {"ok": 1, "error": 1}
    assert "by status" in call(home, "stats", "1").stdout


def test_a_session_is_exported_and_verified(home: RunningServer, tmp_path: Path) -> None:
    """With a server or without, by the same command, to the same executions."""
    result = answer(home, "export", tmp_path / "session.zip")
    assert result["executions"] == 2
    with zipfile.ZipFile(result["path"]) as archive:
        assert [one["status"] for one in executions(archive)] == ["ok", "error"]
    (verdict,) = answer(home, "verify", result["path"])
    assert verdict["ok"]
    assert verdict["entries"] == result["files"]
    assert call(home, "verify", result["path"]).returncode == 0


def test_a_flipped_bit_is_named(home: RunningServer, tmp_path: Path) -> None:
    """`verify` ends with 1 and names the damaged member, and only that one."""
    path = tmp_path / "session.zip"
    answer(home, "export", path)
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo("data/session_metadata.json")
    data = bytearray(path.read_bytes())
    at = info.header_offset + 30 + len(info.filename) + info.compress_size // 2
    data[at] ^= 0x10
    path.write_bytes(data)
    done = call(home, "verify", path)
    assert done.returncode == 1
    assert "data/session_metadata.json" in done.stdout
    assert "executions/" not in done.stdout
    done = call(home, "verify", path, "--json")
    assert done.returncode == 1
    (verdict,) = json.loads(done.stdout)
    assert {problem["path"] for problem in verdict["problems"]} == {"data/session_metadata.json"}


@pytest.mark.parametrize(
    ("arguments", "code", "exit_code"),
    [
        (["stats", "99"], "SESSION_NOT_FOUND", 1),
        (["export", "--include", "soup"], "INVALID_REQUEST", 2),
        (["export", "--notebook", "unknown.ipynb"], "NOTEBOOK_NOT_FOUND", 1),
        (["export", "missing/x.zip"], "DESTINATION_UNWRITABLE", 1),
    ],
)
def test_a_problem_is_one_line(
    home: RunningServer, arguments: list[str], code: str, exit_code: int
) -> None:
    """On stderr, without a traceback, and the same with a server and without."""
    done = call(home, *arguments)
    assert done.returncode == exit_code
    assert done.stderr.endswith(f"[{code}]\n")
    assert done.stderr.count("\n") == 1
    assert not list(home.root.glob("*.zip"))


def test_a_problem_may_be_json(home: RunningServer) -> None:
    """With `--json` what went wrong is the one document on stdout."""
    done = call(home, "export", "99", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["code"] == "SESSION_NOT_FOUND"
    assert done.stderr == ""


def test_a_server_that_has_crashed_is_no_hindrance(tmp_path: Path) -> None:
    """What it had recorded is exported from the record, and its session is not called live."""
    with running_server(tmp_path) as server:
        with KernelSocket(server, server.start_kernel()) as kernel:
            kernel.run("print('one')")
            assert answer(server, "stats")["executions"]["count"] == 1
            # A dead server's kernel ends by itself; it is told to here, to leave none behind.
            kernel.submit("import os, time; time.sleep(0.5); os._exit(0)")
            server.kill()
        (session,) = answer(server, "list")
        assert session["state"] == "kept"
        result = answer(server, "export", tmp_path / "x.zip")
        with zipfile.ZipFile(result["path"]) as archive:
            assert archive.read(executions(archive)[0]["folder"] + "/stdout.txt") == b"one\n"
        assert answer(server, "verify", result["path"])[0]["ok"]
