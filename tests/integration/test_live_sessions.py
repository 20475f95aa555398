"""Sessions that code begins over HTTP, on a real server with real kernels."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import signal
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.bash import add_bash
from tests.live import (
    API,
    begin,
    end,
    folder,
    listed,
    owner,
    post,
    refused,
    run,
    status,
    streamed,
)
from tests.servers import RunningServer, running_server
from tests.waiting import wait_until

PAGE = Path(__file__).parents[2] / "docs" / "sessions.md"
MOST = 3


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that knows Bash, with a template and room for a few sessions."""
    folder = tmp_path_factory.mktemp("server")
    add_bash(folder / "home" / "data")
    arguments = [
        f"--SessionExport.max_live_sessions={MOST}",
        '--SessionExport.session_templates={"shell": {"language": "bash", "env": {"KIND": "a"}}}',
    ]
    with running_server(folder, arguments=arguments) as server:
        yield server


@pytest.fixture
def client(server: RunningServer) -> Iterator[httpx.Client]:
    with owner(server) as client:
        yield client


def test_code_runs_and_is_recorded(client: httpx.Client) -> None:
    """Variables stay; the session is listed, has its files, its ZIP, and ends when it is told."""
    session = begin(client, name="report", env={"MODE": "full"})
    assert run(client, session, "import os\nx = os.environ['MODE']")["success"]
    result = run(client, session, "print('printed')\nx")
    assert (result["text"], result["stdout"]) == ("'full'", "printed\n")
    failed = run(client, session, "1 / 0")
    assert (failed["error"]["name"], failed["exit_code"]) == ("ZeroDivisionError", 1)
    (row,) = [row for row in listed(client) if row["id"] == session]
    assert row["live"] == {"name": "report", "language": "python", "status": "idle"}
    assert row["expires_at"]
    assert row["ended_at"] is None
    assert len(row["kernels"]) == 1
    content = b"a,b\n" * 100_000
    put = client.put(f"{API}sessions/{session}/files/in/rows.csv", content=content)
    sha256 = hashlib.sha256(content).hexdigest()
    assert put.json() == {"path": "in/rows.csv", "bytes": len(content), "sha256": sha256}
    assert run(client, session, "len(open('in/rows.csv').read())")["text"] == "400000"
    run(client, session, "open('out.txt', 'w').write('done')")
    assert client.get(f"{API}sessions/{session}/files/out.txt").text == "done"
    told = status(client, session)
    assert (told["status"], told["runs"], told["uploaded_files"]) == ("idle", 5, ["in/rows.csv"])
    export = post(client, "exports", session_id=session).json()["id"]
    wait_until(lambda: client.get(f"{API}exports/{export}").json()["state"] == "ready")
    with zipfile.ZipFile(
        io.BytesIO(client.get(f"{API}exports/{export}/download").content)
    ) as archive:
        names = archive.namelist()
        assert "outputs/out.txt" in names
        assert sum(name.endswith("/source.py") for name in names) == 5
    assert refused(post(client, f"sessions/{session}/end"), 409, "KERNELS_RUNNING")
    kernel = row["kernels"][0]["id"]
    end(client, session)
    assert client.get(f"api/kernels/{kernel}").status_code == 404
    assert refused(post(client, f"sessions/{session}/run", code="1"), 410, "SESSION_CLOSED")
    ended = client.get(f"{API}sessions/{session}").json()
    assert ended["ended_at"]
    assert ended["live"] is None
    assert client.get(f"{API}sessions/{session}/stats").json()["executions"]["count"] == 5
    assert client.delete(f"{API}sessions/{session}").status_code == 200


def test_events_come_as_they_happen(server: RunningServer, client: httpx.Client) -> None:
    """One line each, or server-sent events for who asks for those; a failure is a result."""
    session = begin(client, template="shell")
    run(client, session, "mkfifo go")
    seen = []
    with streamed(client, session, "echo $KIND; read < go; echo late >&2") as answer:
        assert answer.headers["Content-Type"] == "application/x-ndjson"
        for event in map(json.loads, filter(None, answer.iter_lines())):
            seen.append(event)
            if event["event"] == "stdout" and event["text"].startswith("a"):
                # It has come while the code waits for this.
                folder(server, session).joinpath("go").write_text("on\n")
    kinds = [event["event"] for event in seen]
    assert (kinds[0], kinds[-1]) == ("progress", "finished")
    assert "stdout" in kinds
    assert seen[-1]["result"]["success"]
    with streamed(client, session, "false", "text/event-stream") as answer:
        text = answer.read().decode()
    last = text.strip().split("\n\n")[-1].splitlines()
    assert last[0] == "event: finished"
    assert json.loads(last[1].removeprefix("data: "))["result"]["session_id"] == session


def test_a_restart_by_jupyters_own_route_is_told(client: httpx.Client) -> None:
    """Variables are gone, so the session is dead until it is restarted, with its environment."""
    session = begin(client, env={"MODE": "full"})
    run(client, session, "x = 1")
    (kernel,) = client.get(f"{API}sessions/{session}").json()["kernels"]
    client.post(f"api/kernels/{kernel['id']}/restart").raise_for_status()
    assert status(client, session)["status"] == "dead"
    refusal = post(client, f"sessions/{session}/run", code="x")
    assert refused(refusal, 409, "KERNEL_DIED")
    assert "Somebody else" in refusal.json()["message"]
    assert post(client, f"sessions/{session}/restart").json()["status"] == "idle"
    assert run(client, session, "import os\nos.environ['MODE']")["text"] == "'full'"
    assert run(client, session, "x")["error"]["name"] == "NameError"


def test_pauses_and_snapshots(client: httpx.Client) -> None:
    """Frozen it goes on by itself, suspended it has its variables again, and a snapshot's."""
    session = begin(client)
    run(client, session, "x = 1")
    assert post(client, f"sessions/{session}/pause").json()["status"]["status"] == "frozen"
    assert post(client, f"sessions/{session}/resume").json()["status"]["status"] == "idle"
    kept = post(client, f"sessions/{session}/snapshots", name="one")
    assert (kept.status_code, kept.json()["name"]) == (201, "one")
    run(client, session, "x = 2")
    state = post(client, f"sessions/{session}/pause", how="suspend").json()
    assert (state["status"]["status"], state["state"]["lost"]) == ("suspended", [])
    assert client.get(f"{API}sessions/{session}").json()["kernels"] == []
    assert run(client, session, "x")["text"] == "2"
    assert client.get(f"{API}sessions/{session}/snapshots").json() == {"snapshots": ["one"]}
    assert post(client, f"sessions/{session}/restore", name="one").json()["lost"] == []
    assert run(client, session, "x")["text"] == "1"
    missing = post(client, f"sessions/{session}/restore", name="two")
    assert refused(missing, 404, "STATE_NOT_FOUND")
    before = status(client, session)["remaining"]
    after = post(client, f"sessions/{session}/keep_alive", seconds=9000).json()["remaining"]
    assert after > before


def test_interrupts_timeouts_and_deaths_are_results(client: httpx.Client) -> None:
    """Each with its own exit code; after a death, restarting helps."""
    session = begin(client)
    late = run(client, session, "import time\ntime.sleep(600)", timeout=0.5)
    assert (late["exit_code"], late["error"]["name"]) == (124, "TimeoutError")
    results: list[dict[str, Any]] = []
    code = "import time\nprint('on', flush=True)\ntime.sleep(600)"
    with streamed(client, session, code) as answer:
        for event in map(json.loads, filter(None, answer.iter_lines())):
            if event["event"] == "stdout":
                post(client, f"sessions/{session}/interrupt").raise_for_status()
            if event["event"] == "finished":
                results.append(event["result"])
    assert results[0]["exit_code"] == 130
    dead = run(client, session, "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
    assert (dead["exit_code"], dead["error"]["name"]) == (137, "KernelDied")
    assert status(client, session)["status"] == "dead"
    assert refused(post(client, f"sessions/{session}/run", code="1"), 409, "KERNEL_DIED")
    assert post(client, f"sessions/{session}/restart").json()["status"] == "idle"
    assert run(client, session, "1")["text"] == "1"
    pid = int(run(client, session, "import os\nos.getpid()")["text"])
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: status(client, session)["status"] == "dead")


def test_limits_and_bad_wishes_are_told(client: httpx.Client) -> None:
    """Each with a stable code, and nothing is begun."""
    before = client.get(f"{API}sessions").json()["total"]
    for wishes in (
        {"language": 1},
        {"env": {"A=": "b"}},
        {"env": {"A": "\ud800"}},
        {"lifetime": -1},
        {"packages": "numpy"},
        {"template": "none"},
        {"cwd": "/"},
    ):
        answer = client.post(f"{API}sessions", content=json.dumps(wishes))
        assert refused(answer, 400, "INVALID_REQUEST"), wishes
    assert refused(post(client, "sessions", language="none"), 400, "KERNEL_NOT_INSTALLED")
    failed = post(client, "sessions", packages=["missing==1.0", "--no-index"])
    assert refused(failed, 422, "PACKAGES_FAILED")
    assert client.get(f"{API}sessions").json()["total"] == before
    session = begin(client, language="bash")
    for body in ({}, {"code": 1}, {"code": "1", "timeout": 0}, {"code": "1", "silent": True}):
        answer = post(client, f"sessions/{session}/run", **body)
        assert refused(answer, 400, "INVALID_REQUEST")
    assert refused(post(client, f"sessions/{session}/pause", how="x"), 400, "INVALID_REQUEST")
    suspended = post(client, f"sessions/{session}/pause", how="suspend")
    assert refused(suspended, 501, "NOT_SUPPORTED")
    outside = client.put(f"{API}sessions/{session}/files/%2e%2e/x", content=b"")
    assert refused(outside, 400, "INVALID_NAME")
    for _ in range(MOST - 1):
        begin(client, language="bash")
    assert refused(post(client, "sessions"), 429, "TOO_MANY_SESSIONS")
    assert len(listed(client)) == MOST


def test_a_kernel_that_somebody_shuts_down_ends_its_session(client: httpx.Client) -> None:
    """As one whose time is over: the record says that it has ended."""
    gone, over = begin(client, language="bash"), begin(client, language="bash", lifetime=0.5)
    (kernel,) = client.get(f"{API}sessions/{gone}").json()["kernels"]
    client.delete(f"api/kernels/{kernel['id']}").raise_for_status()
    for session in (gone, over):
        wait_until(lambda each=session: client.get(f"{API}sessions/{each}").json()["ended_at"])
    assert client.get("api/kernels").json() == []


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_when_the_server_ends(tmp_path: Path, ending: int) -> None:
    """No kernel and, where it could still do something, no state; the record has what ran."""
    with running_server(tmp_path) as server, server.client() as client:
        session = begin(client)
        pid = int(run(client, session, "import os\nos.getpid()")["text"])
        post(client, f"sessions/{session}/snapshots", name="one").raise_for_status()
        # To ask for figures has the record on the disk; a crash may cost the last second.
        assert executions(client, session) == 1
        if ending == signal.SIGTERM:
            server.end(60)
        else:
            server.kill()
        wait_until(lambda: not is_running(pid))
        states = server.data_dir() / "sessions" / session / "states"
        assert ending == signal.SIGKILL or not states.exists()
        server.start()
        told = client.get(f"{API}sessions/{session}").json()
        assert bool(told["ended_at"]) == (ending == signal.SIGTERM)
        assert told["live"] is None
        wait_until(lambda: executions(client, session) == 1)


def executions(client: httpx.Client, session: str) -> int:
    """Return how many executions the record has."""
    return int(client.get(f"{API}sessions/{session}/stats").json()["executions"]["count"])


def is_running(pid: int) -> bool:
    """Tell whether there is a process that is no zombie."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_what_the_page_shows_works(server: RunningServer, tmp_path: Path) -> None:
    """The calls of docs/sessions.md, as they stand there."""
    (block,) = re.findall(r"```bash\n(.*?)```", PAGE.read_text(), re.DOTALL)
    (tmp_path / "rows.csv").write_text("first\nsecond\n")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block],
        env={**os.environ, "SERVER": server.url.rstrip("/"), "TOKEN": server.token},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done
    # A busy machine may tell of a line in two events.
    told = re.findall(r'"event": "stdout", "text": ("[^"]*")', done.stdout)
    assert "".join(map(json.loads, told)) == "2\n"
    assert (tmp_path / "out.txt").read_text() == "first\n"
    with zipfile.ZipFile(tmp_path / "session.zip") as archive:
        assert archive.read("outputs/in/rows.csv") == b"first\nsecond\n"
