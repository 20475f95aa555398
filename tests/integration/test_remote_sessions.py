"""Sessions of a Jupyter server: they outlive who began them, and connections that break."""

from __future__ import annotations

import socket
import zipfile
from pathlib import Path

import pytest

from jupyter_session_export.errors import NotSupported, ServerRefused, ServerUnreachable
from jupyter_session_export.sessions.remote.link import RemoteLink
from jupyter_session_export.sessions.session import Host, Session
from tests.exporting import executions
from tests.servers import RunningServer


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


def test_a_connection_that_breaks_costs_nothing(server: RunningServer) -> None:
    """It is taken up again as the same client; what came meanwhile comes then."""
    code = "import time\nfor i in range(20):\n    print(i, flush=True)\n    time.sleep(0.1)\n'end'"
    broken = []
    with connected(server) as host, host.create() as session:

        def cut(text: str) -> None:
            if "5" in text and not broken:
                link = session._live.link
                assert isinstance(link, RemoteLink)
                connection = link._socket._socket
                assert connection is not None
                broken.append(connection)
                connection.sock.shutdown(socket.SHUT_RDWR)

        result = session.run(code, on_stdout=cut)
        assert broken
        assert result.text == "'end'"
        assert result.stdout.split() == [str(number) for number in range(20)]


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
