"""A record that is damaged while it is written: it is told once, and nothing waits for it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from tests.exporting import prepared
from tests.kernel_socket import KernelSocket
from tests.servers import RunningServer, running_server
from tests.waiting import wait_until


def overwrite(server: RunningServer) -> None:
    """Fill the database and its side files with rubbish, in place, as a failing disk does."""
    for path in server.data_dir().glob("sessions/*/record.sqlite3*"):
        with path.open("r+b") as file:
            file.write(os.urandom(path.stat().st_size))


def recording(server: RunningServer) -> dict[str, Any]:
    state: dict[str, Any] = server.api("GET", "session").json()["recording"]
    return state


def warnings_in(server: RunningServer) -> list[str]:
    """Return the log's warnings and errors about recording."""
    lines = server.log.read_text().splitlines()
    return [line for line in lines if line[:3] in ("[W ", "[E ") and "ecord" in line]


def test_a_damaged_record_is_told_and_holds_up_nothing(tmp_path: Path) -> None:
    """One warning, a state with its reason, errors with a code, and a server that ends."""
    with running_server(tmp_path) as server:
        kernel_id = server.start_kernel()
        with KernelSocket(server, kernel_id) as kernel:
            kernel.run("print('before')")
            assert recording(server)["state"] == "on"
            running = kernel.submit("import time; print('runs'); time.sleep(300)")
            kernel.await_print(running)
            overwrite(server)
            assert prepared(server)["error"]["code"] == "STORE_DAMAGED"
            wait_until(lambda: recording(server)["state"] == "stopped", 8)
            assert "damaged" in recording(server)["reason"]
            for path in ("session/stats", "session/download"):
                answer = server.api("GET", path)
                assert answer.json()["code"] == "STORE_DAMAGED"
        assert len(warnings_in(server)) == 1, warnings_in(server)
        # A signal in the middle of a line of the log is an error in the log by itself.
        wait_until(lambda: "Starting buffering" in server.log.read_text())
        assert server.end(45) == 0
        # A kernel that is going may fail in ipykernel's own sending, which passes through ours.
        log = server.log.read_text().replace("session_export/kernel/", "")
        assert "session_export/" not in log
        assert len(warnings_in(server)) == 1, warnings_in(server)
