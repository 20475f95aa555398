"""Downloads that break off, from servers that can go on and servers that can't."""

from __future__ import annotations

import io
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import trustme

from jupyter_session_export.client.fetching import Fetching, is_url, shown
from jupyter_session_export.client.job import Progress
from jupyter_session_export.errors import (
    ArchiveRefused,
    DestinationUnwritable,
    InvalidRequest,
    ServerRefused,
    ServerUnreachable,
)
from tests.unit.client.fake_server import serving as scripted

DATA = bytes(range(256)) * 4096
TAG = '"one"'


@dataclass
class Script:
    """What a server does: how many bytes each answer ends after (None: it is whole)."""

    cuts: list[int | None] = field(default_factory=lambda: [None])
    etags: list[str | None] = field(default_factory=lambda: [TAG])
    statuses: list[int] = field(default_factory=lambda: [200])
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = DATA
    ranges: bool = True
    requests: list[dict[str, str]] = field(default_factory=list)
    url: str = ""


@contextmanager
def serving(**options: Any) -> Iterator[Script]:
    """Run a server that follows a script."""
    script = Script(**options)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            script.requests.append(dict(self.headers))
            status, etag, cut = map(_next, (script.statuses, script.etags, script.cuts))
            wanted = self.headers.get("Range")
            first = 0
            if wanted and script.ranges and self.headers.get("If-Range") == etag:
                first, status = int(wanted[6:].partition("-")[0]), 206
            self.send_response(status)
            if status == 206:
                last = len(script.body) - 1
                self.send_header("Content-Range", f"bytes {first}-{last}/{len(script.body)}")
            if etag:
                self.send_header("ETag", etag)
            for name, value in script.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(script.body) - first))
            self.end_headers()
            self.wfile.write(script.body[first:][:cut])
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    script.url = f"http://127.0.0.1:{server.server_port}/x/the%20export.zip?token=secret"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _next(values: list[Any]) -> Any:
    return values.pop(0) if len(values) > 1 else values[0]


def fetched(
    script: Script,
    *,
    waits: list[float] | None = None,
    report: Callable[[Progress], object] = id,
    **options: Any,
) -> tuple[bytes, int, str]:
    """Fetch; return the content, how often it was taken up again, and the name."""
    file = io.BytesIO()
    wait = ([] if waits is None else waits).append
    fetching = Fetching(script.url, **{"most_bytes": 10**9, "wait": wait, **options})
    again = fetching.into(file, report)
    return file.getvalue(), again, fetching.name


def test_a_whole_download_needs_one_request() -> None:
    """Without a token none is sent; the name is the URL's where the server gives none."""
    with serving() as script:
        assert fetched(script) == (DATA, 0, "the export.zip")
    (headers,) = script.requests
    assert "Authorization" not in headers
    assert headers["Accept-Encoding"] == "identity"


def test_the_server_names_the_zip_and_gets_the_token() -> None:
    """As browsers do; the token is Jupyter's."""
    with serving(headers={"Content-Disposition": 'attachment; filename="s.zip"'}) as script:
        assert fetched(script, token="t")[2] == "s.zip"  # noqa: S106
    assert script.requests[0]["Authorization"] == "token t"


def test_a_part_without_end_is_no_part() -> None:
    """Python refuses to read numbers of thousands of digits."""
    part = {"Content-Range": f"bytes {'9' * 5000}-1/2"}
    with (
        serving(statuses=[206], etags=[None], headers=part) as script,
        pytest.raises(ServerUnreachable),
    ):
        fetched(script)


def test_what_breaks_off_goes_on_where_it_stopped() -> None:
    """Byte by byte the same, and nothing is sent twice; each new byte gives hope."""
    waits: list[float] = []
    with serving(cuts=[100_000, 100_000, 3, 0, 0, 200_000, None]) as script:
        assert fetched(script, waits=waits) == (DATA, 6, "the export.zip")
    ranges = [headers.get("Range") for headers in script.requests]
    starts = [100_000, 200_000, 200_003, 200_003, 200_003, 400_003]
    assert ranges == [None, *(f"bytes={start}-" for start in starts)]
    assert {headers.get("If-Range") for headers in script.requests[1:]} == {TAG}
    assert waits == [0.5, 0.5, 1, 2, 4, 0.5]


def test_another_zip_under_the_same_url_is_begun_anew() -> None:
    """What was there already is never mixed with what comes."""
    with serving(cuts=[100_000, None], etags=[TAG, '"two"']) as script:
        assert fetched(script)[:2] == (DATA, 1)


@pytest.mark.parametrize("options", [{"ranges": False}, {"etags": [None]}, {"etags": ['W/"1"']}])
def test_a_server_that_cannot_go_on_is_asked_from_the_beginning(options: dict[str, Any]) -> None:
    """A few times only: each time it may have to make the ZIP anew."""
    with serving(cuts=[100_000, 100_000, None], **options) as script:
        assert fetched(script)[:2] == (DATA, 2)
    with (
        serving(cuts=[100_000], **options) as script,
        pytest.raises(ServerRefused, match="3 times"),
    ):
        fetched(script)
    assert len(script.requests) == 4


def test_tries_are_bounded() -> None:
    """Where nothing more comes it ends after a while, by the reason of the last try."""
    waits: list[float] = []
    with serving(cuts=[100_000, 0]) as script, pytest.raises(ServerUnreachable):
        fetched(script, waits=waits)
    assert waits == [0.5, 1, 2, 4, 8]
    assert len(script.requests) == 6


def test_a_server_that_was_never_there_is_told_at_once() -> None:
    """Only what has begun is worth waiting for."""
    with serving() as script:
        pass
    waits: list[float] = []
    with pytest.raises(ServerUnreachable) as told:
        fetched(script, waits=waits)
    assert waits == []
    assert "secret" not in str(told.value)


def test_a_busy_server_is_asked_again_once_it_has_begun() -> None:
    """A proxy may answer for a server that restarts."""
    with serving(cuts=[100_000, None], statuses=[200, 503, 200], ranges=False) as script:
        assert fetched(script)[:2] == (DATA, 2)
    with serving(statuses=[503]) as script, pytest.raises(ServerRefused, match="503"):
        fetched(script)


def test_a_refusal_has_the_servers_own_code() -> None:
    """An export that was cancelled meanwhile, one that never was, a wrong token."""
    body = b'{"code": "CANCELLED_BY_USER", "message": "It was cancelled.", "detail": null}'
    with serving(statuses=[410], body=body) as script, pytest.raises(ServerRefused) as told:
        fetched(script)
    assert told.value.code == "CANCELLED_BY_USER"


def test_a_page_is_no_zip() -> None:
    """A login page comes with status 200."""
    with (
        serving(headers={"Content-Type": "text/html; charset=utf-8"}) as script,
        pytest.raises(ServerRefused, match="web page") as told,
    ):
        fetched(script)
    assert "--token" in str(told.value.detail)
    assert "secret" not in str(told.value)


def test_what_comes_encoded_is_refused() -> None:
    """Its bytes could neither be resumed nor counted."""
    with serving(headers={"Content-Encoding": "gzip"}) as script, pytest.raises(ServerRefused):
        fetched(script)


def test_too_large_a_zip_is_refused_by_its_length() -> None:
    """Before it fills the disk."""
    with serving() as script, pytest.raises(ArchiveRefused, match="are allowed"):
        fetched(script, most_bytes=1000)


def test_a_full_disk_is_told() -> None:
    """It is no problem of the server."""

    class Full(io.BytesIO):
        def write(self, _: Any, /) -> int:
            raise OSError(28, "No space left on device")

    with serving() as script, pytest.raises(DestinationUnwritable, match="No space"):
        Fetching(script.url, most_bytes=10**9).into(Full(), id)


def test_progress_is_told() -> None:
    """It goes up to all of it."""
    seen: list[Progress] = []
    with serving() as script:
        fetched(script, report=seen.append)
    assert (seen[-1].bytes_done, seen[-1].bytes_total, seen[-1].percent) == (
        len(DATA),
        len(DATA),
        100.0,
    )


def test_urls_are_told_from_paths_and_shown_without_secrets() -> None:
    """A file may be called anything but a URL."""
    assert is_url("https://a/b")
    assert is_url("http+unix://%2Ftmp%2Fs/b")
    assert is_url("ftp://a/b")
    assert not is_url("C:/x.zip")
    assert not is_url("file.zip")
    assert shown("https://me:pass@host:1/x.zip?token=t#f") == "https://host:1/x.zip"


@pytest.mark.parametrize(
    "url", ["ftp://host/x.zip", "http://[bad/x.zip", "http://host:port/x.zip", "https:///x.zip"]
)
def test_a_url_that_is_none_is_a_wrong_request(url: str) -> None:
    """Nobody is asked, and no path is made of it."""
    with pytest.raises(InvalidRequest):
        Fetching(url, most_bytes=9)


def test_a_server_on_a_socket_is_reached(tmp_path: Path) -> None:
    """As `jupyter server --sock` listens; this one knows another key."""
    with scripted(tmp_path / "s") as server, pytest.raises(ServerRefused) as told:
        Fetching(f"{server.url}session-export/api/exports/job1", most_bytes=9).into(
            io.BytesIO(), id
        )
    assert told.value.code == "FORBIDDEN"


def test_a_server_is_trusted_by_its_own_certificate(tmp_path: Path) -> None:
    """Which nobody else vouches for; without it nothing is sent."""
    certificate = tmp_path / "server.pem"
    issued = trustme.CA().issue_cert("localhost")
    issued.private_key_and_cert_chain_pem.write_to_path(str(certificate))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issued.configure_cert(tls)
    with scripted(tls=tls) as server:
        url = f"{server.url}session-export/api/exports/job1"
        with pytest.raises(ServerUnreachable, match="certificate"):
            Fetching(url, most_bytes=9).into(io.BytesIO(), id)
        with pytest.raises(ServerRefused) as told:
            Fetching(url, certificate=str(certificate), most_bytes=9).into(io.BytesIO(), id)
    assert told.value.code == "FORBIDDEN"
