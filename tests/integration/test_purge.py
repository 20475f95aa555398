"""An owner takes back what was recorded: it is gone, to the byte, on a real server."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from jupyter_session_export.records.times import now, to_iso
from tests.exporting import executions, export, one_shot, prepared
from tests.kernel_socket import KernelSocket
from tests.servers import RunningServer
from tests.waiting import wait_until

COMMAND = Path(sys.executable).with_name("jupyter-session-export")
NOTHING = {"executions": 0, "running": 0, "bytes": 0}


@pytest.fixture
def server(own_server: RunningServer) -> RunningServer:
    """A server for each test: it has one record, of which little is left."""
    return own_server


def purge(server: RunningServer, session: str = "session", **scope: Any) -> dict[str, Any]:
    answer = server.api("DELETE", f"{session}/records", params=scope)
    assert answer.status_code == 200, answer.text
    purged: dict[str, Any] = answer.json()
    assert purged["held_by_export"] is False
    return purged


def files_with(server: RunningServer, secret: str) -> list[str]:
    """Return the files of all sessions that hold a text, deflated or not."""
    # Sealed content is deflated, so its text isn't found: its size tells that it is there.
    return [
        path.name
        for path in server.data_dir().rglob("*")
        if path.is_file() and secret.encode() in path.read_bytes()
    ]


def blobs(server: RunningServer) -> list[Path]:
    return [path for path in server.data_dir().glob("sessions/*/blobs/*/*") if path.is_file()]


def plant(kernel: KernelSocket, secret: str) -> None:
    """Run what leaves a secret in each place where something is kept."""
    noise = "__import__('random').Random(1).randbytes"
    kernel.run(f"print('{secret}')")
    kernel.run(f"print({noise}(300_000).hex()); print('{secret}')")
    kernel.run(f"raise ValueError('{secret}')")
    kernel.run(
        f"from IPython.display import display; display({{'text/plain': '{secret}'}}, raw=True)"
    )
    kernel.run(f"import os; os.write(2, b'{secret}')  # {secret}")


def test_all_of_it_is_gone(server: RunningServer) -> None:
    """Rows, blobs, journals, free pages; the audit log tells it, and what comes is recorded."""
    planted = "xyzzy-planted"
    with KernelSocket(server, server.start_kernel()) as kernel:
        plant(kernel, planted)
        job = prepared(server)
        assert files_with(server, planted)
        assert blobs(server)
        removed = purge(server, scope="all")["removed"]
        assert removed["executions"] == 5
        assert removed["bytes"] > 600_000
        assert files_with(server, planted) == []
        assert blobs(server) == []
        after = server.api("GET", f"exports/{job['id']}").json()
        assert after["state"] == "cancelled"
        assert after["error"]["code"] == "CANCELLED_SESSION_CHANGE"
        assert "purged" in after["error"]["message"]
        assert server.api("GET", f"exports/{job['id']}/download").status_code == 410
        assert server.api("GET", "session").json()["counts"]["executions"] == 0
        kernel.run("print('after')")
        archive = export(server)
        (execution,) = executions(archive)
        assert execution["number"] == 6
        assert archive.read(f"{execution['folder']}/stdout.txt") == b"after\n"
        audit = [json.loads(line) for line in archive.read("logs/audit_log.jsonl").splitlines()]
        (line,) = [line for line in audit if line["action"] == "record.purged"]
        assert line["detail"]["scope"] == "all"
        assert line["detail"]["executions"] == 5
        assert purge(server, scope="all")["removed"]["executions"] == 1


def test_what_runs_goes_on_without_what_came_before(server: RunningServer) -> None:
    """Its code and output so far are gone; what it prints from then on is recorded, marked."""
    before, after = "xyzzy-before", "xyzzy-after"
    code = f"""
import pathlib, time
print({before!r} * 1000, flush=True)
while not pathlib.Path('go').exists():
    time.sleep(0.05)
print({after!r}, flush=True)
"""
    with KernelSocket(server, server.start_kernel()) as kernel:
        run = kernel.submit(code)
        kernel.await_print(run, before)
        wait_until(lambda: files_with(server, before))
        removed = purge(server, scope="all")["removed"]
        assert (removed["executions"], removed["running"]) == (0, 1)
        assert files_with(server, before) == []
        stats = server.api("GET", "session/stats").json()["executions"]
        assert stats["by_status"] == {"running": 1}
        assert stats["unsealed_bytes"] == 0
        (server.root / "go").touch()
        kernel.finish(run)
        archive = one_shot(server)
        (execution,) = executions(archive)
        assert execution["status"] == "ok"
        assert execution["truncated"] is True
        assert execution["started_at"] < execution["finished_at"]
        assert execution["execution_count"] == 1
        folder = execution["folder"]
        assert archive.read(f"{folder}/stdout.txt") == f"{after}\n".encode()
        assert archive.read(f"{folder}/source.py") == b""
        assert files_with(server, before) == []


def test_a_part_may_go(server: RunningServer) -> None:
    """A notebook's executions, one of them, or those since a time; the others stay whole."""
    with (
        KernelSocket(server, server.start_kernel(path="a.ipynb")) as first,
        KernelSocket(server, server.start_kernel(path="b.ipynb")) as second,
    ):
        first.run("print('a1 planted')")
        second.run("print('b1')")
        first.run("print('a2 planted')")
        second.run("print('b2 planted')")
        second.run("print('b3')")
        assert purge(server, notebook="a.ipynb")["removed"]["executions"] == 2
        assert purge(server, notebook="a.ipynb")["removed"] == NOTHING
        answer = server.api("DELETE", "session/records", params={"notebook": "c.ipynb"})
        assert answer.json()["code"] == "NOTEBOOK_NOT_FOUND"
        archive = one_shot(server)
        # Numbers of two kernels' executions may change places, as their sockets are read in turn.
        found = {archive.read(f"{one['folder']}/source.py"): one for one in executions(archive)}
        kept, one, last = (b"print('b1')", b"print('b2 planted')", b"print('b3')")
        assert found.keys() == {kept, one, last}
        answer = server.api("DELETE", "session/records", params={"execution": found[one]["id"]})
        assert answer.json()["removed"]["executions"] == 1
        assert files_with(server, "planted") == []
        moment = to_iso(now() + timedelta(microseconds=1))
        second.run("print('late')")
        assert purge(server, since=moment)["removed"]["executions"] == 1
        archive = one_shot(server)
        stays = [found[kept]["folder"], found[last]["folder"]]
        assert [one["folder"] for one in executions(archive)] == stays
        assert [archive.read(f"{folder}/stdout.txt") for folder in stays] == [b"b1\n", b"b3\n"]
        activity = archive.read("logs/activity_log.jsonl").decode()
        assert Path(found[one]["folder"]).name not in activity
        assert Path(found[kept]["folder"]).name in activity


def test_a_session_that_nobody_writes(server: RunningServer) -> None:
    """Purged where it lies, ended or not; its readings go too."""
    with KernelSocket(server, server.start_kernel()) as kernel:
        plant(kernel, "xyzzy-ended")
        kernel.run("from jupyter_session_export import log_reading; log_reading('xyzzy-sensor', 1)")
    session = server.api("POST", "session/end", json={"shutdown_kernels": True}).json()
    assert files_with(server, "xyzzy")
    job = prepared(server, session_id=session["id"])
    assert job["state"] == "ready"
    before = wait_until(
        lambda: (now := server.api("GET", f"sessions/{session['id']}").json())["bytes"] and now
    )
    removed = purge(server, f"sessions/{session['id']}", scope="all")["removed"]
    assert removed["executions"] == 6
    assert files_with(server, "xyzzy") == []
    assert blobs(server) == []
    after = server.api("GET", f"sessions/{session['id']}").json()
    assert after["counts"]["executions"] == 0
    smaller = wait_until(lambda: server.api("GET", f"sessions/{session['id']}").json()["bytes"])
    assert smaller < before["bytes"]
    assert server.api("GET", f"exports/{job['id']}").json()["state"] == "cancelled"
    archive = export(server, session_id=session["id"])
    assert executions(archive) == []
    assert "record.purged" in archive.read("logs/audit_log.jsonl").decode()


def test_readings_go_with_all(server: RunningServer) -> None:
    """Those of a kernel that runs, which goes on to log; one notebook's purge leaves them."""
    with KernelSocket(server, server.start_kernel(path="a.ipynb")) as kernel:
        kernel.run("from jupyter_session_export import log_reading; log_reading('xyzzy', 1)")
        purge(server, notebook="a.ipynb")
        assert files_with(server, "xyzzy")
        purge(server, scope="all")
        assert files_with(server, "xyzzy") == []
        kernel.run("log_reading('plugh', 2)")
        wait_until(lambda: files_with(server, "plugh"))


def test_nothing_goes_by_accident(server: RunningServer) -> None:
    """A purge has to be told what, in one way, by JSON or the query."""
    wrong = [{}, {"scope": "some"}, {"scope": "all", "execution": "1"}, {"since": "yesterday"}]
    for scope in wrong:
        for options in ({"params": scope}, {"content": json.dumps(scope)}):
            answer = server.api("DELETE", "session/records", **options)
            assert answer.status_code == 400
            assert answer.json()["code"] == "INVALID_REQUEST"
    answer = server.api("DELETE", "session/records", content=json.dumps({"scope": "all"}))
    assert answer.json()["removed"] == NOTHING


def test_the_magic_and_the_command_line(server: RunningServer) -> None:
    """Each takes back what it is told to; nothing is recorded while that is paused."""
    with KernelSocket(server, server.start_kernel(path="a.ipynb")) as kernel:
        kernel.run("print('planted by a cell')")
        purged = kernel.run("%session_recording purge --notebook")
        assert purged.stream("stdout").startswith("1 execution purged")
        assert files_with(server, "planted by a cell") == []
        assert "paused" in kernel.run("%session_recording pause").stream("stdout")
        kernel.run("print('planted while paused')")
        assert "on" in kernel.run("%session_recording on").stream("stdout")
        kernel.run("print('planted later')")
        recorded = executions(one_shot(server))
        assert files_with(server, "planted later")
        assert files_with(server, "planted while paused") == []
        command = [COMMAND, "purge", "1", "--all", "--yes", "--json"]
        done = subprocess.run(
            command, env=server.environment, capture_output=True, text=True, check=True
        )
        assert json.loads(done.stdout)["removed"]["executions"] == len(recorded)
        assert files_with(server, "planted") == []
