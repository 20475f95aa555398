"""Kernels that a real Enterprise Gateway runs, in an environment of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.exporting import executions, export
from tests.gateways import enterprise_python, running_gateway
from tests.kernel_socket import KernelSocket
from tests.servers import RunningServer, running_server

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment that holds the gateway and its kernels, and not our package."""
    return enterprise_python(tmp_path_factory.mktemp("environment"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, environment: Path) -> Iterator[RunningServer]:
    """A server whose kernels the gateway runs."""
    folder = tmp_path_factory.mktemp("gateway")
    command = (str(environment), "-m", "enterprise_gateway")
    told = {"KERNEL_USERNAME": "ada"}
    with (
        running_gateway(folder, command, "EnterpriseGatewayApp") as url,
        running_server(
            folder, arguments=[f"--GatewayClient.url={url}"], environment=told
        ) as server,
    ):
        yield server


def test_cells_and_a_restart(server: RunningServer) -> None:
    """Each cell is recorded once, with its outputs, its cell, its client and its incarnation."""
    kernel_id = server.start_kernel(path="enterprise.ipynb")
    with KernelSocket(server, kernel_id) as tab:
        tab.run("print('one'); 6 * 7", cell_id="one")
        tab.run("1 / 0", cell_id="two")
        with server.client() as client:
            client.post(f"api/kernels/{kernel_id}/restart").raise_for_status()
    with KernelSocket(server, kernel_id) as again:
        again.run("print('after')", cell_id="three")
    archive = export(server)
    ran = [one for one in executions(archive) if one["kernel"]["id"] == kernel_id]
    assert [one["cell_id"] for one in ran] == ["one", "two", "three"]
    assert [one["status"] for one in ran] == ["ok", "error", "ok"]
    assert [one["client"] for one in ran] == [tab.session, tab.session, again.session]
    assert [one["kernel"]["incarnation"] for one in ran] == [1, 1, 2]
    assert {one["notebook"] for one in ran} == {"enterprise.ipynb"}
    printed = [archive.read(f"{ran[at]['folder']}/stdout.txt") for at in (0, 2)]
    assert printed == [b"one\n", b"after\n"]
