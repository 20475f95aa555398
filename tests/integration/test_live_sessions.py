"""Sessions that code begins over HTTP, on a real server with real kernels."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from jupyter_session_export.server.live.sessions import MOST_WAITING
from tests.bash import add_bash
from tests.servers import RunningServer, running_server
from tests.waiting import wait_until

API = "session-export/api/"
PAGE = Path(__file__).parents[2] / "docs" / "sessions.md"
MOST = 3


AUTHORIZER = """
from jupyter_server.auth import Authorizer

class Careful(Authorizer):
    def is_authorized(self, handler, user, action, resource):
        return handler.request.headers.get("X-May-Not") != f"{action} {resource}"

c.ServerApp.authorizer_class = Careful
"""


LATE = """
import pathlib, sys, time
from ipykernel.kernelapp import launch_new_instance
while not pathlib.Path(__file__).with_name("go").exists():
    time.sleep(0.02)
sys.argv = ["late", "-f", sys.argv[1]]
launch_new_instance()
"""


def add_late_kernel(place: Path) -> None:
    """Have a server know a kernel that begins when there is a file `go` beside its program."""
    place.mkdir(parents=True)
    (place / "late.py").write_text(LATE)
    argv = [sys.executable, str(place / "late.py"), "{connection_file}"]
    spec = {"argv": argv, "display_name": "Late", "language": "late"}
    (place / "kernel.json").write_text(json.dumps(spec))


def add_authorizer(server: RunningServer) -> None:
    """Have the server forbid a request what its header says."""
    (server.home / "config" / "jupyter_server_config.py").write_text(AUTHORIZER)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that knows Bash, with a template and room for a few sessions."""
    folder = tmp_path_factory.mktemp("server")
    add_bash(folder / "home" / "data")
    add_late_kernel(folder / "home" / "data" / "kernels" / "late")
    arguments = [
        f"--SessionExport.max_live_sessions={MOST}",
        '--SessionExport.session_templates={"shell": {"language": "bash", "env": {"KIND": "a"}}}',
    ]
    with running_server(folder, arguments=arguments, prepare=add_authorizer) as server:
        yield server


@pytest.fixture
def client(server: RunningServer) -> Iterator[httpx.Client]:
    """The owner; what sessions are left when a test ends are ended."""
    with server.client() as client:
        # Kernels start slowly on a busy machine.
        client.timeout = httpx.Timeout(240.0)
        yield client
        for session in listed(client):
            end(client, session["id"])


def post(client: httpx.Client, path: str, **body: Any) -> httpx.Response:
    return client.post(API + path, json=body)


def begin(client: httpx.Client, **wishes: Any) -> str:
    """Begin a session and return its id."""
    answer = post(client, "sessions", **wishes)
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"].endswith(answer.json()["id"])
    return str(answer.json()["id"])


def run(client: httpx.Client, session: str, code: str, **more: Any) -> dict[str, Any]:
    """Run code and return its result."""
    answer = post(client, f"sessions/{session}/run", code=code, **more)
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()
    return result


def status(client: httpx.Client, session: str) -> dict[str, Any]:
    answer = client.get(f"{API}sessions/{session}/status")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def listed(client: httpx.Client) -> list[dict[str, Any]]:
    """Return the sessions that live."""
    found: list[dict[str, Any]] = client.get(f"{API}sessions?live=true").json()["sessions"]
    return found


def end(client: httpx.Client, session: str) -> None:
    post(client, f"sessions/{session}/end", shutdown_kernels=True).raise_for_status()


def folder(server: RunningServer, session: str) -> Path:
    """Return where a session's files are."""
    return server.data_dir() / "sessions" / session / "outputs"


@contextmanager
def streamed(
    client: httpx.Client,
    session: str,
    code: str,
    accept: str = "application/x-ndjson",
) -> Iterator[httpx.Response]:
    """Run code and follow it."""
    path = f"{API}sessions/{session}/run"
    with client.stream("POST", path, json={"code": code}, headers={"Accept": accept}) as answer:
        assert answer.status_code == 200
        yield answer


def refused(answer: httpx.Response, status: int, code: str) -> bool:
    """Tell whether a request was refused as it should be."""
    told = answer.json()
    assert (answer.status_code, told["code"]) == (status, code), answer.text
    assert set(told) == {"code", "message", "detail"}
    return True


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


@pytest.mark.parametrize("accept", ["application/json", "application/x-ndjson"])
def test_who_goes_away_interrupts_the_code(
    server: RunningServer, client: httpx.Client, accept: str
) -> None:
    """The kernel is free for the next run, and has its variables."""
    session = begin(client)
    run(client, session, "x = 5")
    code = "import time\nopen('begun', 'w').close()\ntime.sleep(600)"
    body = json.dumps({"code": code}).encode()
    head = (
        f"POST /{API}sessions/{session}/run HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: {accept}\r\n"
        f"Authorization: token {server.token}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port)) as leaving:
        leaving.sendall(head.encode() + body)
        wait_until(folder(server, session).joinpath("begun").exists)
    assert run(client, session, "x", timeout=120)["text"] == "5"


@contextmanager
def leaving(server: RunningServer, head: str, body: bytes, size: int) -> Iterator[socket.socket]:
    """Send a request of so many bytes as far as there are; the connection is closed at the end."""
    lines = [head, "Host: 127.0.0.1", f"Authorization: token {server.token}"]
    text = "\r\n".join([*lines, f"Content-Length: {size}", "", ""])
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(text.encode() + body)
        yield connection


def test_who_goes_away_while_it_begins_leaves_nothing(
    server: RunningServer, client: httpx.Client
) -> None:
    """Neither a kernel nor a record: nobody knows its id."""
    before = client.get(f"{API}sessions").json()["total"]
    body = b'{"kernel": "late"}'
    with leaving(server, f"POST /{API}sessions HTTP/1.1", body, len(body)):
        wait_until(lambda: client.get(f"{API}sessions").json()["total"] > before)
    (server.home / "data" / "kernels" / "late" / "go").touch()
    wait_until(lambda: client.get(f"{API}sessions").json()["total"] == before)
    assert client.get("api/kernels").json() == []


def test_an_upload_that_is_cut_leaves_nothing(server: RunningServer, client: httpx.Client) -> None:
    """What was there stays as it was, and nothing else is."""
    session = begin(client, language="bash")
    path = f"{API}sessions/{session}/files/kept.bin"
    assert client.put(path, content=b"whole").status_code == 200
    # Larger than any buffer, so that some of it has been taken in.
    with leaving(server, f"PUT /{path} HTTP/1.1", b"x" * 2**24, 2**25):
        pass
    assert client.get(path).content == b"whole"
    assert [each.name for each in folder(server, session).iterdir()] == ["kept.bin"]
    wait_until(lambda: not deleted_files(server))
    assert client.put(path, content=b"again").status_code == 200


def deleted_files(server: RunningServer) -> list[str]:
    """Return the nameless files below the data folder that the server has open."""
    assert server.process is not None
    found = []
    for each in Path(f"/proc/{server.process.pid}/fd").iterdir():
        # It may be closed by now.
        with suppress(FileNotFoundError):
            found.append(str(each.readlink()))
    return [each for each in found if each.startswith(f"{server.data_dir()}/#")]


def test_no_more_wait_than_may(server: RunningServer, client: httpx.Client) -> None:
    """One run too many is told so; a pause at once, its end and an interrupt come through."""
    session = begin(client)
    code = "import time\nopen('begun', 'w').close()\ntime.sleep(600)"
    with ExitStack() as stack:

        def send(code: str) -> socket.socket:
            body = json.dumps({"code": code}).encode()
            head = f"POST /{API}sessions/{session}/run HTTP/1.1"
            return stack.enter_context(leaving(server, head, body, len(body)))

        def is_one_too_many() -> bool:
            # What is not refused at once waits, and makes one more.
            connection = send("1")
            connection.settimeout(1)
            with suppress(TimeoutError):
                return b" 429 " in connection.recv(64)
            return False

        send(code)
        wait_until(folder(server, session).joinpath("begun").exists)
        for _ in range(1, MOST_WAITING):
            send("1")
        wait_until(is_one_too_many)
        snapshot = post(client, f"sessions/{session}/snapshots", name="x")
        assert refused(snapshot, 429, "TOO_MANY_RUNS")
        refusal = post(client, f"sessions/{session}/run", code="1")
        assert refused(refusal, 429, "TOO_MANY_RUNS")
        with client.stream(
            "POST",
            f"{API}sessions/{session}/run",
            json={"code": "1"},
            headers={"Accept": "application/x-ndjson"},
        ) as streaming:
            streaming.read()
            assert refused(streaming, 429, "TOO_MANY_RUNS")
        assert post(client, f"sessions/{session}/pause").json()["status"]["status"] == "frozen"
        assert post(client, f"sessions/{session}/resume").json()["status"]["status"] == "busy"
        assert post(client, f"sessions/{session}/restart").status_code == 200
    wait_until(lambda: status(client, session)["status"] == "idle")
    assert run(client, session, "1")["text"] == "1"


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


def test_a_stream_that_nobody_reads_is_bounded(client: httpx.Client) -> None:
    """The code runs on at its own pace; what its reader is too slow for is counted."""
    session = begin(client)
    code = "for number in range(60):\n    print('x' * 2**20, flush=True)"
    events = []
    with streamed(client, session, code) as answer:
        lines = answer.iter_lines()
        events.append(json.loads(next(lines)))
        wait_until(lambda: status(client, session)["runs"] == 1)
        events += map(json.loads, filter(None, lines))
    told = sum(len(event["text"]) for event in events if event["event"] == "stdout")
    missed = sum(event["bytes"] for event in events if event["event"] == "missed")
    assert missed > 0
    assert told + missed == 60 * (2**20 + 1)
    assert events[-1]["result"]["left_out"] > 0


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


def test_the_key_of_a_kernel_runs_nothing(server: RunningServer, client: httpx.Client) -> None:
    """It opens its own session for reading, and begins none."""
    session = begin(client)
    access = json.loads((server.data_dir() / "sessions" / session / "access.json").read_text())
    with server.stranger(headers={"Authorization": f"JupyterSessionExport {access['key']}"}) as key:
        assert key.get(f"{API}session").json()["id"] == session
        assert refused(post(key, "sessions"), 403, "FORBIDDEN")
        assert refused(post(key, f"sessions/{session}/run", code="1"), 403, "FORBIDDEN")
    code = "from jupyter_session_export import export_session\nexport_session('mine.zip').exists()"
    told = run(client, session, code)
    assert told["text"] == "True", told


@pytest.mark.parametrize("kind", ["execute kernels", "write kernels", "write session_export"])
def test_who_may_not_use_kernels_begins_none(client: httpx.Client, kind: str) -> None:
    """The server's own authorizer decides, as it does for Jupyter's own routes."""
    client.headers["X-May-Not"] = kind
    assert refused(post(client, "sessions"), 403, "FORBIDDEN")
    routes = {
        "execute kernels": "run pause resume snapshots restore",
        "write kernels": "interrupt restart",
        "write session_export": "run interrupt keep_alive end",
    }
    never = "0" * 32
    for route in routes[kind].split():
        assert refused(post(client, f"sessions/{never}/{route}"), 403, "FORBIDDEN"), route
    if kind == "write session_export":
        # A server that refuses what it hasn't read hangs up.
        gone = {"Connection": "close"}
        written = client.put(f"{API}sessions/{never}/files/x", content=b"x", headers=gone)
        assert refused(written, 403, "FORBIDDEN")
        # What comes of the body then is nobody's, and no other request's.
        assert written.headers["Connection"] == "close"
    del client.headers["X-May-Not"]


def test_cookies_need_a_token_against_forgery(server: RunningServer) -> None:
    """A page of another site can't begin sessions for who is signed in."""
    with server.browser() as browser:
        token = browser.headers.pop("X-XSRFToken", None)
        assert refused(post(browser, "sessions", language="none"), 403, "FORBIDDEN")
        if token:
            browser.headers["X-XSRFToken"] = token


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
