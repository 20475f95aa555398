"""A server that is stopped, killed or doubled: whose session goes on, and what is kept."""

from __future__ import annotations

import re

import psutil
import pytest

from tests.exporting import executions, export
from tests.kernel_socket import KernelSocket
from tests.servers import RunningServer

TICKS = """import time
print("start", flush=True)
for n in range(100_000):
    print(f"{time.time():.3f}", flush=True)
    time.sleep(0.01)
"""


@pytest.fixture
def server(own_server: RunningServer) -> RunningServer:
    """A server of one test alone."""
    return own_server


def ended_with_server(server: RunningServer) -> list[psutil.Process]:
    """Kill a server as a crash does; return its kernels, which notice by themselves."""
    assert server.process is not None
    kernels = psutil.Process(server.process.pid).children(recursive=True)
    server.kill()
    return kernels


def test_a_server_that_is_started_again_resumes_its_session(server: RunningServer) -> None:
    """Same id, same number; what ran before is in the ZIP beside what runs now."""
    before = server.api("GET", "session").json()
    with KernelSocket(server, server.start_kernel()) as kernel:
        kernel.run("print('before')", cell_id="one")
    job = server.api("POST", "exports", json={}).json()
    server.stop()
    server.start()
    after = server.api("GET", "session").json()
    assert (after["id"], after["number"]) == (before["id"], before["number"])
    assert after["started_at"] == before["started_at"]
    with KernelSocket(server, server.start_kernel()) as kernel:
        kernel.run("print('after')")
        run = kernel.run("%session_export magic.zip")
    assert run.stream("stderr") == ""
    archive = export(server)
    first, second, *_ = executions(archive)
    assert archive.read(f"{first['folder']}/stdout.txt") == b"before\n"
    assert archive.read(f"{second['folder']}/stdout.txt") == b"after\n"
    assert first["kernel"]["id"] != second["kernel"]["id"]
    assert (first["cell_id"], first["recovered"]) == ("one", False)
    assert server.api("GET", f"exports/{job['id']}").json()["state"] in ("ready", "failed")


def test_what_a_killed_server_had_not_sealed_is_recovered(server: RunningServer) -> None:
    """Of a cell that prints all the time at most about the last second is missing; and once."""
    with KernelSocket(server, server.start_kernel()) as kernel:
        kernel.run("print('whole')")
        run = kernel.submit(TICKS, cell_id="ticks")
        kernel.await_print(run)
        while len(run.stream("stdout").splitlines()) < 250:
            kernel.receive(run)
        kernels = ended_with_server(server)
        seen = run.stream("stdout").splitlines()
    psutil.wait_procs(kernels, 30)
    server.start()
    archive = export(server)
    whole, ticks = executions(archive)
    assert (whole["status"], whole["recovered"]) == ("ok", False)
    assert (ticks["status"], ticks["recovered"]) == ("lost", True)
    assert ticks["cause"] == "server died"
    assert ticks["cell_id"] == "ticks"
    assert archive.read(f"{ticks['folder']}/source.py").decode() == TICKS
    kept = archive.read(f"{ticks['folder']}/stdout.txt").decode().splitlines()
    assert kept[0] == "start"
    assert kept[: len(seen)] == seen[: len(kept)]
    # By the kernel's own clock; what the client saw last was sent just before the crash.
    times = [line for line in kept if re.fullmatch(r"\d+\.\d{3}", line)]
    assert float(seen[-2]) - float(times[-1]) < 1.5
    log = archive.read("logs/activity_log.jsonl").decode()
    assert log.count("execution.recovered") == 1
    server.stop()
    server.start()
    assert executions(export(server)) == [whole, ticks]
    assert not any(server.data_dir().glob("sessions/*/spool/*/*"))


def test_a_second_server_begins_a_session_of_its_own(server: RunningServer) -> None:
    """While one live server writes the session, another on the same folders gets the next."""
    other = RunningServer(server.home, server.root)
    other.log = server.home / "other.log"
    other.start()
    try:
        first, second = (one.api("GET", "session").json() for one in (server, other))
        assert first["id"] != second["id"]
        assert (first["number"], second["number"]) == (1, 2)
        for one, code in ((server, "print('one')"), (other, "print('other')")):
            with KernelSocket(one, one.start_kernel()) as kernel:
                kernel.run(code)
            archive = export(one)
            (ran,) = executions(archive)
            assert archive.read(f"{ran['folder']}/source.py").decode() == code
        # Both have one owner, who may read the session that the other server writes.
        archive = export(other, session_id=first["id"])
        assert [ran["session_id"] for ran in executions(archive)] == [first["id"]]
        listed = other.api("GET", "sessions").json()["sessions"]
        assert [one["number"] for one in listed] == [2, 1]
    finally:
        other.stop()
