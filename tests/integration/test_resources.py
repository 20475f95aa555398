"""What executions of real kernels use, and what there is for them."""

from __future__ import annotations

import json
import sys
from typing import Any

import psutil
import pytest

from tests.exporting import executions, one_shot
from tests.kernel_socket import KernelSocket
from tests.servers import RunningServer

MIB = 2**20
BURN = "import time\nt = time.process_time()\nwhile time.process_time() < t + {seconds}: pass"


@pytest.fixture(scope="module")
def server(server_with_bash: RunningServer) -> RunningServer:
    """A server that knows Bash, too, whose kernels can't tell what they use."""
    return server_with_bash


def resources(server: RunningServer, kernel_id: str) -> list[dict[str, Any]]:
    """Return the resources of each execution of a kernel."""
    found = executions(one_shot(server))
    return [one["resources"] for one in found if one["kernel"]["id"] == kernel_id]


def test_a_kernel_with_the_plugin_is_exact(server: RunningServer) -> None:
    """Also for a cell of a few milliseconds, and for memory that was given back at once."""
    kernel_id = server.start_kernel()
    with KernelSocket(server, kernel_id) as kernel:
        kernel.run("pass")
        short = kernel.run(BURN.format(seconds=0.02))
        kernel.run(f"x = bytearray({200 * MIB}); x[::4096] = x[::4096]; del x")
        kernel.run("pass")
        # Its children still run when the cell ends.
        child = BURN.format(seconds=0.3) + "\nimport sys; print(flush=True); sys.stdin.read()"
        kernel.run(
            "import subprocess, sys, time\n"
            "pipes = {'stdin': subprocess.PIPE, 'stdout': subprocess.PIPE}\n"
            f"p = subprocess.Popen([sys.executable, '-c', {child!r}], **pipes)\n"
            "p.stdout.readline(); time.sleep(1)"
        )
        kernel.run("_ = p.communicate()")
    calm, burnt, large, after, family, _ = resources(server, kernel_id)
    assert burnt["cpu_ms"] >= 20
    assert calm["cpu_ms"] < 20
    assert large["peak_rss_bytes"] > calm["peak_rss_bytes"] + 150 * MIB
    assert after["peak_rss_bytes"] < large["peak_rss_bytes"] - 150 * MIB
    assert family["cpu_ms"] >= 150
    assert all(each["write_bytes"] is not None for each in (calm, burnt, large, after))
    # It goes out where nobody has to know of it.
    (idle,) = (m for m in short.messages if m["content"].get("execution_state") == "idle")
    assert set(idle["metadata"]) == {"session_export"}
    kinds = {message["msg_type"] for message in short.messages}
    assert kinds == {"status", "execute_input"}


def test_a_kernel_without_the_plugin_is_sampled(server: RunningServer) -> None:
    """Bash, whose work is done by the processes that it starts."""
    kernel_id = server.start_kernel("bash", "shell.ipynb")
    with KernelSocket(server, kernel_id) as kernel:
        kernel.run(f"{sys.executable} -c '{BURN.format(seconds=0.3)}'")
    (sampled,) = resources(server, kernel_id)
    assert sampled["cpu_ms"] > 100
    assert sampled["peak_rss_bytes"] > MIB


def test_the_summary_and_the_environment_tell(server: RunningServer) -> None:
    """Totals for people; for programs what there was of memory and processors."""
    with KernelSocket(server, server.start_kernel(path="other.ipynb")) as kernel:
        kernel.run("pass")
    archive = one_shot(server)
    summary = archive.read("SESSION_SUMMARY.txt").decode()
    assert "CPU time in executions:" in summary
    assert "Most memory:" in summary
    metadata = json.loads(archive.read("data/session_metadata.json"))
    capacity = metadata["environment"]["capacity"]
    assert 0 < capacity["memory_bytes"] <= psutil.virtual_memory().total
    assert 0 < capacity["cpus"] <= (psutil.cpu_count() or 1)
