"""Kernels that nobody restarts when they die."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from tests.exporting import of_kernel, one_shot
from tests.kernel_socket import KernelSocket
from tests.logs import log_of
from tests.servers import RunningServer, running_server
from tests.waiting import wait_until

FOREVER = "print('before', flush=True)\nimport time\ntime.sleep(600)"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server without restarters."""
    arguments = ["--KernelManager.autorestart=False"]
    with running_server(tmp_path_factory.mktemp("server"), arguments=arguments) as server:
        yield server


def told_of(server: RunningServer, kernel_id: str) -> dict[str, Any]:
    """Return the details of what the activity log says of a kernel, by action."""
    found = [line for line in log_of(one_shot(server)) if line["target"] == kernel_id]
    return {line["action"]: line["detail"] for line in found}


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_death_is_noticed_without_a_restarter(
    server: RunningServer, number: signal.Signals
) -> None:
    """What ran is lost within moments; after a restart by hand the kernel is recorded again."""
    cause = f"kernel died (signal {number.name})"
    kernel_id = server.start_kernel()
    with KernelSocket(server, kernel_id) as kernel, server.client() as client:
        pid = int(kernel.run("import os; print(os.getpid())").stream("stdout"))
        kernel.await_print(kernel.submit(FOREVER))
        os.kill(pid, number)
        wait_until(lambda: "kernel.died" in told_of(server, kernel_id))
        assert told_of(server, kernel_id)["kernel.died"]["cause"] == cause
        (shown,) = server.api("GET", "session").json()["kernels"]
        assert (shown["id"], shown["state"]) == (kernel_id, "dead")
        assert client.post(f"api/kernels/{kernel_id}/restart").status_code == 200
    with KernelSocket(server, kernel_id) as kernel, server.client() as client:
        kernel.listen().run("print('after')")
        client.delete(f"api/kernels/{kernel_id}")
    _, lost, after = of_kernel(server, kernel_id)
    assert (lost["status"], lost["cause"], lost["stdout"]) == ("lost", cause, "before\n")
    assert (after["status"], after["stdout"]) == ("ok", "after\n")
    assert after["kernel"]["incarnation"] == lost["kernel"]["incarnation"] + 1
