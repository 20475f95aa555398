"""Clients that aren't a page's websocket: each cell is recorded once, whoever sent it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

from tests.exporting import executions, export
from tests.kernel_socket import KernelSocket
from tests.servers import RunningServer, running_server
from tests.waiting import wait_until

LOCAL = "local client"
EXTENSIONS = ("jupyter_server_fileid", "jupyter_server_nbmodel", "jupyter_server_ydoc")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server on which people collaborate, and that runs notebooks' cells by itself."""
    arguments = [f"--ServerApp.jpserver_extensions={name}=True" for name in EXTENSIONS]
    with running_server(tmp_path_factory.mktemp("server"), arguments=arguments) as server:
        yield server


def exported(server: RunningServer, kernel_id: str) -> tuple[zipfile.ZipFile, list[dict[str, Any]]]:
    """Return the ZIP and what it tells of one kernel's executions."""
    archive = export(server)
    return archive, [one for one in executions(archive) if one["kernel"]["id"] == kernel_id]


def read(archive: zipfile.ZipFile, execution: dict[str, Any], name: str) -> str:
    return archive.read(f"{execution['folder']}/{name}").decode()


def connection_file(server: RunningServer, kernel_id: str) -> Path:
    return server.home / "runtime" / f"kernel-{kernel_id}.json"


def run_on_server(server: RunningServer, kernel_id: str, code: str, **metadata: str) -> None:
    """Have jupyter-server-nbmodel run a cell, and wait for it as its front end does."""
    with server.client() as client:
        body = {"code": code, "metadata": metadata}
        asked = client.post(f"api/kernels/{kernel_id}/execute", json=body)
        assert asked.status_code == 202, asked.text
        wait_until(lambda: client.get(asked.headers["Location"]).status_code != 202)


def has_outputs(path: Path, cell: int) -> bool:
    """Tell whether a cell's outputs have been saved; a save isn't atomic there."""
    with contextlib.suppress(json.JSONDecodeError):
        return bool(json.loads(path.read_text())["cells"][cell]["outputs"])
    return False


def test_nbmodel(server: RunningServer) -> None:
    """The server runs the cells, and no page needs to be there."""
    kernel_id = server.start_kernel(path="server-side.ipynb")
    run_on_server(server, kernel_id, "print('from the server'); 6 * 7", cell_id="one")
    run_on_server(server, kernel_id, "1 / 0")
    archive, ran = exported(server, kernel_id)
    assert [read(archive, one, "source.py") for one in ran] == [
        "print('from the server'); 6 * 7",
        "1 / 0",
    ]
    assert [one["status"] for one in ran] == ["ok", "error"]
    assert [(one["client"], one["cell_id"]) for one in ran] == [(LOCAL, "one"), (LOCAL, None)]
    assert {one["notebook"] for one in ran} == {"server-side.ipynb"}
    assert read(archive, ran[0], "stdout.txt") == "from the server\n"


def test_console(server: RunningServer) -> None:
    """`jupyter console --existing` beside the notebook's page."""
    kernel_id = server.start_kernel(path="console.ipynb")
    with KernelSocket(server, kernel_id) as page:
        page.run("x = 'the notebook'", cell_id="page")
        console = [sys.executable, "-m", "jupyter", "console", "--simple-prompt"]
        console += ["--ZMQTerminalInteractiveShell.confirm_exit=False"]
        said = subprocess.run(
            [*console, "--existing", str(connection_file(server, kernel_id))],
            input="print('console of', x)\n",
            env=server.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
    assert "console of the notebook" in said.stdout
    archive, ran = exported(server, kernel_id)
    assert [(one["client"], one["cell_id"]) for one in ran] == [
        (page.session, "page"),
        (LOCAL, None),
    ]
    assert read(archive, ran[1], "source.py") == "print('console of', x)"
    assert read(archive, ran[1], "stdout.txt") == "console of the notebook\n"


async def test_nbclient(server: RunningServer) -> None:
    """nbclient, attached to a kernel that the server started."""
    kernel_id = await asyncio.to_thread(server.start_kernel, path="attached.ipynb")
    manager = AsyncKernelManager(owns_kernel=False)
    manager.load_connection_file(str(connection_file(server, kernel_id)))
    code = ["print('attached')", "print('last', end='')\n'shown'"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(one) for one in code])
    client = NotebookClient(notebook, km=manager)
    client.kc = manager.client()
    client.kc.start_channels()
    await client.kc.wait_for_ready(timeout=60)
    client.reset_execution_trackers()
    for index, cell in enumerate(notebook.cells):
        await client.async_execute_cell(cell, index)
    client.kc.stop_channels()
    manager.context.destroy(linger=0)
    archive, ran = await asyncio.to_thread(exported, server, kernel_id)
    assert [read(archive, one, "source.py") for one in ran] == code
    assert [read(archive, one, "stdout.txt") for one in ran] == ["attached\n", "last"]
    assert {(one["client"], one["status"]) for one in ran} == {(LOCAL, "ok")}
    assert {one["notebook"] for one in ran} == {"attached.ipynb"}


def test_collaboration(server: RunningServer) -> None:
    """Two people in one document, and a cell that the server runs for them in it."""
    cells = [nbformat.v4.new_code_cell(code) for code in ("1", "2", "print('shared'); 'result'")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    (server.root / "shared.ipynb").write_text(nbformat.writes(notebook))
    kernel_id = server.start_kernel(path="shared.ipynb")
    with server.browser() as ada, server.browser() as bob:
        headers = {"X-XSRFToken": ada.cookies["_xsrf"]}
        asked = ada.put(
            "api/collaboration/session/shared.ipynb",
            json={"format": "json", "type": "notebook"},
            headers=headers,
        )
        room = f"json:notebook:{asked.json()['fileId']}"
        path = f"api/collaboration/room/{room}?sessionId={asked.json()['sessionId']}"
        with (
            contextlib.closing(server.websocket(path, client=ada, timeout=60)) as document,
            KernelSocket(server, kernel_id, client=ada) as of_ada,
            KernelSocket(server, kernel_id, client=bob) as of_bob,
        ):
            document.recv()
            of_ada.run("1", cell_id=cells[0]["id"])
            of_bob.run("2", cell_id=cells[1]["id"])
            run_on_server(
                server,
                kernel_id,
                cells[2]["source"],
                cell_id=cells[2]["id"],
                document_id=room,
                request_id=uuid.uuid4().hex,
            )
            wait_until(lambda: has_outputs(server.root / "shared.ipynb", 2))
            # The shared document keeps its outputs itself.
            asked = server.api("POST", "session/cells/restore", json={"path": "shared.ipynb"})
            assert (asked.status_code, asked.json()["code"]) == (409, "NOTEBOOK_SHARED")
    archive, ran = exported(server, kernel_id)
    assert [read(archive, one, "source.py") for one in ran] == [cell["source"] for cell in cells]
    assert [one["client"] for one in ran] == [of_ada.session, of_bob.session, LOCAL]
    assert [one["cell_id"] for one in ran] == [cell["id"] for cell in cells]
    assert read(archive, ran[2], "stdout.txt") == "shared\n"
    kept = [json.loads(archive.read(n)) for n in archive.namelist() if n.endswith(".ipynb")]
    (shared,) = [one for one in kept if one["cells"][2:] and one["cells"][2]["outputs"]]
    assert [output["output_type"] for output in shared["cells"][2]["outputs"]] == [
        "stream",
        "execute_result",
    ]
