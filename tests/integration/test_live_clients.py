"""Clients of sessions that code begins over HTTP: they leave, crowd, are slow, or may not."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from jupyter_session_export.server.live.sessions import MOST_WAITING
from tests.bash import add_bash
from tests.live import API, begin, folder, owner, post, refused, run, status, streamed
from tests.servers import RunningServer, running_server
from tests.waiting import wait_until

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
    """A server that knows Bash and a kernel that begins late, and minds who may what."""
    folder = tmp_path_factory.mktemp("server")
    add_bash(folder / "home" / "data")
    add_late_kernel(folder / "home" / "data" / "kernels" / "late")
    with running_server(folder, prepare=add_authorizer) as server:
        yield server


@pytest.fixture
def client(server: RunningServer) -> Iterator[httpx.Client]:
    with owner(server) as client:
        yield client


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
