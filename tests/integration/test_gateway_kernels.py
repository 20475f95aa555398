"""Kernels that a real Kernel Gateway runs: the server has no channels to them but websockets."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.exporting import executions, export
from tests.gateways import running_gateway
from tests.kernel_socket import KernelSocket, Run
from tests.servers import RunningServer, running_server
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its URL."""
    with running_gateway(tmp_path_factory.mktemp("gateway")) as url:
        yield url


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, gateway: str) -> Iterator[RunningServer]:
    """A server whose kernels the gateway runs."""
    arguments = [f"--GatewayClient.url={gateway}"]
    with running_server(tmp_path_factory.mktemp("server"), arguments=arguments) as server:
        yield server


def exported(server: RunningServer, kernel_id: str) -> tuple[zipfile.ZipFile, list[dict[str, Any]]]:
    """Return the ZIP and what it tells of one kernel's executions."""
    archive = export(server)
    return archive, [one for one in executions(archive) if one["kernel"]["id"] == kernel_id]


def printed(archive: zipfile.ZipFile, execution: dict[str, Any]) -> str:
    return archive.read(f"{execution['folder']}/stdout.txt").decode()


def test_each_cell_is_recorded_once(server: RunningServer) -> None:
    """Though two tabs hear it, and though the connection hands requests to itself again."""
    kernel_id = server.start_kernel(path="remote.ipynb")
    with KernelSocket(server, kernel_id) as tab, KernelSocket(server, kernel_id) as other:
        other.run("'wakes the other tab'", cell_id="zero")
        tab.run("print('one'); 6 * 7", cell_id="one")
        tab.run("1 / 0", cell_id="two")
    archive, ran = exported(server, kernel_id)
    assert [one["cell_id"] for one in ran] == ["zero", "one", "two"]
    assert [one["status"] for one in ran] == ["ok", "ok", "error"]
    assert [one["client"] for one in ran] == [other.session, tab.session, tab.session]
    assert {one["notebook"] for one in ran} == {"remote.ipynb"}
    assert {one["kernel"]["language"] for one in ran} == {"python"}
    assert printed(archive, ran[1]) == "one\n"
    assert archive.read(f"{ran[1]['folder']}/source.py") == b"print('one'); 6 * 7"
    result = [output for output in ran[1]["outputs"] if output["type"] == "execute_result"]
    assert [archive.read(f"{ran[1]['folder']}/{one['file']}") for one in result] == [b"42"]


def test_a_cell_that_is_sent_before_the_gateway_answers(server: RunningServer) -> None:
    """It waits in the connection, and is recorded as one."""
    kernel_id = server.start_kernel(path="early.ipynb")
    with KernelSocket(server, kernel_id) as tab:
        run = tab.submit("print('early')", cell_id="early")
        tab.finish(run)
    archive, ran = exported(server, kernel_id)
    assert [one["cell_id"] for one in ran] == ["early"]
    assert printed(archive, ran[0]) == "early\n"


def test_a_tab_that_is_closed(server: RunningServer, gateway: str) -> None:
    """What it started is recorded to its end; then nothing holds the kernel any more."""
    kernel_id = server.start_kernel(path="closed.ipynb")
    code = "import time\nfor i in range(20): print(i, flush=True); time.sleep(.1)"
    with KernelSocket(server, kernel_id) as tab:
        tab.await_print(tab.submit(code))
    with httpx.Client(base_url=gateway, trust_env=False) as client:
        wait_until(lambda: client.get(f"api/kernels/{kernel_id}").json()["connections"] == 0)
    archive, (ran,) = exported(server, kernel_id)
    assert ran["status"] == "ok"
    assert printed(archive, ran) == "".join(f"{i}\n" for i in range(20))


def test_a_restart(server: RunningServer) -> None:
    """What ran is interrupted or lost; what follows belongs to the next incarnation."""
    kernel_id = server.start_kernel(path="restarted.ipynb")
    with KernelSocket(server, kernel_id) as tab:
        tab.run("print('before')")
        running = tab.submit("print('so far', flush=True)\nimport time; time.sleep(60)")
        tab.await_print(running, "so far")
        with server.client() as client:
            client.post(f"api/kernels/{kernel_id}/restart").raise_for_status()
    with KernelSocket(server, kernel_id) as tab:
        tab.listen().run("print('after')")
    archive, ran = exported(server, kernel_id)
    assert [printed(archive, one) for one in ran] == ["before\n", "so far\n", "after\n"]
    assert [one["kernel"]["incarnation"] for one in ran] == [1, 1, 2]
    assert ran[1]["status"] in ("interrupted", "lost")


def shown(tab: KernelSocket, run: Run) -> list[str]:
    """Return what the magic shows, of which the answer is the last."""
    while len(run.shown()) < 2:
        tab.receive(run)
    return [str(content["data"].get("text/html")) for content in run.shown()]


def linked(server: RunningServer, html: str) -> zipfile.ZipFile:
    """Download what a link in the page leads to, as a browser does."""
    (url,) = re.findall(r'href="([^"]+)"', html)
    with server.client() as client:
        answer = client.get(url)
    assert answer.status_code == 200, answer.text
    return zipfile.ZipFile(io.BytesIO(answer.content))


def test_the_magic_is_answered_in_every_tab(server: RunningServer) -> None:
    """The kernel can't reach the server, which hears it and shows a link to the ZIP."""
    kernel_id = server.start_kernel(path="magic.ipynb")
    with KernelSocket(server, kernel_id) as tab, KernelSocket(server, kernel_id) as other:
        other.run("print('before')")
        run = tab.run("%session_export --include executions")
        assert run.stream("stderr") == ""
        elsewhere = Run(run.msg_id)
        answers = {shown(one, told)[-1] for one, told in ((tab, run), (other, elsewhere))}
        archive = linked(server, answers.pop())
        assert answers == set()
    ran = [one for one in executions(archive) if one["kernel"]["id"] == kernel_id]
    assert [printed(archive, one) for one in ran] == ["before\n"]


def test_the_magic_of_one_notebook(server: RunningServer) -> None:
    """The server knows which one it is."""
    kernel_id = server.start_kernel(path="alone.ipynb")
    with KernelSocket(server, kernel_id) as tab:
        tab.run("print('alone')")
        archive = linked(server, shown(tab, tab.run("%session_export --notebook"))[-1])
    assert [printed(archive, one) for one in executions(archive)] == ["alone\n"]


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("%session_export --include everything", "include knows no"),
        ("%session_export --session nobody", "[INVALID_REQUEST]"),
    ],
)
def test_the_magic_tells_what_the_server_refuses(
    server: RunningServer, code: str, answer: str
) -> None:
    """In the output of the cell, where else the link is."""
    with KernelSocket(server, server.start_kernel()) as tab:
        assert answer in shown(tab, tab.run(code))[-1]


@pytest.mark.parametrize(
    ("code", "code_of_error"),
    [
        ("%session_export folder", "[INVALID_REQUEST]"),
        ("%session_recording pause", "[NO_RECORDING_SERVER]"),
        (
            "from jupyter_session_export import session_files\n"
            "try: session_files.path\n"
            "except Exception as error: print(f'[{error.code}]')",
            "[NO_RECORDING_SERVER]",
        ),
    ],
)
def test_what_needs_the_server_says_so(
    server: RunningServer, code: str, code_of_error: str
) -> None:
    """A gateway's kernel has neither its files nor its routes."""
    with KernelSocket(server, server.start_kernel()) as tab:
        run = tab.run(code)
    assert code_of_error in run.stream("stderr") + run.stream("stdout")
