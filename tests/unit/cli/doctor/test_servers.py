"""Servers are found by their info files and asked."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from jupyter_session_export.cli.doctor.finding import Finding
from jupyter_session_export.cli.doctor.servers import examine_servers
from jupyter_session_export.client.access import Access


@contextmanager
def answering(pieces: int, *, gap: threading.Event, ours: bool = True) -> Iterator[str]:
    """Serve our two routes; `gap` is what passes between the pieces of a pulse."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if not ours or self.headers["Authorization"] != "token secret":
                self.send_response(404 if not ours else 403)
                self.send_header("Content-Length", "0")
                self.end_headers()
            elif "/pulse" in self.path:
                self.pulse()
            else:
                self.send_response(200)
                self.send_header("Content-Length", "16")
                self.end_headers()
                self.wfile.write(b'{"sessions": []}')

        def pulse(self) -> None:
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for _ in range(pieces):
                self.wfile.write(b"2\r\n1\n\r\n")
                self.wfile.flush()
                gap.wait(0.3)
            self.wfile.write(b"0\r\n\r\n")

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/base/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    return tmp_path


def tell(runtime: Path, url: str, pid: int | None = None, **changes: Any) -> Path:
    """Write an info file, as a server does."""
    pid = pid or os.getpid()
    info = {"pid": pid, "url": url, "token": "secret", "password": False, **changes}
    path = runtime / f"jpserver-{pid}.json"
    path.write_text(json.dumps(info))
    return path


def examine(url: str | None = None) -> list[Finding]:
    return list(examine_servers(lambda _: None, url))


def test_no_server_is_no_problem(runtime: Path) -> None:
    """None is started either."""
    assert [finding.code for finding in examine()] == ["NO_SERVER"]
    assert list(runtime.iterdir()) == []


def test_a_server_that_answers_and_streams(runtime: Path) -> None:
    """Its pieces come one by one."""
    with answering(3, gap=threading.Event()) as url:
        tell(runtime, url)
        (finding,) = examine()
    assert finding.code == "SERVER"
    assert finding.message.endswith("answers and streams.")


def test_an_answer_that_comes_as_one_was_held_back(runtime: Path) -> None:
    """As by a proxy that buffers."""
    with answering(1, gap=threading.Event()) as url:
        tell(runtime, url)
        assert [finding.code for finding in examine()] == ["ANSWERS_HELD_BACK"]


def test_a_server_is_asked_where_browsers_reach_it(runtime: Path) -> None:
    """By the token of the server with the same base URL, which is asked directly, too."""
    with answering(3, gap=threading.Event()) as url, answering(1, gap=threading.Event()) as proxy:
        tell(runtime, url)
        assert [finding.code for finding in examine(proxy)] == ["SERVER", "ANSWERS_HELD_BACK"]


def test_a_server_without_the_extension(runtime: Path) -> None:
    """It knows none of our routes."""
    with answering(1, gap=threading.Event(), ours=False) as url:
        tell(runtime, url)
        assert [finding.code for finding in examine()] == ["SERVER_WITHOUT_EXTENSION"]


def test_a_server_that_lets_nobody_in(runtime: Path) -> None:
    """With a password it isn't even asked: it would note the refusal in its owner's log."""
    with answering(1, gap=threading.Event()) as url:
        tell(runtime, url, token=secrets.token_hex(4))
        (refused,) = examine()
        tell(runtime, url, token="", password=True)
        (unasked,) = examine()
        known = list(examine_servers(lambda _: Access(url=url, key="secret", scheme="token")))
    assert refused.code == unasked.code == "SERVER_NOT_ASKED"
    assert "403" in refused.message
    assert (refused.remedy or "").startswith("JUPYTER_TOKEN=TOKEN jupyter session-export doctor")
    assert "password" in unasked.message
    assert known[0].code in ("SERVER", "ANSWERS_HELD_BACK")


def test_a_server_that_does_not_answer(runtime: Path) -> None:
    """Its process is there, its port isn't."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        tell(runtime, f"http://127.0.0.1:{probe.getsockname()[1]}/")
        (finding,) = examine()
    assert finding.code == "SERVER_SILENT"
    assert finding.remedy is not None
    assert finding.remedy.startswith("See its log; ")
    assert finding.remedy.endswith(f": kill {os.getpid()}")


def test_a_number_that_another_process_has_now(runtime: Path) -> None:
    """It began after the file was written, so it is no server, and nobody is told to end it."""
    path = tell(runtime, "http://127.0.0.1:1/")
    os.utime(path, (0, 0))
    stale, _ = examine()
    assert (stale.code, stale.remedy) == ("SERVER_INFO_STALE", f"rm {path}")


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"pid": "x"}'])
def test_a_stale_file_is_told_and_left(content: str, runtime: Path) -> None:
    """That of a process which is gone, or one that tells nothing."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    stale = tell(runtime, "http://127.0.0.1:1/", ended.pid)
    (runtime / "jpserver-1.json").write_text(content)
    assert [finding.code for finding in examine()] == [
        "SERVER_INFO_STALE",
        "SERVER_INFO_STALE",
        "NO_SERVER",
    ]
    assert stale.exists()
