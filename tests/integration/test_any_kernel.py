"""Kernels of several kinds, run through a page's websocket and exported by the real routes."""

from __future__ import annotations

import zipfile
from typing import Any

import pytest

from tests.exporting import executions, export
from tests.kernel_socket import KernelSocket
from tests.servers import RunningServer


@pytest.fixture(scope="module")
def server(server_with_bash: RunningServer) -> RunningServer:
    """A server that has a Bash kernel, too."""
    return server_with_bash


def exported(server: RunningServer, kernel_id: str) -> tuple[zipfile.ZipFile, list[dict[str, Any]]]:
    """Return the ZIP and what it tells of one kernel's executions."""
    archive = export(server)
    return archive, [one for one in executions(archive) if one["kernel"]["id"] == kernel_id]


def text(archive: zipfile.ZipFile, execution: dict[str, Any], name: str) -> str:
    return archive.read(f"{execution['folder']}/{name}").decode()


@pytest.mark.parametrize(
    ("name", "language", "extension", "code", "failing"),
    [
        ("python3", "python", ".py", "print('out'); 6 * 7", "1 / 0"),
        ("xpython", "python", ".py", "print('out'); 6 * 7", "1 / 0"),
        ("xpython-raw", "python", ".py", "print('out')", "1 / 0"),
        ("bash", "bash", ".sh", "echo out", "false"),
    ],
)
def test_a_kernel_of_any_kind_is_recorded(
    server: RunningServer, name: str, language: str, extension: str, code: str, failing: str
) -> None:
    """Code, output, failure, notebook, cell, client, user and order; each cell once."""
    notebook = f"{name}.ipynb"
    kernel_id = server.start_kernel(name, notebook)
    with KernelSocket(server, kernel_id) as kernel:
        assert kernel.run(code, cell_id="one").stream("stdout") == "out\n"
        kernel.run(failing, cell_id="two")
        # A page that asks for its own purposes: marked, and not in the ZIP.
        kernel.run(code, store_history=False)
    archive, (good, bad) = exported(server, kernel_id)
    assert [one["status"] for one in (good, bad)] == ["ok", "error"]
    assert [text(archive, one, f"source{extension}") for one in (good, bad)] == [code, failing]
    assert text(archive, good, "stdout.txt") == "out\n"
    assert [one["cell_id"] for one in (good, bad)] == ["one", "two"]
    for one in (good, bad):
        assert (one["kernel"]["name"], one["kernel"]["language"]) == (name, language)
        assert one["notebook"] == notebook
        assert one["client"] == kernel.session
        assert one["user_id"] == server.api("GET", "session").json()["owner"]
        assert one["submitted_at"] <= one["started_at"] <= one["finished_at"]


def test_subshells_beside_the_main_shell(server: RunningServer) -> None:
    """Their outputs come mixed, and each goes to the cell that made it, while both run."""
    kernel_id = server.start_kernel(path="subshells.ipynb")
    code = (
        "import time, IPython\n"
        "for i in range(15):\n"
        "    print('{0}', i, flush=True); IPython.display.display('{0}'); time.sleep(.02)"
    )
    with KernelSocket(server, kernel_id) as main, KernelSocket(server, kernel_id) as other:
        subshell = {"subshell_id": other.ask("create_subshell_request")["subshell_id"]}
        first = main.submit(code.format("main"), cell_id="main")
        second = other.submit(code.format("sub"), cell_id="sub", header=subshell)
        main.finish(first)
        other.finish(second)
        quick = other.run("print('quick')", cell_id="quick", header=subshell)
        assert quick.stream("stdout") == "quick\n"
    archive, ran = exported(server, kernel_id)
    told = {one["cell_id"]: one for one in ran}
    assert sorted(told) == ["main", "quick", "sub"]
    assert len(ran) == 3
    starts = [told[name]["started_at"] for name in ("main", "sub")]
    assert max(starts) < min(told[name]["finished_at"] for name in ("main", "sub"))
    for name, client in (("main", main), ("sub", other)):
        one = told[name]
        assert (one["status"], one["client"]) == ("ok", client.session)
        assert text(archive, one, "stdout.txt") == "".join(f"{name} {i}\n" for i in range(15))
        shown = [output for output in one["outputs"] if output["type"] == "display_data"]
        assert len(shown) == 15
        assert {archive.read(f"{one['folder']}/{output['file']}") for output in shown} == {
            f"'{name}'".encode()
        }
