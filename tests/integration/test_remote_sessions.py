"""Sessions of a Jupyter server: they outlive who began them, and connections that break."""

from __future__ import annotations

import socket
import zipfile
from pathlib import Path

import pytest

from jupyter_session_export.errors import (
    KernelDied,
    NotSupported,
    ServerRefused,
    ServerUnreachable,
)
from jupyter_session_export.sessions.remote import channels
from jupyter_session_export.sessions.remote.link import RemoteLink
from jupyter_session_export.sessions.session import Host, Session
from tests.exporting import executions
from tests.servers import RunningServer
from tests.waiting import wait_until


def connected(server: RunningServer) -> Host:
    return Session.connect(server.url, token=server.token)


def test_another_client_goes_on_where_one_left(server: RunningServer, tmp_path: Path) -> None:
    """A session is no matter of one process: it is found, used, exported and ended by others."""
    with connected(server) as first:
        session = first.create(name="shared", env={"GIVEN": "yes"})
        session.run("left = 'here'", files={"a.txt": b"mine"})
        session_id = session.id
    with connected(server) as second:
        assert {known.id: known.name for known in second.list()} == {session_id: "shared"}
        session = second.get(session_id)
        assert session.run("import os\nleft, os.environ['GIVEN']").text == "('here', 'yes')"
        assert session.files() == ["a.txt"]
        assert session.upload({"a.txt": b"mine"}) == []
        with zipfile.ZipFile(session.export(tmp_path).path) as archive:
            assert len(executions(archive)) == 2
        session.close()
        assert second.list() == []


def test_a_connection_that_breaks_costs_nothing(
    server: RunningServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is taken up again as the same client; what came meanwhile comes then."""
    monkeypatch.setattr(channels, "FIRST_PAUSE", 1.0)
    go = tmp_path / "go"
    code = f"import os, time\nprint('before', flush=True)\nwhile not os.path.exists({str(go)!r}):"
    code += "\n    time.sleep(0.01)\nprint('meanwhile', flush=True)\n'end'"
    broken = []
    with connected(server) as host, host.create() as session, server.client() as client:
        link = session._live.link
        assert isinstance(link, RemoteLink)

        def cut(_: str) -> None:
            connection = link._socket._socket
            if broken or connection is None:
                return
            broken.append(connection)
            connection.sock.shutdown(socket.SHUT_RDWR)
            # Else the server may send it into the connection that is no more.
            path = f"api/kernels/{link.kernel.id}"
            wait_until(
                lambda: (
                    client.get(path).json()["connections"] == 0
                    or link._socket._socket not in (None, connection)
                )
            )
            go.touch()

        result = session.run(code, on_stdout=cut)
        assert broken
        assert result.text == "'end'"
        assert result.stdout.split() == ["before", "meanwhile"]


def test_a_kernel_that_somebody_ends_is_told(server: RunningServer) -> None:
    """Whoever waits for it gets to know."""
    with connected(server) as host, host.create() as session:
        result = session.run("import os\nos.kill(os.getpid(), 9)")
        assert result.error is not None
        assert result.error.name == "KernelDied"
        session.restart()
        assert session.run("1").text == "1"


def test_what_a_server_can_not_do_is_told(server: RunningServer) -> None:
    """A wrong token, no server, and what needs a process of this machine."""
    with Session.connect(server.url, token=server.root.name) as host, pytest.raises(ServerRefused):
        host.create()
    with Session.connect("http://127.0.0.1:9") as host, pytest.raises(ServerUnreachable):
        host.list()
    with connected(server) as host, host.create() as session, pytest.raises(NotSupported):
        session.kernel_client()


def test_a_session_outlives_a_long_break(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection that was given up is made anew by the next run; no variable is gone."""
    monkeypatch.setattr(channels, "AGAIN_SECONDS", 0.0)
    with connected(server) as host, host.create() as session:
        session.run("left = 'here'")
        link = session._live.link
        assert isinstance(link, RemoteLink)
        connection = link._socket._socket
        assert connection is not None
        connection.sock.shutdown(socket.SHUT_RDWR)
        wait_until(lambda: link._socket.lost)
        assert session.status().status == "idle"
        assert session.run("left").text == "'here'"


def test_a_session_that_somebody_ended_is_dead(server: RunningServer) -> None:
    """Its status says so, though nothing was run since."""
    with connected(server) as host, host.create() as session:
        session.run("1")
        with server.client() as client:
            kernel_id = session._live.link.kernel.id
            client.delete(f"api/kernels/{kernel_id}").raise_for_status()
        assert session.status().status == "dead"
        with pytest.raises(KernelDied):
            session.run("1")


def test_a_restart_keeps_the_environment(server: RunningServer, tmp_path: Path) -> None:
    """And the folder: what the session was begun with is the session's, not its kernel's."""
    folder = str(tmp_path.resolve())
    with connected(server) as host, host.create(env={"GIVEN": "yes"}, cwd=folder) as session:
        session.restart()
        assert session.run("import os\nos.environ['GIVEN']").text == "'yes'"
        assert session.run("os.getcwd()").text == repr(folder)


def test_a_kernel_that_somebody_restarts_is_dead(server: RunningServer) -> None:
    """What runs then ends, and its variables don't go unnoticed; `restart` begins anew."""
    restarted: list[str] = []
    with connected(server) as host, host.create() as session, server.client() as client:
        session.run("x = 1")
        kernel_id = session._live.link.kernel.id

        def restart(_: str) -> None:
            if not restarted:
                restarted.append(kernel_id)
                client.post(f"api/kernels/{kernel_id}/restart", timeout=120).raise_for_status()

        code = "import time\nprint('begun', flush=True)\nwhile True: time.sleep(0.01)"
        result = session.run(code, on_stdout=restart, timeout=240)
        assert result.error is not None
        assert result.error.name == "KernelDied", result
        assert session.status().status == "dead"
        with pytest.raises(KernelDied, match="Somebody else"):
            session.run("x")
        session.restart()
        assert session.run("'x' in dir()").text == "False"
        assert session.status().status == "idle"
