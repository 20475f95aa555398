"""A kernel that the system kills because memory has run out, in a real control group."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.exporting import executions, one_shot
from tests.kernel_socket import KernelSocket
from tests.memory_group import enter, memory_group
from tests.servers import running_server
from tests.waiting import wait_until

pytestmark = [pytest.mark.soak, pytest.mark.timeout(300)]

MIB = 2**20
LIMIT = 700 * MIB
"""Room for a server and a kernel, as in a container of theirs."""
EATS = """\
print('hungry', flush=True)
kept = []
while True:
    kept.append(bytearray(b'x' * 50_000_000))
"""


def test_memory_that_runs_out_is_the_cause(tmp_path: Path) -> None:
    """The execution is lost with that cause and the limit; the server records the next kernel."""
    with memory_group(LIMIT) as group, running_server(tmp_path) as server:
        assert server.process is not None
        enter(group, server.process.pid)
        with KernelSocket(server, server.start_kernel()) as kernel:
            kernel.await_print(kernel.submit(EATS))
            wait_until(lambda: executions(one_shot(server))[0]["status"] == "lost")
        (lost,) = executions(one_shot(server))
        cause = "kernel died (signal SIGKILL, out of memory: limit of 700 MiB)"
        assert lost["cause"] == cause
        with KernelSocket(server, server.start_kernel(path="next.ipynb")) as kernel:
            assert kernel.run("print('fed')").stream("stdout") == "fed\n"
