"""Any part of a prepared export, asked for as browsers and curl do."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import httpx
import pytest
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application, StaticFileHandler

from tests.exporting import prepared
from tests.kernel_socket import KernelSocket
from tests.servers import RunningServer, running_server

PRINT = "import os, base64; print(base64.b64encode(os.urandom(300_000)).decode())"


@dataclass
class Export:
    """A prepared export, and the same bytes as tornado's static file."""

    server: RunningServer
    static_url: str
    path: str
    etag: str
    whole: bytes

    def ask(self, method: str = "GET", **headers: str) -> httpx.Response:
        return self.server.api(method, self.path, headers=headers)

    def static(self, method: str = "GET", **headers: str) -> httpx.Response:
        return httpx.request(method, self.static_url, headers=headers, trust_env=False)


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Export]:
    """A session with media and with recorded content that is large enough for a file."""
    folder = tmp_path_factory.mktemp("ranges")
    with running_server(folder) as server, static_server(folder) as static_url:
        (server.root / "film.mp4").write_bytes(os.urandom(3_000_000))
        with KernelSocket(server, server.start_kernel()) as kernel:
            kernel.run(PRINT)
        job = prepared(server, include=["executions", "workspace"])
        path = f"exports/{job['id']}/download"
        whole = server.api("GET", path).content
        (folder / "whole.zip").write_bytes(whole)
        yield Export(server, f"{static_url}whole.zip", path, job["etag"], whole)


@contextmanager
def static_server(folder: Path) -> Iterator[str]:
    """Serve a folder as tornado does by itself; give its URL."""
    started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event, int]] = Future()

    async def serve() -> None:
        server = HTTPServer(Application([(r"/(.*)", StaticFileHandler, {"path": str(folder)})]))
        listening, port = bind_unused_port()
        server.add_socket(listening)
        ending = asyncio.Event()
        started.set_result((asyncio.get_running_loop(), ending, port))
        await ending.wait()
        server.stop()
        await server.close_all_connections()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    loop, ending, port = started.result(30)
    try:
        yield f"http://127.0.0.1:{port}/"
    finally:
        loop.call_soon_threadsafe(ending.set)
        thread.join()


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "asked",
    [
        None,
        "bytes=0-",
        "bytes=-0",
        "bytes=0-0",
        "bytes=1-",
        "bytes=-1",
        "bytes=1000-1999",
        "bytes=2000000-2000001",
        "bytes=-99999999",
        "bytes=0-99999999",
        "bytes=99999998-99999999",
        "bytes=99999999-",
        "bytes=100-200,300-400",
        "bytes=",
        "bytes=a-b",
        "bytes 0-1",
        "lines=0-1",
    ],
)
def test_a_range_is_answered_as_a_static_file_is(
    export: Export, method: str, asked: str | None
) -> None:
    """Same status, same place, same length, same bytes; HEAD tells the same without them."""
    headers = {} if asked is None else {"Range": asked}
    ours, static = export.ask(method, **headers), export.static(method, **headers)
    assert ours.status_code == static.status_code
    names = ["Content-Range"] + ["Content-Length", "Accept-Ranges"] * (static.status_code < 400)
    for name in names:
        assert ours.headers.get(name) == static.headers.get(name), name
    if static.status_code < 400:
        assert ours.content == static.content
        assert ours.headers["ETag"] == export.etag
    elif method == "GET":
        assert ours.json()["code"] == "RANGE_NOT_SATISFIABLE"


def test_a_range_backwards_is_no_range(export: Export) -> None:
    """Where a static file refuses, RFC 9110 (14.1.1) lets us send the whole."""
    assert export.ask(Range="bytes=9-5").content == export.whole


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("tag", ["{}", "W/{}", '"other", {}', "*", '"other"', "nonsense"])
@pytest.mark.parametrize("more", [{}, {"Range": "bytes=5-"}])
def test_what_the_client_has_is_not_sent_again(
    export: Export, method: str, tag: str, more: dict[str, str]
) -> None:
    """If-None-Match: 304 where a static file gives it, and it comes before any range."""
    static = export.static("HEAD").headers["ETag"]
    answer = export.ask(method, **{"If-None-Match": tag.format(export.etag)}, **more)
    expected = export.static(method, **{"If-None-Match": tag.format(static)}, **more)
    assert answer.status_code == expected.status_code
    assert answer.headers["ETag"] == export.etag
    assert len(answer.content) == len(expected.content)


@pytest.mark.parametrize(
    ("validator", "status"),
    [("{}", 206), ("W/{}", 200), ('"other"', 200), ("Thu, 01 Jan 1970 00:00:00 GMT", 200)],
)
def test_a_part_of_another_zip_is_never_sent(export: Export, validator: str, status: int) -> None:
    """If-Range: only the very tag gives the rest, all else the whole."""
    headers = {"Range": "bytes=100-", "If-Range": validator.format(export.etag)}
    answer = export.ask(**headers)
    assert answer.status_code == status
    assert answer.content == (export.whole[100:] if status == 206 else export.whole)


def test_a_client_that_leaves_with_the_last_byte_is_no_error(export: Export) -> None:
    """The connection may be closed before the server has finished its answer."""
    for _ in range(40):
        with closing(HTTPConnection("127.0.0.1", export.server.port, timeout=60)) as client:
            headers = {"Authorization": f"token {export.server.token}"}
            client.request("GET", f"/session-export/api/{export.path}", headers=headers)
            assert client.getresponse().read() == export.whole
    assert "finish() called twice" not in export.server.log.read_text()


def test_what_is_made_while_it_is_sent_has_no_ranges(export: Export) -> None:
    """The one-shot ZIP says so, and sends the whole."""
    answer = export.server.api("GET", "session/download", headers={"Range": "bytes=5-"})
    assert answer.status_code == 200
    assert answer.headers["Accept-Ranges"] == "none"
    assert answer.content.startswith(b"PK")


def test_the_ledger_tells_what_was_left_out(export: Export) -> None:
    """`GET exports/{id}/ledger`: a page of the lines that aren't `included`, and how many."""
    server = export.server
    for number in range(5):
        (server.root / f"dangling {number}").symlink_to("nowhere")
    os.mkfifo(server.root / "pipe")
    job = prepared(server, include=["workspace"])
    told = ledger(server, job["id"])
    assert told["total"] == job["left_out"] == 6
    assert {line["path"] for line in told["left_out"]} >= {"workspace/pipe"}
    for line in told["left_out"]:
        assert set(line) == {"path", "source", "disposition", "reason", "bytes"}
        assert line["disposition"] == "skipped"
    page = ledger(server, job["id"], offset=4, limit=1)
    assert (page["left_out"], page["total"]) == (told["left_out"][4:5], 6)
    assert ledger(server, job["id"], offset=6)["left_out"] == []
    assert server.api("GET", f"exports/{job['id']}/ledger?limit=-1").status_code == 400
    server.api("DELETE", f"exports/{job['id']}")
    gone = server.api("GET", f"exports/{job['id']}/ledger")
    assert (gone.status_code, gone.json()["code"]) == (410, "CANCELLED_BY_USER")


def ledger(server: RunningServer, export_id: str, **query: int) -> dict[str, Any]:
    answer = server.api("GET", f"exports/{export_id}/ledger", params=query)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told
