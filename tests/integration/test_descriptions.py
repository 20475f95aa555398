"""What the sidebar shows of sessions, on a real server with real kernels."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_session_export.records.session import SessionKey
from jupyter_session_export.store.catalog import Catalog
from tests.kernel_socket import KernelSocket
from tests.servers import RunningServer
from tests.waiting import wait_until


def described(server: RunningServer) -> dict[str, Any]:
    session: dict[str, Any] = server.api("GET", "session").json()
    return session


@pytest.fixture(scope="module")
def kernel_id(server: RunningServer) -> str:
    return server.start_kernel(path="work/a.ipynb")


def test_kernels_and_their_states_are_live(server: RunningServer, kernel_id: str) -> None:
    """A kernel is listed with its notebook, busy while it runs and idle after."""

    def kernels() -> list[dict[str, Any]]:
        return list(described(server)["kernels"])

    idle = {"id": kernel_id, "name": "python3", "state": "idle", "notebook": "work/a.ipynb"}
    wait_until(lambda: kernels() == [idle])
    with KernelSocket(server, kernel_id) as kernel:
        run = kernel.submit("print('begun'); input()", allow_stdin=False)
        kernel.finish(run)
        waiting = kernel.submit("import time\nprint('x', flush=True)\ntime.sleep(600)")
        kernel.await_print(waiting)
        wait_until(lambda: kernels() == [{**idle, "state": "busy"}])
        with server.client() as client:
            client.post(f"api/kernels/{kernel_id}/interrupt").raise_for_status()
        kernel.finish(waiting)
        wait_until(lambda: kernels() == [idle])


def test_counts_follow_what_runs(server: RunningServer, kernel_id: str) -> None:
    """Executions, errors, notebooks and kernels, half a second old at most."""
    before = server.api("GET", "session/stats").json()["executions"]
    with KernelSocket(server, kernel_id) as kernel:
        kernel.run("print('fine')")
        kernel.run("1/0")
    expected = {
        "executions": before["count"] + 2,
        "errors": before["by_status"].get("error", 0) + 1,
        "notebooks": 1,
        "kernels": 1,
    }
    wait_until(lambda: described(server)["counts"] == expected)
    stats = server.api("GET", "session/stats").json()
    assert stats["executions"]["count"] == expected["executions"]
    assert stats["executions"]["by_status"]["error"] == expected["errors"]


def test_bytes_are_those_of_the_folder(server: RunningServer) -> None:
    """The session's own files included, with the time when they were measured."""
    session = described(server)
    folder = server.data_dir() / "sessions" / session["id"]
    (folder / "outputs" / "large.bin").write_bytes(b"x" * 3_000_000)
    after = wait_until(
        lambda: (now := described(server)) and now["bytes"] > session["bytes"] + 2_900_000 and now
    )
    assert after["measured_at"] > session["measured_at"]
    assert after["this_server"] is True
    assert session["started_at"] <= session["last_active_at"] < session["expires_at"]


def test_a_session_of_another_server_is_described(server: RunningServer) -> None:
    """Listed with what is known of it, and said to be written by none or another server."""
    owner = described(server)["owner"]
    record = Catalog(server.data_dir()).open(SessionKey(owner, "/elsewhere"))
    record.close()
    listed = {one["id"]: one for one in server.api("GET", "sessions").json()["sessions"]}
    other = listed[record.session.id]
    assert other["this_server"] is False
    assert other["kernels"] == []
    assert other["counts"] == {"notebooks": 0, "executions": 0, "errors": 0, "kernels": 0}
    assert other["bytes"] > 0
    assert other["recording"]["state"] == "ended"
    removed = server.api("DELETE", f"sessions/{record.session.id}").json()
    assert removed["id"] == record.session.id
