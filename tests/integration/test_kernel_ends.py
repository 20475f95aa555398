"""Kernels that die, are restarted or interrupted in the middle of a cell."""

from __future__ import annotations

import os
import signal
import uuid
from typing import Any

import pytest

from tests.exporting import of_kernel, one_shot
from tests.kernel_socket import KernelSocket
from tests.logs import log_of
from tests.servers import RunningServer
from tests.waiting import wait_until

FOREVER = "print('before', flush=True)\nimport time\ntime.sleep(600)"


@pytest.fixture(scope="module")
def server(server_with_bash: RunningServer) -> RunningServer:
    """A server that knows Bash, too."""
    return server_with_bash


def start(server: RunningServer, name: str = "python3") -> str:
    """Start a kernel of a notebook that no other test has."""
    return server.start_kernel(name, f"{uuid.uuid4()}.ipynb")


def told_of(server: RunningServer, kernel_id: str) -> list[dict[str, Any]]:
    """Return the lines of the activity log about one kernel."""
    return [line for line in log_of(one_shot(server)) if line["target"] == kernel_id]


def test_a_killed_kernel_loses_its_cell(server: RunningServer) -> None:
    """What ran is lost, with the signal by its name; what waited behind it is lost, too."""
    kernel_id = start(server)
    with KernelSocket(server, kernel_id) as kernel:
        kernel.run("print('whole')")
        pid = int(kernel.run("import os; print(os.getpid())").stream("stdout"))
        run = kernel.submit(FOREVER, cell_id="killed")
        kernel.await_print(run)
        kernel.submit("print('never')")
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: of_kernel(server, kernel_id)[2]["status"] != "running")
    whole, _, killed, waiting = of_kernel(server, kernel_id)
    assert whole["status"] == "ok"
    assert (killed["status"], killed["cell_id"]) == ("lost", "killed")
    assert "SIGKILL" in killed["cause"]
    assert killed["stdout"] == "before\n"
    assert killed["finished_at"] is not None
    assert (waiting["status"], waiting["source"]) == ("lost", "print('never')")
    died = [line for line in told_of(server, kernel_id) if line["action"] == "kernel.died"]
    assert "SIGKILL" in died[0]["detail"]["cause"]


def test_a_kernel_that_ends_itself_says_its_exit_code(server: RunningServer) -> None:
    """The record goes on with the kernel that the server starts in its place."""
    kernel_id = start(server)
    with KernelSocket(server, kernel_id) as kernel:
        kernel.submit("print('before', flush=True)\nimport os, time; time.sleep(0.5); os._exit(3)")
        wait_until(lambda: any("restart" in line["action"] for line in told_of(server, kernel_id)))
        with KernelSocket(server, kernel_id) as again:
            again.listen().run("print('after')")
    exited, after = of_kernel(server, kernel_id)
    assert (exited["status"], exited["stdout"]) == ("lost", "before\n")
    assert "exit code 3" in exited["cause"]
    assert (after["status"], after["stdout"]) == ("ok", "after\n")
    assert after["kernel"]["incarnation"] == exited["kernel"]["incarnation"] + 1


@pytest.mark.parametrize(
    ("name", "code", "printed"),
    [("python3", FOREVER, "before\n"), ("bash", "echo before; sleep 600", "before\n")],
)
def test_an_interrupt_is_told_from_an_error(
    server: RunningServer, name: str, code: str, printed: str
) -> None:
    """The cell is interrupted, not failed, and keeps what it had printed."""
    kernel_id = start(server, name)
    with KernelSocket(server, kernel_id) as kernel, server.client() as client:
        run = kernel.submit(code)
        kernel.await_print(run)
        client.post(f"api/kernels/{kernel_id}/interrupt")
        kernel.finish(run)
    (interrupted,) = of_kernel(server, kernel_id)
    assert interrupted["status"] == "interrupted"
    assert interrupted["stdout"].replace("\r\n", "\n").startswith(printed)


@pytest.mark.parametrize(
    ("name", "code"), [("python3", FOREVER), ("bash", "echo before; sleep 600")]
)
def test_a_restart_ends_what_ran(server: RunningServer, name: str, code: str) -> None:
    """The cell knows that it was a restart; the same kernel id goes on."""
    kernel_id = start(server, name)
    with KernelSocket(server, kernel_id) as kernel, server.client() as client:
        run = kernel.submit(code)
        kernel.await_print(run)
        assert client.post(f"api/kernels/{kernel_id}/restart").status_code == 200
    with KernelSocket(server, kernel_id) as kernel:
        kernel.listen().run("echo after" if name == "bash" else "print('after')")
    ended, after = of_kernel(server, kernel_id)
    assert ended["status"] in ("interrupted", "lost")
    assert ended["cause"] == "restarted"
    assert ended["stdout"].startswith("before")
    assert (after["status"], after["stdout"].strip()) == ("ok", "after")


def test_a_shutdown_ends_what_ran(server: RunningServer) -> None:
    """The cell knows that its kernel was shut down."""
    kernel_id = start(server)
    with KernelSocket(server, kernel_id) as kernel, server.client() as client:
        run = kernel.submit(FOREVER)
        kernel.await_print(run)
        client.delete(f"api/kernels/{kernel_id}")
    (ended,) = of_kernel(server, kernel_id)
    assert ended["status"] in ("interrupted", "lost")
    assert ended["cause"] == "kernel was shut down"
    assert ended["stdout"] == "before\n"


def test_bash_is_recorded_as_python_is(server: RunningServer) -> None:
    """Its script has its own extension, its errors are errors."""
    kernel_id = server.start_kernel("bash", path="shell.ipynb")
    with KernelSocket(server, kernel_id) as kernel:
        kernel.run("echo 'ä €' | tr a-z A-Z", cell_id="one")
        kernel.run("echo oops >&2; false")
    first, second = of_kernel(server, kernel_id)
    assert first["kernel"]["language"] == "bash"
    assert first["kernel"]["file_extension"] == ".sh"
    assert (first["status"], first["stdout"].strip()) == ("ok", "ä €")
    assert first["source"] == "echo 'ä €' | tr a-z A-Z"
    assert second["status"] == "error"
    archive = one_shot(server, scope="notebook", path="shell.ipynb")
    assert b"tr a-z" in archive.read("code/notebook_1.sh")
