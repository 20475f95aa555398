"""Recorded runs as a page asks for them, from real kernels: equal to a tab that stayed open."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from jupyter_session_export.records.shown import digest
from tests.kernel_socket import KernelSocket, Run
from tests.open_tab import OutputArea
from tests.servers import RunningServer, running_server
from tests.waiting import wait_until

CORPUS = {
    "streams": "import sys\nprint('out')\nprint('err', file=sys.stderr)\nprint('out again')",
    "progress": (
        "import time\n"
        "for n in range(30):\n    print(f'\\r{n:3}% 😀', end='', flush=True)\n"
        "    time.sleep(0.01)\n"
        "print('\\rdone', end='', flush=True)\nprint('abc\\b\\bX')\n"
    ),
    "cleared": (
        "from IPython.display import clear_output, display\n"
        "for n in range(5):\n    clear_output(wait=True)\n    print(n)\n    display(n)\n"
        "clear_output(wait=True)"
    ),
    "displays": (
        "from IPython.display import display, update_display\n"
        "display('first', display_id='one')\ndisplay('other', display_id='two')\n"
        "display('again', display_id='one')\nupdate_display('second', display_id='two')"
    ),
    "rich": (
        "from IPython.display import HTML, Image, display\nimport base64\n"
        "png = base64.b64decode('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
        "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==')\n"
        "display(HTML('<b>bold</b>' * 500)); display(Image(png + bytes(3000), format='png'))\n"
        "display({'application/json': {'a': [1, 2.5, None]}}, raw=True)\n"
        "{'the': 'result'}"
    ),
    "interact": (
        "from ipywidgets import interact\n"
        "interact(lambda x: print('inside', x), x=3)\nprint('outside')"
    ),
    "error": "print('before')\n1 / 0",
    "silent": "x = 1",
    "help": "print('first')\nprint?",
    # A kernel drops what comes faster than a busy machine lets it send.
    "many": (
        "from IPython.display import display\nimport time\n"
        "get_ipython().kernel.iopub_thread.socket.sndhwm = 0\n"
        "for n in range(10_000):\n    display(n)\n    time.sleep(0.0002)"
    ),
}
SOURCES = {name: code.strip() for name, code in CORPUS.items()}

pytestmark = pytest.mark.timeout(480)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server whose websockets drop nothing, so that the tab that stays open has all."""
    unlimited = "--ZMQChannelsWebsocketConnection.iopub_msg_rate_limit=0"
    data = "--ZMQChannelsWebsocketConnection.iopub_data_rate_limit=0"
    with running_server(tmp_path_factory.mktemp("server"), arguments=[unlimited, data]) as server:
        yield server


def cells(server: RunningServer, path: str) -> dict[str, dict[str, Any]]:
    answer = server.api("GET", "session/cells", params={"path": path})
    assert answer.status_code == 200, answer.text
    return {run["cell_id"]: run for run in answer.json()["cells"]}


def sealed(runs: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]] | None:
    """Return runs once all are sealed: what is large takes a moment."""
    return runs if all(run["outputs_digest"] for run in runs.values()) else None


def outputs(server: RunningServer, run: dict[str, Any]) -> dict[str, Any]:
    route = f"sessions/{run['session_id']}/executions/{run['number']}/outputs"
    answer = server.api("GET", route)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def seen(run: Run) -> OutputArea:
    """Return what a tab shows that got these messages."""
    area = OutputArea()
    for message in run.messages:
        area.take(message)
    area.take_reply(run.reply or {})
    return area


def test_what_is_restored_equals_the_tab_that_stayed_open(server: RunningServer) -> None:
    """Streams, progress, clearing, display ids, rich data, errors, 10,000 outputs: one by one."""
    kernel_id = server.start_kernel(path="corpus.ipynb")
    with KernelSocket(server, kernel_id) as socket:
        runs = {name: socket.run(code, cell_id=name) for name, code in SOURCES.items()}
    found = wait_until(lambda: sealed(cells(server, "corpus.ipynb")))
    assert found.keys() == SOURCES.keys()
    for name, run in runs.items():
        restored = outputs(server, found[name])
        expected = seen(run)
        assert restored["outputs"] == expected.outputs, name
        assert restored["displays"] == expected.displays, name
        assert found[name]["outputs"] == len(expected.outputs), name
        assert found[name]["outputs_digest"] == digest(expected.outputs), name
        assert restored["metadata"]["execution"].keys() == {
            "iopub.status.busy",
            "iopub.execute_input",
            "iopub.status.idle",
            "shell.execute_reply",
        }, name
    assert found["error"]["status"] == "error"
    assert all(run["current_kernel"] for run in found.values())


def test_what_another_cell_updates_is_restored_in_the_first(server: RunningServer) -> None:
    """Also while that other cell runs on."""
    kernel_id = server.start_kernel(path="updates.ipynb")
    with KernelSocket(server, kernel_id) as socket:
        socket.run("h = display('old', display_id=True)", cell_id="a")
        before = cells(server, "updates.ipynb")["a"]["outputs_digest"]
        run = socket.submit("h.update('new')\nprint('updated', flush=True)\ninput()", cell_id="b")
        socket.await_print(run)
        found = wait_until(
            lambda: (now := cells(server, "updates.ipynb")["a"])["outputs_digest"] != before and now
        )
        (shown,) = outputs(server, found)["outputs"]
        assert shown["data"]["text/plain"] == "'new'"


def test_a_running_cell_goes_on_without_gap_or_duplicate(server: RunningServer) -> None:
    """A page drops the messages that the answer has, and takes the rest; what waits is told."""
    code = (
        "import time\nfrom IPython.display import display\n"
        "h = display('0', display_id=True)\n"
        "for n in range(80):\n"
        "    print(f'\\r{n} of 80', end='\\r' if n % 2 else '', flush=True)\n"
        "    h.update(str(n)); time.sleep(0.02)\n"
    )
    kernel_id = server.start_kernel(path="running.ipynb")
    with KernelSocket(server, kernel_id) as stayed:
        run = stayed.submit(code, cell_id="a")
        queued = stayed.submit("print('later')", cell_id="b")
        stayed.await_print(run, "9 of")
        found = cells(server, "running.ipynb")
        assert (found["a"]["status"], found["b"]["status"]) == ("running", "queued")
        assert (found["b"]["number"], found["b"]["msg_id"]) == (None, queued.msg_id)
        assert found["a"]["outputs_digest"] is None
        with KernelSocket(server, kernel_id) as come_back:
            again = Run(run.msg_id)
            while len(again.messages) < 5:
                come_back.receive(again)
            restored = outputs(server, found["a"])
            assert restored["run"]["status"] == "running"
            while not again.idle:
                come_back.receive(again)
        stayed.finish(run)
    area = OutputArea(restored["outputs"])
    position = restored["position"]
    area.go_on(restored["displays"], position["cursor"], clear_next=position["clear_pending"])
    known = set(position["messages"])
    fresh = [m for m in again.messages if m["header"]["msg_id"] not in known]
    assert 0 < len(fresh) < len(again.messages)
    for message in fresh:
        area.take(message)
    assert area.outputs == seen(run).outputs


def test_what_a_killed_kernel_had_put_out_is_there(server: RunningServer) -> None:
    """With the status that says so; another process under the same id isn't its kernel."""
    kernel_id = server.start_kernel(path="killed.ipynb")
    with KernelSocket(server, kernel_id) as socket:
        run = socket.submit(
            "import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(600)",
            cell_id="a",
        )
        socket.await_print(run)
        pid = run.stream("stdout")
        os.kill(int(pid), signal.SIGKILL)
    found = wait_until(
        lambda: (run := cells(server, "killed.ipynb")["a"])["status"] == "lost" and run
    )
    assert not found["current_kernel"]
    restored = outputs(server, found)
    assert restored["outputs"][0]["text"] == pid
    assert "execution_failed" in restored["metadata"]["execution"]


def test_earlier_runs_and_deleted_cells_are_listed(server: RunningServer) -> None:
    """The newest first, page by page, with their sources."""
    kernel_id = server.start_kernel(path="earlier.ipynb")
    with KernelSocket(server, kernel_id) as socket:
        for n in range(5):
            socket.run(f"print({n})", cell_id="a")
        socket.run("gone = 1", cell_id="b")
    query: dict[str, Any] = {"path": "earlier.ipynb", "cell_id": "a", "limit": 2}
    sources: list[str] = []
    while True:
        page = server.api("GET", "session/cells/runs", params=query).json()
        sources += [run["source"] for run in page["runs"]]
        if page["next"] is None:
            break
        query["before"] = page["next"]
    assert sources == [f"print({n})" for n in (4, 3, 2, 1, 0)]
    body = {"path": "earlier.ipynb", "present": ["a"]}
    (cell,) = server.api("POST", "session/cells/deleted", json=body).json()["cells"]
    assert (cell["cell_id"], cell["runs"], cell["last"]["source"]) == ("b", 1, "gone = 1")


def test_what_the_rate_limit_cut_is_restored_in_full(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """The record is upstream of `iopub_data_rate_limit`; a restarted server has it still."""
    limited = "--ZMQChannelsWebsocketConnection.iopub_data_rate_limit=1000"
    with running_server(tmp_path_factory.mktemp("limited"), arguments=[limited]) as server:
        kernel_id = server.start_kernel(path="cut.ipynb")
        with KernelSocket(server, kernel_id) as socket:
            run = socket.run("for n in range(20_000):\n    print(n)", cell_id="a")
            assert len(run.stream("stdout")) < 100_000
        expected = "".join(f"{n}\n" for n in range(20_000))
        (output,) = outputs(server, cells(server, "cut.ipynb")["a"])["outputs"]
        assert output == {"output_type": "stream", "name": "stdout", "text": expected}
        server.stop()
        server.start()
        found = cells(server, "cut.ipynb")["a"]
        assert not found["current_kernel"]
        assert outputs(server, found)["outputs"] == [output]


@pytest.mark.parametrize(
    ("route", "params", "status", "code"),
    [
        ("sessions/" + "0" * 32 + "/executions/1/outputs", {}, 404, "SESSION_NOT_FOUND"),
        ("session/executions/999999/outputs", {}, 404, "EXECUTION_NOT_FOUND"),
        ("session/cells", {}, 400, "INVALID_REQUEST"),
        ("session/cells/runs", {"path": "a", "before": "x"}, 400, "INVALID_REQUEST"),
    ],
)
def test_what_is_not_there_is_refused(
    server: RunningServer, route: str, params: dict[str, str], status: int, code: str
) -> None:
    """With a code that tells why."""
    answer = server.api("GET", route, params=params)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
