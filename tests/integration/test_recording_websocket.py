"""What JupyterLab runs over a kernel's websocket, with a real server and real kernels."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from jupyter_session_export.recording.layouts import V1_PROTOCOL
from jupyter_session_export.records.execution import Status
from tests.servers import isolated_environment
from tests.unit.recording.fake_sink import FakeSink
from tests.unit.recording.real_server import RecordedServer, recorded_server


@pytest_asyncio.fixture
async def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[RecordedServer]:
    for name, value in isolated_environment(tmp_path / "home").items():
        monkeypatch.setenv(name, value)
    async with recorded_server(tmp_path, FakeSink(tmp_path / "spool")) as server:
        yield server


@pytest.mark.parametrize("protocol", [V1_PROTOCOL, None])
async def test_request_adds_cell_client_and_receipt(
    server: RecordedServer, protocol: str | None
) -> None:
    """Both websocket protocols tell the cell, the client and when the server got the request."""
    kernel = await server.api("POST", "kernels", {"name": "python3"})
    socket = await server.open(kernel["id"], protocol)
    await socket.run("print('é', 1)", metadata={"cellId": "cell-1"})
    await server.recorder.freeze(server.sink)
    socket.close()
    (execution,) = server.sink.all()
    assert execution.status is Status.OK
    assert execution.cell_id == "cell-1"
    assert execution.client == socket.session
    assert execution.user_id == "ada"
    assert execution.submitted_at is not None
    assert execution.started_at is not None
    assert execution.submitted_at <= execution.started_at
    assert execution.submitted_at.year > 2025
    assert not execution.tool
    assert server.sink.content(execution, "source.py").decode() == "print('é', 1)"
    assert server.sink.content(execution, "stdout.txt").decode() == "é 1\n"


async def test_cells_after_an_error_are_aborted(server: RecordedServer) -> None:
    """Requests that were queued behind a failing cell are recorded as aborted, with their code."""
    kernel = await server.api("POST", "kernels", {"name": "python3"})
    socket = await server.open(kernel["id"])
    sent = [
        await socket.execute(code)
        for code in ("import time; time.sleep(.3); 1/0", "a = 1", "b = 2")
    ]
    await socket.replies(*sent)
    await server.recorder.freeze(server.sink)
    socket.close()
    executions = server.sink.all()
    assert [e.status for e in executions] == [Status.ERROR, Status.ABORTED, Status.ABORTED]
    assert executions[0].error is not None
    assert executions[0].error.name == "ZeroDivisionError"
    assert server.sink.content(executions[2], "source.py") == b"b = 2"


async def test_tool_and_silent_requests(server: RecordedServer) -> None:
    """store_history=False is a tool's; a silent request is kept only if it publishes something."""
    kernel = await server.api("POST", "kernels", {"name": "python3"})
    socket = await server.open(kernel["id"])
    await socket.run("x = 1", store_history=False)
    await socket.run("y = 1", silent=True)
    await socket.run("print('heard')", silent=True)
    await server.recorder.freeze(server.sink)
    socket.close()
    executions = server.sink.all()
    assert [e.tool for e in executions] == [True, True]
    assert server.sink.content(executions[1], "source.py") == b"print('heard')"


async def test_repeated_msg_id_and_wrong_clock(server: RecordedServer) -> None:
    """A msg_id used again is another execution, and a client's clock is not believed."""
    kernel = await server.api("POST", "kernels", {"name": "python3"})
    socket = await server.open(kernel["id"])
    await socket.run("print(1)", msg_id="same", date="1971-01-01T00:00:00Z")
    await socket.run("print(2)", msg_id="same", date="2071-01-01T00:00:00Z")
    await server.recorder.freeze(server.sink)
    socket.close()
    first, second = server.sink.all()
    assert (first.key.repeat, second.key.repeat) == (0, 1)
    assert server.sink.content(second, "stdout.txt") == b"2\n"
    assert second.started_at is not None
    assert 2025 < second.started_at.year < 2071


async def test_notebook_of_an_execution(server: RecordedServer) -> None:
    """An execution knows its notebook, also after a rename; open, rename and close are noted."""
    model = await server.api(
        "POST",
        "sessions",
        {"path": "a.ipynb", "name": "a", "type": "notebook", "kernel": {"name": "python3"}},
    )
    socket = await server.open(model["kernel"]["id"])
    await socket.run("1")
    await server.api("PATCH", f"sessions/{model['id']}", {"path": "b.ipynb", "name": "b"})
    await socket.run("2")
    await server.recorder.freeze(server.sink)
    socket.close()
    await server.api("DELETE", f"sessions/{model['id']}")
    server.sink.wait_for(lambda: "notebook.detach" in server.sink.actions())
    assert [e.notebook for e in server.sink.all()] == ["a.ipynb", "b.ipynb"]
    assert server.sink.renames == [("a.ipynb", "b.ipynb")]
    assert {"notebook.attach", "notebook.rename"} <= set(server.sink.actions())


async def test_interrupt(server: RecordedServer) -> None:
    """A cell that the user interrupts is interrupted, with what it had printed."""
    kernel = await server.api("POST", "kernels", {"name": "python3"})
    socket = await server.open(kernel["id"])
    sent = await socket.execute("print('before', flush=True)\nimport time\ntime.sleep(60)")
    await socket.started(sent)
    await server.api("POST", f"kernels/{kernel['id']}/interrupt")
    await socket.replies(sent)
    await server.recorder.freeze(server.sink)
    socket.close()
    (execution,) = server.sink.all()
    assert execution.status is Status.INTERRUPTED
    assert server.sink.content(execution, "stdout.txt") == b"before\n"
    assert "kernel.interrupt" in server.sink.actions()


async def test_restart_in_the_middle(server: RecordedServer) -> None:
    """A restart interrupts what runs, and what waited behind it is lost; both know the cause."""
    kernel = await server.api("POST", "kernels", {"name": "python3"})
    socket = await server.open(kernel["id"])
    sent = await socket.execute("print('before', flush=True)\nimport time\ntime.sleep(60)")
    await socket.started(sent)
    await socket.execute("print('never')")
    await server.api("POST", f"kernels/{kernel['id']}/restart")
    await socket.run("print('after')")
    await server.recorder.freeze(server.sink)
    socket.close()
    running, waiting, after = server.sink.all()
    assert (running.status, running.cause) == (Status.INTERRUPTED, "restarted")
    assert server.sink.content(running, "stdout.txt") == b"before\n"
    assert waiting.status in (Status.LOST, Status.ABORTED)
    assert server.sink.content(waiting, "source.py") == b"print('never')"
    assert (after.status, after.key.incarnation) == (Status.OK, 2)
    assert server.sink.content(after, "stdout.txt") == b"after\n"
