"""Settings reach the server from its command line and from our own file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.exporting import executions, one_shot
from tests.kernel_socket import KernelSocket
from tests.servers import isolated_environment, running_server

COMMAND = Path(sys.executable).with_name("jupyter-session-export")


def write_config(home: Path, text: str) -> None:
    """Write our settings' file where this account's Jupyter looks for it."""
    (home / "config").mkdir(parents=True, exist_ok=True)
    (home / "config" / "jupyter_session_export_config.py").write_text(text)


def test_nothing_is_recorded_where_recording_is_off(tmp_path: Path) -> None:
    """`record=False`: kernels run, `GET session` says off, and no byte of them is kept."""
    with running_server(tmp_path, arguments=["--SessionExport.record=False"]) as server:
        recording = server.api("GET", "session").json()["recording"]
        assert recording["state"] == "off"
        assert "SessionExport.record" in recording["reason"]
        with KernelSocket(server, server.start_kernel()) as kernel:
            assert kernel.run("print('secret-' + 'word')").stream("stdout") == "secret-word\n"
            magic = kernel.run("%session_export")
        assert magic.stream("stderr").endswith("[NO_RECORDING_SERVER]\n")
        assert executions(one_shot(server)) == []
        refused = server.api("POST", "session/recording", json={"state": "on"})
        assert refused.json()["code"] == "INVALID_REQUEST"
        for path in server.data_dir().rglob("*"):
            assert not path.is_file() or b"secret-word" not in path.read_bytes()


def test_our_own_file_is_read_by_server_and_command_line(tmp_path: Path) -> None:
    """One file sets both; the server's command line overrides it."""
    data = tmp_path / "elsewhere"
    write_config(
        tmp_path / "home",
        f"c.SessionExport.data_dir = {str(data)!r}\n"
        "c.SessionExport.session_timeout_hours = 5\n"
        "c.SessionExport.guest = True\n",
    )
    with running_server(tmp_path, arguments=["--SessionExport.session_timeout_hours=0"]) as server:
        session = server.api("GET", "session").json()
        assert session["expires_at"] is None
        assert session["guest"] is True
        assert session["owner"] == f"guest_{session['id']}"
        with KernelSocket(server, server.start_kernel()) as kernel:
            kernel.run("1")
        assert [one["user_id"] for one in executions(one_shot(server))] == [session["owner"]]
        assert [path.name for path in (data / "sessions").iterdir()] == [session["id"]]
        assert not server.data_dir().exists()
        listed = subprocess.run(
            [COMMAND, "list", "--json"],
            env=server.environment,
            capture_output=True,
            text=True,
            check=True,
        )
    assert [one["id"] for one in json.loads(listed.stdout)] == [session["id"]]


def test_a_server_with_wrong_settings_runs_without_us_and_ends(tmp_path: Path) -> None:
    """It says what is wrong, serves all else, and stops when it is told to."""
    write_config(tmp_path / "home", "c.SessionExport.workers = 0\n")
    with running_server(tmp_path) as server:
        assert server.api("GET", "session").status_code == 404
        assert "SessionExport.workers must be from" in server.log.read_text()
        server.stop()
        # By itself, and not because it was killed.
        assert server.process is not None
        assert server.process.returncode == 0


@pytest.mark.parametrize("text", ["c.SessionExport.workers = 0\n", "c.SessionExport.workers =\n"])
def test_wrong_settings_are_told(tmp_path: Path, text: str) -> None:
    """The command line ends with a word about the file and what is wrong in it."""
    write_config(tmp_path / "home", text)
    done = subprocess.run(
        [COMMAND, "list"],
        env={**os.environ, **isolated_environment(tmp_path / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert "workers" in done.stderr or "jupyter_session_export_config" in done.stderr
