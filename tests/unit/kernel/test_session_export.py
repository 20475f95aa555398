from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import pytest

from tests.unit.client.fake_server import SESSION_ID, Running
from tests.unit.kernel.conftest import KERNEL_ID
from tests.unit.kernel.real_kernel import RealKernel

NAME = "session_export_2026-01-31.zip"


def test_the_magic_writes_the_zip_beside_the_notebook(
    kernel: RealKernel, server: Running, folder: Path
) -> None:
    """It ends with a link that is relative to the notebook, and the summary."""
    run = kernel.run("%session_export")
    assert run.status == "ok"
    assert run.text("stderr") == ""
    assert (folder / NAME).read_bytes() == server.script.zip
    result = run.of("display_data")[-1]["data"]
    assert f'<a href="{NAME}" download>{NAME}</a>' in result["text/html"]
    assert str(folder / NAME) in result["text/plain"]
    assert "2 executions, 5 files" in result["text/plain"]
    assert "nothing left out" in result["text/html"]


def test_the_magic_says_which_execution_it_is(
    kernel: RealKernel, server: Running, folder: Path
) -> None:
    """The server leaves that one out of the export."""
    run = kernel.run("%session_export")
    assert server.script.bodies == [
        {
            "session_id": SESSION_ID,
            "scope": "session",
            "asked_by": {"kernel_id": KERNEL_ID, "msg_id": run.msg_id},
        }
    ]


def test_options_reach_the_server(kernel: RealKernel, server: Running, folder: Path) -> None:
    """The notebook is named by its absolute path; the server knows its own root."""
    kernel.run("%session_export --notebook --include code,data --compression fast --session abc")
    (body,) = server.script.bodies
    assert body.pop("asked_by")
    assert body == {
        "session_id": "abc",
        "scope": "notebook",
        "path": str(folder / "plots.ipynb"),
        "include": ["code", "data"],
        "compression": "fast",
    }


def test_progress_is_one_output_that_is_updated(
    kernel: RealKernel, server: Running, folder: Path
) -> None:
    """A bar in HTML, and one of characters for plain consoles; at its end it says so."""
    run = kernel.run("%session_export")
    first = run.of("display_data")[0]
    updates = run.of("update_display_data")
    assert "<progress" in first["data"]["text/html"]
    assert first["data"]["text/plain"].startswith("[#")
    assert {each["transient"]["display_id"] for each in [first, *updates]} == {
        first["transient"]["display_id"]
    }
    assert updates[-1]["data"]["text/plain"] == "Session exported."


def test_a_path_may_be_given(kernel: RealKernel, server: Running, folder: Path) -> None:
    """Outside of the notebook's folder a link would lead nowhere: the path is shown."""
    (folder.parent / "else where").mkdir()
    run = kernel.run("%session_export 'else where/mine.zip'")
    path = folder.parent / "else where" / "mine.zip"
    assert path.read_bytes() == server.script.zip
    html = run.of("display_data")[-1]["data"]["text/html"]
    assert "mine.zip" in html
    assert "<a" not in html


def test_nothing_is_overwritten(kernel: RealKernel, server: Running, folder: Path) -> None:
    """A second export of the day gets a number."""
    kernel.run("%session_export")
    kernel.run("%session_export")
    assert sorted(path.name for path in folder.iterdir()) == [
        NAME,
        "session_export_2026-01-31_2.zip",
    ]


def test_help_is_printed(kernel: RealKernel) -> None:
    """It needs no server, and the kernel lives on."""
    run = kernel.run("%session_export --help")
    assert run.status == "ok"
    assert "usage: %session_export" in run.text("stdout")
    assert run.text("stderr") == ""


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("--nonsense", "INVALID_REQUEST"),
        ("'unbalanced", "INVALID_REQUEST"),
        ("--compression zip", "INVALID_REQUEST"),
        ("/proc/x.zip", "DESTINATION_UNWRITABLE"),
        ("missing/folder", "DESTINATION_UNWRITABLE"),
    ],
)
def test_a_mistake_is_one_line(
    kernel: RealKernel, server: Running, folder: Path, line: str, code: str
) -> None:
    """What, what to do and the code on stderr; no traceback, and the server isn't asked."""
    assert_one_line(kernel, f"%session_export {line}", code)
    assert server.script.requests == []


def test_a_dead_server_is_one_line(kernel: RealKernel, home: Path) -> None:
    """A crash leaves the access file behind; nobody answers there."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        (home / "access.json").write_text(json.dumps({"url": url, "key": "k", "session_id": "s"}))
        assert_one_line(kernel, "%session_export", "SERVER_UNREACHABLE")


def test_a_server_that_ended_is_one_line(kernel: RealKernel, home: Path) -> None:
    """An orderly end takes the access file away."""
    (home / "access.json").unlink(missing_ok=True)
    assert_one_line(kernel, "%session_export", "SERVER_UNREACHABLE")


def test_no_server_is_one_line(kernel: RealKernel) -> None:
    """A kernel of something else than a recording server."""
    code = "import os; kept = os.environ.pop('JPY_SESSION_EXPORT')\n%session_export"
    try:
        assert_one_line(kernel, code, "NO_RECORDING_SERVER")
    finally:
        kernel.run("os.environ['JPY_SESSION_EXPORT'] = kept")


def test_a_failed_export_is_one_line(kernel: RealKernel, server: Running, folder: Path) -> None:
    """The server's own code is shown, and the bar doesn't stay as if it went on."""
    server.script.polls = ["failed"]
    server.script.error = {"code": "STORE_DAMAGED", "message": "Damaged.", "detail": None}
    run = kernel.run("%session_export")
    assert run.text("stderr") == "Damaged. [STORE_DAMAGED]\n"
    assert run.of("update_display_data")[-1]["data"]["text/plain"] == "Export failed."
    assert list(folder.iterdir()) == []


def test_an_interrupt_cancels_the_export(kernel: RealKernel, server: Running, folder: Path) -> None:
    """The stop button: the job ends, nothing is left, and the kernel says so."""
    server.script.download = "held"
    run = kernel.begin("%session_export")
    kernel.published(run, until="display_data")
    kernel.manager.interrupt_kernel()
    kernel.end(run)
    assert run.text("stderr") == "The export was cancelled; no file was written.\n"
    assert run.of("error") == []
    assert run.of("update_display_data")[-1]["data"]["text/plain"] == "Export cancelled."
    assert server.script.cancelled.wait(10)
    assert list(folder.iterdir()) == []


def test_code_gets_the_path(kernel: RealKernel, server: Running, folder: Path) -> None:
    """`export_session` shows nothing and returns where the ZIP lies."""
    run = kernel.run(
        "from jupyter_session_export import export_session\nprint(export_session(include='code'))"
    )
    assert run.text("stdout").strip() == str(folder / NAME)
    assert run.of("display_data") == []
    assert server.script.bodies == [
        {"session_id": SESSION_ID, "scope": "session", "include": ["code"]}
    ]


def test_code_gets_an_error_to_catch(kernel: RealKernel, home: Path) -> None:
    """What the magic tells in a line is an exception there."""
    (home / "access.json").unlink(missing_ok=True)
    run = kernel.run("from jupyter_session_export import export_session\nexport_session()")
    assert run.of("error")[0]["ename"] == "ServerUnreachable"


def assert_one_line(kernel: RealKernel, code: str, error: str) -> None:
    run = kernel.run(code)
    assert run.text("stderr").endswith(f"[{error}]\n")
    assert run.text("stderr").count(os.linesep) == 1
    assert run.text("stdout") == ""
    assert run.of("error", "display_data") == []
    assert run.status == "ok"
