"""What people do in a session is in its logs, in order, and under the name that a file has now."""

from __future__ import annotations

import base64
import json

import pytest

from tests.exporting import executions, export, one_shot, prepared
from tests.kernel_socket import KernelSocket
from tests.logs import log_of, told
from tests.servers import RunningServer
from tests.waiting import wait_until


def contents(server: RunningServer, method: str, at: str, **body: object) -> None:
    with server.client() as client:
        answer = client.request(method, f"api/contents/{at}", json=body or None)
    answer.raise_for_status()


def test_files_and_notebooks(server: RunningServer) -> None:
    """Each deed once, by whom, with what kind of thing it was."""
    # The server answers before its own session is open.
    server.api("GET", "session").raise_for_status()
    notebook = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    contents(server, "PUT", "f.ipynb", type="notebook", format="json", content=notebook)
    contents(server, "GET", "f.ipynb")
    contents(server, "GET", "f.ipynb?content=0")
    contents(server, "GET", "")
    contents(server, "PUT", "f.ipynb", type="notebook", format="json", content=notebook)
    contents(server, "POST", "", copy_from="f.ipynb")
    contents(server, "PATCH", "f-Copy1.ipynb", path="g.ipynb")
    contents(server, "DELETE", "g.ipynb")
    contents(server, "POST", "", type="directory")
    for chunk in (1, 2, -1):
        data = base64.b64encode(b"x" * 1000).decode()
        contents(server, "PUT", "up.bin", type="file", format="base64", chunk=chunk, content=data)
    contents(server, "PATCH", "Untitled%20Folder", path="folder")
    lines = log_of(one_shot(server, include="logs"))
    assert told(lines, "file.", "notebook.", "folder.") == [
        ("notebook.create", "f.ipynb"),
        ("notebook.open", "f.ipynb"),
        ("notebook.save", "f.ipynb"),
        ("notebook.copy", "f-Copy1.ipynb"),
        ("notebook.rename", "g.ipynb"),
        ("notebook.delete", "g.ipynb"),
        ("folder.create", "Untitled Folder"),
        ("file.upload", "up.bin"),
        ("file.rename", "folder"),
    ]
    session = server.api("GET", "session").json()
    assert {line["user_id"] for line in lines} == {session["owner"]}
    assert {line["session_id"] for line in lines} == {session["id"]}
    upload = next(line for line in lines if line["action"] == "file.upload")
    assert upload["detail"] == {"bytes": 3000}


def test_a_notebook_keeps_its_history_under_its_new_name(server: RunningServer) -> None:
    """Its own renaming and its folder's, also while a cell of it runs."""
    contents(server, "POST", "", type="directory")
    contents(server, "PATCH", "Untitled%20Folder", path="old")
    contents(server, "PUT", "old/a.ipynb", type="notebook")
    kernel_id = server.start_kernel(path="old/a.ipynb")
    with KernelSocket(server, kernel_id) as kernel:
        kernel.run("print('before')")
        running = kernel.submit(
            "print('during', flush=True)\nimport pathlib, time\n"
            "while not pathlib.Path('../go').exists() and not pathlib.Path('go').exists():\n"
            "    time.sleep(0.05)"
        )
        kernel.await_print(running)
        contents(server, "PATCH", "old/a.ipynb", path="old/b.ipynb")
        contents(server, "PATCH", "old", path="new")
        (server.root / "go").write_text("")
        kernel.finish(running)
        kernel.run("print('after')")
    archive = export(server, scope="notebook", path="new/b.ipynb")
    assert [one["status"] for one in executions(archive)] == ["ok"] * 3
    (told_of,) = (name for name in archive.namelist() if name.endswith("_1_metadata.json"))
    assert json.loads(archive.read(told_of))["path"] == "new/b.ipynb"
    lines = log_of(archive)
    assert ("notebook.rename", "old/b.ipynb") in told(lines, "notebook.")
    assert ("file.rename", "new") in told(lines, "file.")


def test_kernels_clients_and_executions(server: RunningServer) -> None:
    """From the start to the end of each."""
    kernel_id = server.start_kernel(path="life.ipynb")
    with KernelSocket(server, kernel_id) as kernel:
        kernel.run("print(1)")
        client_id = kernel.session
        owner = server.api("GET", "session").json()["owner"]
    with server.client() as client:
        client.post(f"api/kernels/{kernel_id}/interrupt").raise_for_status()
        client.post(f"api/kernels/{kernel_id}/restart").raise_for_status()
        client.delete(f"api/kernels/{kernel_id}").raise_for_status()

    def lines_of_it() -> list[tuple[str, str | None]]:
        lines = log_of(one_shot(server, include="logs"))
        mine = [
            line for line in lines if kernel_id in (line["target"], line["detail"].get("kernel_id"))
        ]
        return told(mine, "")

    wait_until(lambda: ("client.disconnect", client_id) in lines_of_it())
    found = lines_of_it()
    (begun,) = [target for action, target in found if action == "execution.start"]
    for line in (
        ("kernel.start", kernel_id),
        ("notebook.attach", "life.ipynb"),
        ("client.connect", client_id),
        ("execution.end", begun),
        ("kernel.interrupt", kernel_id),
        ("kernel.restart", kernel_id),
        ("kernel.shutdown", kernel_id),
    ):
        assert found.count(line) == 1, line
    lines = log_of(one_shot(server))
    assert told(lines, "session.") == [("session.started", None)]
    assert {line["user_id"] for line in lines} == {owner}


def test_a_pause_has_no_deeds(server: RunningServer) -> None:
    """But the log says that there was one."""
    server.api("POST", "session/recording", json={"state": "paused"}).raise_for_status()
    contents(server, "PUT", "hidden.txt", type="file", format="text", content="x")
    server.api("POST", "session/recording", json={"state": "on"}).raise_for_status()
    contents(server, "PUT", "seen.txt", type="file", format="text", content="x")
    archive = one_shot(server, include="logs")
    lines = log_of(archive)
    targets = [target for _, target in told(lines, "file.")]
    assert "hidden.txt" not in targets
    assert "seen.txt" in targets
    assert [action for action, _ in told(lines, "recording.")] == [
        "recording.paused",
        "recording.resumed",
    ]
    assert [action for action, _ in told(log_of(archive, "audit"), "recording.")] == [
        "recording.paused",
        "recording.on",
    ]


def test_a_flood_of_saves_is_bounded_and_told(server: RunningServer) -> None:
    """Beyond some hundred lines of one kind a single one says how many more there were."""
    with server.client() as client:
        body = {"type": "file", "format": "text", "content": "x"}
        for _ in range(500):
            client.put("api/contents/flood.txt", json=body).raise_for_status()
    lines = log_of(one_shot(server, include="logs"))
    written = told(lines, "file.save").count(("file.save", "flood.txt"))
    (left_out,) = [line for line in lines if line["action"] == "log.left_out"]
    assert (left_out["target"], left_out["user_id"]) == ("file.save", None)
    assert written < 450
    assert written + left_out["detail"]["lines"] == 499


def test_what_is_taken_and_refused_is_audited(server: RunningServer) -> None:
    """Exports, downloads with how much of them went, and strangers with their address."""
    job = prepared(server, include=["logs"])
    half = job["bytes"] // 2
    with server.client() as client:
        url = f"session-export/api/exports/{job['id']}/download"
        client.get(url, headers={"Range": f"bytes={half}-"}).raise_for_status()
    # A client may have all of it before the sending has ended.
    wait_until(lambda: not server.api("GET", f"exports/{job['id']}").json()["transfers"])
    server.api("DELETE", f"exports/{job['id']}").raise_for_status()
    with server.stranger() as stranger:
        assert stranger.get("session-export/api/session/stats").status_code == 403
        wrong = {"Authorization": "JupyterSessionExport nothing"}
        assert stranger.get("session-export/api/sessions", headers=wrong).status_code == 403
        # No text in UTF-8: a refusal is told whatever the address says.
        odd = stranger.get("session-export/api/exports?session_id=%ff")
        assert (odd.status_code, odd.json()["code"]) == (403, "FORBIDDEN")
    assert server.api("GET", f"exports/{'0' * 32}").status_code == 404
    lines = log_of(one_shot(server, include="logs"), "audit")
    mine = [line for line in lines if line["target"] == job["id"]]
    assert [line["action"] for line in mine] == [
        "export.begun",
        "export.downloaded",
        "export.discarded",
    ]
    assert mine[1]["detail"] == {
        "first_byte": half,
        "bytes": job["bytes"] - half,
        "complete": True,
    }
    refused = [line for line in lines if line["action"] == "request.refused"]
    found = [(line["target"], line["detail"].get("by"), line["user_id"]) for line in refused]
    owner = server.api("GET", "session").json()["owner"]
    assert found == [
        ("GET session/stats", "a stranger", None),
        ("GET sessions", "a stranger", None),
        ("GET exports", "a stranger", None),
        ("GET exports/{export_id}", None, owner),
    ]
    assert refused[0]["detail"]["address"] == "127.0.0.1"
    assert "Traceback" not in server.log.read_text()


EVENTS = [
    {"action": "page.notebook_open", "notebook": "RTC:p.ipynb"},
    {"action": "cell.add", "notebook": "p.ipynb", "cell_id": "c1", "type": "code", "index": 0},
    {
        "action": "cell.change_type",
        "notebook": "p.ipynb",
        "cell_id": "c1",
        "type": "markdown",
        "old_type": "code",
        "index": 0,
    },
]


def test_a_page_tells_of_cells(server: RunningServer) -> None:
    """By the schema; what the page had no room for is told, too."""
    answer = server.api("POST", "session/activity", json={"events": EVENTS, "left_out": 7})
    assert answer.status_code == 204, answer.text
    lines = log_of(one_shot(server, include="logs"))
    assert told(lines, "page.", "cell.") == [
        ("page.notebook_open", "p.ipynb"),
        ("cell.add", "p.ipynb"),
        ("cell.change_type", "p.ipynb"),
        ("page.left_out", None),
    ]
    changed = next(line for line in lines if line["action"] == "cell.change_type")
    assert changed["detail"] == {
        "cell_id": "c1",
        "type": "markdown",
        "old_type": "code",
        "index": 0,
    }


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"events": []},
        {"events": [{"action": "kernel.start", "notebook": "p.ipynb"}]},
        {"events": [{"action": "cell.add", "notebook": "p.ipynb", "source": "secret"}]},
        {"events": [{"action": "cell.add", "notebook": "p.ipynb", "cell_id": "no id"}]},
        {"events": [{"action": "cell.add", "notebook": "x" * 2000}]},
        {"events": [EVENTS[0]] * 201},
        {"events": EVENTS, "more": 1},
    ],
)
def test_what_a_page_may_not_tell(server: RunningServer, body: dict[str, object]) -> None:
    """Other actions, content of cells, or more than a batch holds."""
    assert server.api("POST", "session/activity", json=body).json()["code"] == "INVALID_REQUEST"


def test_only_pages_tell_of_cells(server: RunningServer) -> None:
    """Not code in a kernel with its session's key, and not a page of another site."""
    key = {"Authorization": f"JupyterSessionExport {server.access()['key']}"}
    with server.stranger() as kernel, server.browser() as page:
        url = "session-export/api/session/activity"
        assert kernel.post(url, json={"events": EVENTS}, headers=key).status_code == 403
        del page.headers["X-XSRFToken"]
        assert page.post(url, json={"events": EVENTS}).status_code == 403
