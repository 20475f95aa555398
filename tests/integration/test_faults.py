"""A server that is killed at random moments under a flood loses at most a second, each time."""

from __future__ import annotations

import os
import random
import re
import time
import zipfile
from dataclasses import dataclass
from typing import Any

import psutil
import pytest

from tests.exporting import executions, export
from tests.kernel_socket import KernelSocket
from tests.servers import RunningServer

LINES_A_SECOND = 20_000
FLOOD = f"""import time
number, began = 0, time.time()
print("start", flush=True)
while True:
    due = int((time.time() - began) * {LINES_A_SECOND})
    for number in range(number, due):
        print(f"{{number}} {{time.time():.4f}}")
    number = max(number, due)
    print(end="", flush=True)
    time.sleep(0.002)
"""
LINE = re.compile(r"(\d+) (\d+\.\d{4})")
MOST_LOST_SECONDS = 1.0
FIRST, LAST = 0.05, 4.0
"""Seconds into the flood between which the server is killed."""


@pytest.fixture
def server(own_server: RunningServer) -> RunningServer:
    """A server of one test alone."""
    return own_server


@dataclass(frozen=True)
class Kill:
    """A kernel that flooded and when its server was killed, by the clock that both share."""

    kernel_id: str
    flooding_since: float
    killed_at: float


def kill_in_flood(server: RunningServer, after: float) -> Kill:
    """Flood, and kill the server so many seconds later; its kernels end by themselves."""
    kernel_id = server.start_kernel()
    with KernelSocket(server, kernel_id) as kernel:
        flooding_since = time.time()
        run = kernel.submit(FLOOD)
        kernel.await_print(run)
        # The socket is not read meanwhile: a page that is slow holds up no recording.
        time.sleep(after)
        assert server.process is not None
        kernels = psutil.Process(server.process.pid).children(recursive=True)
        killed_at = time.time()
        server.kill()
    for process in kernels:
        process.kill()
    psutil.wait_procs(kernels, 30)
    return Kill(kernel_id, flooding_since, killed_at)


def lost_seconds(archive: zipfile.ZipFile, kill: Kill) -> float:
    """Return how long before the kill the record ends; what is before must be whole."""
    floods = [one for one in executions(archive) if one["kernel"]["id"] == kill.kernel_id]
    numbered = []
    for flood in floods:
        assert (flood["status"], flood["cause"], flood["recovered"]) == (
            "lost",
            "server died",
            True,
        )
        numbered = numbered_lines(archive, flood)
    return kill.killed_at - (numbered[-1] if numbered else kill.flooding_since)


def numbered_lines(archive: zipfile.ZipFile, flood: dict[str, Any]) -> list[float]:
    """Return the times of the recorded lines, of which none may be missing in between."""
    name = f"{flood['folder']}/stdout.txt"
    if name not in archive.namelist():
        return []
    start, *lines = archive.read(name).decode().splitlines()
    assert start == "start"
    # The last line may be torn.
    matches = [found for found in map(LINE.fullmatch, lines) if found]
    assert len(matches) >= len(lines) - 1
    assert [int(found[1]) for found in matches] == list(range(len(matches)))
    return [float(found[2]) for found in matches]


def survive_kills(server: RunningServer, count: int) -> None:
    """Kill the server so many times, each time another one that resumed the session."""
    seed = int(os.environ.get("FAULT_SEED", random.randrange(10**6)))  # noqa: S311  # no secret
    moments = random.Random(seed)  # noqa: S311  # as above
    afters = [moments.uniform(FIRST, LAST) for _ in range(count)]
    print(f"FAULT_SEED={seed}: killed after", *(f"{after:.3f}" for after in afters))
    kills = []
    for after in afters:
        kills.append(kill_in_flood(server, after))
        server.start()
    archive = export(server)
    session = server.api("GET", "session").json()
    assert {flood["session_id"] for flood in executions(archive)} == {session["id"]}
    lost = [lost_seconds(archive, kill) for kill in kills]
    print("lost", *(f"{seconds:.3f}" for seconds in lost))
    assert max(lost) <= MOST_LOST_SECONDS


def test_a_killed_server_loses_at_most_a_second(server: RunningServer) -> None:
    """Whatever a kernel had published a second before the kill is in the record, in order."""
    survive_kills(server, 2)


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_twenty_killed_servers_lose_at_most_a_second_each(server: RunningServer) -> None:
    """As above, twenty times over."""
    survive_kills(server, 20)
