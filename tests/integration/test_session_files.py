"""A session's own files on a real server: from the kernel, over HTTP, in the ZIP."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from jupyter_session_export.archive.verify import verify
from tests.exporting import manifest, one_shot
from tests.kernel_socket import KernelSocket
from tests.servers import RunningServer

SAVE = """
from pathlib import Path
from jupyter_session_export import session_files
session_files.save("text.txt", "täxt")
session_files.save("deep/bytes.bin", bytes(range(256)) * 4096)
frames = session_files.bulk("frames")
for number in range(3):
    (frames / f"{number}.txt").write_text(str(number))
print([file.path for file in session_files.list()])
print(session_files.download("single/text.txt").url)
"""
BYTES = bytes(range(256)) * 4096


@pytest.fixture(scope="module")
def kernel(server: RunningServer) -> Iterator[KernelSocket]:
    """A kernel that has saved files; what it printed must be as expected."""
    with KernelSocket(server, server.start_kernel()) as kernel:
        run = kernel.run(SAVE)
        assert run.stream("stderr") == ""
        listed, url = run.stream("stdout").splitlines()
        assert "'single/deep/bytes.bin', 'single/text.txt'" in listed
        assert url.endswith(f"/sessions/{server.access()['session_id']}/files/single/text.txt")
        yield kernel


@pytest.mark.usefixtures("kernel")
def test_files_are_listed_and_fetched(server: RunningServer) -> None:
    """Over HTTP as the kernel sees them: as attachments, never as pages."""
    listed = server.api("GET", "session/files").json()["files"]
    assert [file["path"] for file in listed if file["category"] == "bulk"] == [
        f"bulk/frames/{number}.txt" for number in range(3)
    ]
    answer = server.api("GET", "session/files/single/text.txt")
    assert answer.content == "täxt".encode()
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    head = server.api("HEAD", "session/files/single/text.txt")
    assert head.content == b""
    for name in ("Content-Length", "ETag", "Last-Modified", "Accept-Ranges"):
        assert head.headers[name] == answer.headers[name]


@pytest.mark.usefixtures("kernel")
@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=1000-1999", 1000, 2000),
        ("bytes=1048570-", 1048570, 1048576),
        ("bytes=-5", 1048571, 1048576),
        ("bytes=-99999999", 0, 1048576),
        ("bytes=300000-99999999999999999999", 300000, 1048576),
    ],
)
def test_a_range_is_sent_alone(server: RunningServer, asked: str, start: int, end: int) -> None:
    """With its place in the whole (RFC 9110, section 14)."""
    answer = server.api("GET", "session/files/single/deep/bytes.bin", headers={"Range": asked})
    assert answer.status_code == 206
    assert answer.headers["Content-Range"] == f"bytes {start}-{end - 1}/{len(BYTES)}"
    assert answer.content == BYTES[start:end]


@pytest.mark.usefixtures("kernel")
def test_a_range_that_is_not_there_is_told(server: RunningServer) -> None:
    """416 with the size, in the contract's form."""
    path = "session/files/single/deep/bytes.bin"
    answer = server.api("GET", path, headers={"Range": f"bytes={len(BYTES)}-"})
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{len(BYTES)}"
    assert answer.json()["code"] == "RANGE_NOT_SATISFIABLE"


def test_a_download_goes_on_only_with_the_same_file(
    server: RunningServer, kernel: KernelSocket
) -> None:
    """If-Range: what was saved anew meanwhile is sent whole."""
    path = "session/files/single/growing.bin"
    kernel.run("_ = session_files.save('growing.bin', b'a' * 100)")
    first = server.api("GET", path)
    for validator in (first.headers["ETag"], first.headers["Last-Modified"]):
        headers = {"Range": "bytes=50-", "If-Range": validator}
        assert server.api("GET", path, headers=headers).status_code == 206
    kernel.run("_ = session_files.save('growing.bin', b'b' * 200)")
    headers = {"Range": "bytes=50-", "If-Range": first.headers["ETag"]}
    second = server.api("GET", path, headers=headers)
    assert (second.status_code, second.content) == (200, b"b" * 200)


def test_a_category_comes_as_a_zip(
    server: RunningServer, kernel: KernelSocket, tmp_path: Path
) -> None:
    """It verifies, and its manifest tells what could not be packed."""
    kernel.run("(frames / 'passwd').symlink_to('/etc/passwd')")
    answer = server.api("GET", "session/files/download", params={"category": "bulk"})
    assert answer.status_code == 200
    (tmp_path / "bulk.zip").write_bytes(answer.content)
    assert verify(tmp_path / "bulk.zip").ok
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.read("bulk/frames/2.txt") == b"2"
    assert "bulk/frames/passwd" not in archive.namelist()
    assert manifest(archive)["bulk/frames/passwd"]["disposition"] == "skipped"
    assert server.api("GET", "session/files/download?category=x").status_code == 400


def test_a_session_export_has_the_files(server: RunningServer, kernel: KernelSocket) -> None:
    """In outputs/, between data/ and workspace/, with a line for each that is left out."""
    kernel.run("(session_files.path / 'single/up').symlink_to('/')")
    archive = one_shot(server, include="data,outputs,workspace")
    assert archive.read("outputs/single/deep/bytes.bin") == BYTES
    assert archive.read("outputs/bulk/frames/0.txt") == b"0"
    assert manifest(archive)["outputs/single/up"]["disposition"] == "skipped"
    sections = [name.partition("/")[0] for name in archive.namelist()]
    assert sections.index("data") < sections.index("outputs")
    assert not any("passwd" in name for name in archive.namelist())
    assert server.api("GET", "session/stats").json()["outputs"]["count"] >= 5


def test_a_file_is_deleted(server: RunningServer, kernel: KernelSocket) -> None:
    """By DELETE and from the kernel; a second time it isn't there."""
    kernel.run("_ = session_files.save('gone.txt', 'x'); _ = session_files.save('too.txt', 'x')")
    path = "session/files/single/gone.txt"
    assert server.api("DELETE", path).json() == {
        "path": "single/gone.txt",
        "files": 1,
        "bytes": 1,
    }
    assert server.api("GET", path).json()["code"] == "FILE_NOT_FOUND"
    assert server.api("DELETE", path).status_code == 404
    kernel.run("session_files.delete('single/too.txt')")
    assert server.api("GET", "session/files/single/too.txt").status_code == 404
    log = one_shot(server).read("logs/audit_log.jsonl").decode()
    assert "file.deleted" in log


def test_figures_and_tables_are_saved_in_their_formats(
    server: RunningServer, kernel: KernelSocket
) -> None:
    """By the name's suffix; what has no such form is refused in words."""
    run = kernel.run(
        "import matplotlib; matplotlib.use('agg')\n"
        "import matplotlib.pyplot as plt, pandas as pd, io\n"
        "figure, axes = plt.subplots(); _ = axes.plot([1, 2])\n"
        "_ = session_files.save('plot.png', figure); _ = session_files.save('plot.svg', figure)\n"
        "table = pd.DataFrame({'a': [1, 2]})\n"
        "_ = session_files.save('t.csv', table); _ = session_files.save('t.json', table)\n"
        "_ = session_files.save('io.txt', io.StringIO('text'))\n"
        "_ = session_files.save('copy.csv', session_files.path / 'single/t.csv')\n"
    )
    assert run.reply is not None
    assert run.reply["status"] == "ok", run.reply
    fetch = {
        name: server.api("GET", f"session/files/single/{name}").content
        for name in ("plot.png", "plot.svg", "t.csv", "t.json", "io.txt", "copy.csv")
    }
    assert fetch["plot.png"].startswith(b"\x89PNG")
    assert b"<svg" in fetch["plot.svg"]
    assert fetch["t.csv"] == fetch["copy.csv"] == b",a\n0,1\n1,2\n"
    assert fetch["t.json"] == b'{"a":{"0":1,"1":2}}'
    assert fetch["io.txt"] == b"text"
    for code in ("session_files.save('x', object())", "session_files.save('x.png', table)"):
        assert kernel.run(code).reply["ename"] == "InvalidRequest"  # type: ignore[index]


def test_a_kernel_downloads_by_its_key(
    server: RunningServer, kernel: KernelSocket, tmp_path: Path
) -> None:
    """`download(to=)` writes the ZIP or the file; nothing is overwritten."""
    run = kernel.run(
        f"print(session_files.download('bulk', to={str(tmp_path)!r}))\n"
        f"print(session_files.download('single/text.txt', to={str(tmp_path)!r}))\n"
        f"print(session_files.download('single/text.txt', to={str(tmp_path)!r}))"
    )
    names = [Path(line).name for line in run.stream("stdout").splitlines()]
    assert names == ["bulk.zip", "text.txt", "text_2.txt"], run
    assert verify(tmp_path / "bulk.zip").ok
    assert (tmp_path / "text_2.txt").read_text() == "täxt"


def raw_status(server: RunningServer, method: str, path: str) -> int:
    """Ask for a path just as it is: clients would make others of some."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
    url = quote(f"/session-export/api/session/files/{path}", safe="/%.")
    connection.request(method, url, headers={"Authorization": f"token {server.token}"})
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.parametrize(
    "path",
    ["single/../../session.json", "single/..%2f..%2fsession.json", "..%2fsession.json",
     "%2fetc%2fpasswd", "single/text.txt%00", "single%5c..%5ctext.txt",
     "single/%2e%2e/%2e%2e/access.json", "single/", "single", "single//text.txt",
     "single/\u2024\u2024/x", "bulk/frames/passwd",
     "single/up/etc/passwd", "single/" + "x" * 300],
)  # fmt: skip
@pytest.mark.usefixtures("kernel")
def test_no_path_leads_out(server: RunningServer, path: str) -> None:
    """Dots, encoded slashes, NUL, backslashes, links: none of it is a file of the session."""
    session = server.data_dir() / "sessions" / server.access()["session_id"]
    for method in ("GET", "HEAD", "DELETE"):
        # Where a link lies in a folder of the session, the link itself may be deleted.
        if method != "DELETE" or path not in ("single", "bulk/frames/passwd"):
            assert raw_status(server, method, path) in (400, 404)
    assert {"session.json", "access.json", "record.sqlite3"} <= {p.name for p in session.iterdir()}


@pytest.mark.usefixtures("kernel")
def test_files_are_for_those_who_are_signed_in(server: RunningServer) -> None:
    """Without a login nothing; with a cookie from another site neither.

    Who isn't listened to is told that the connection ends: else the next request on it is
    lost where the end comes a moment later.
    """
    url = f"{server.url}session-export/api/session/files/single/text.txt"
    assert httpx.get(url, trust_env=False).status_code == 403
    with server.client() as client:
        client.get("api/status")
        cookies = dict(client.cookies)
    foreign = {"Referer": "http://evil.example/", "Origin": "http://evil.example"}
    with httpx.Client(cookies=cookies, headers=foreign, trust_env=False) as client:
        for method in ("GET", "DELETE", "PUT"):
            answer = client.request(method, url)
            assert answer.status_code in (403, 404)
            assert answer.headers["Connection"] == "close"
    with server.client() as client:
        answer = client.put(url.replace("text.txt", "%ff"), content=b"x")
        assert (answer.status_code, answer.headers["Connection"]) == (400, "close")
    assert server.api("GET", "session/files/single/text.txt").status_code == 200


def test_a_kernel_without_our_server_is_told_what_to_do(kernel: KernelSocket) -> None:
    """A clear refusal with its code, as in a kernel behind a gateway."""
    reply = kernel.run(
        "import os; kept = os.environ.pop('JPY_SESSION_EXPORT')\n"
        "try:\n    session_files.save('x', b'')\n"
        "finally:\n    os.environ['JPY_SESSION_EXPORT'] = kept"
    ).reply
    assert reply is not None
    assert reply["ename"] == "NoRecordingServer"


def command(server: RunningServer, *arguments: object) -> dict[str, object]:
    """Run a subcommand as the account that runs the server, and return what it reports."""
    run = subprocess.run(
        [sys.executable, "-m", "jupyter", "session-export", *map(str, arguments), "--json"],
        env=server.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    report: dict[str, object] = json.loads(run.stdout)
    return report


@pytest.mark.usefixtures("kernel")
def test_a_live_session_takes_over_an_old_layout(server: RunningServer, tmp_path: Path) -> None:
    """By the command line, while the server runs; undone, nothing of it is left."""
    path = tmp_path / "outputs/single/old.txt"
    path.parent.mkdir(parents=True)
    path.write_text("old")
    session_id = server.access()["session_id"]
    report = command(server, "migrate", tmp_path, "--backup", "--session", session_id)
    assert (report["files"], report["session_id"]) == (1, session_id)
    assert server.api("GET", "session/files/single/old.txt").text == "old"
    assert one_shot(server, include="outputs").read("outputs/single/old.txt") == b"old"
    assert not path.exists()
    command(server, "migrate", tmp_path, "--rollback")
    assert path.read_text() == "old"
    assert server.api("GET", "session/files/single/old.txt").status_code == 404


@pytest.mark.usefixtures("kernel")
def test_a_clean_up_by_hand_leaves_a_live_session_alone(server: RunningServer) -> None:
    """Whatever age is given."""
    report = command(server, "cleanup", "--max-age-hours", "0")
    assert report["removed"] == []
    (used,) = report["in_use"]  # type: ignore[misc]  # a list of one
    assert used["session_id"] == server.access()["session_id"]
    assert server.api("GET", "session/files/single/text.txt").status_code == 200
