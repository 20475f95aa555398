"""The live panel in real kernels: what it shows, what it leaves alone, what it survives."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
import websocket
from nbclient import NotebookClient

from tests.exporting import executions, export
from tests.kernel_socket import KernelSocket, Run
from tests.lone_kernels import Home
from tests.servers import RunningServer
from tests.waiting import wait_until

OPEN = "from jupyter_session_export import SessionPanel\npanel = SessionPanel()\ndisplay(panel)"
TEXT = "print(panel.text())"
SHOWS = "print({} in panel._parts.timeline.value + panel._parts.slowest.value)"
"""What is printed is recorded, and so is the code that prints it."""
HIDDEN = "token = 'hunter2'; import time; time.sleep(1.2)"
SLIDER = "import ipywidgets as w\nslider = w.IntSlider(value=7, description='Speed')\nslider"
NO_THREADS = """
import threading
start = threading.Thread.start
def refuse(thread):
    raise RuntimeError("can't start new thread")
threading.Thread.start = refuse
try:
    panel = SessionPanel()
finally:
    threading.Thread.start = start
print(panel.is_open, panel.text())
"""
ENDLESS = """
import time
print("begun")
while True:
    time.sleep(0.1)
"""
GONE = """
from jupyter_session_export.client.client import SessionExportClient as Client
from jupyter_session_export.errors import ServerUnreachable
call = Client._call
def gone(*arguments, **options):
    raise ServerUnreachable("Nobody listens.")
Client._call = gone
"""
FORKS = """
import os
child = os.fork()
if child == 0:
    os._exit(0)
print(os.waitpid(child, 0)[1])
"""


class Watched(KernelSocket):
    """A client that keeps all that a kernel publishes, whatever it belongs to."""

    def __init__(self, server: RunningServer, kernel_id: str) -> None:
        super().__init__(server, kernel_id)
        self.kernel_id = kernel_id
        self.heard: list[dict[str, Any]] = []
        self.runs: dict[str, Run] = {}

    def submit(self, code: str, **options: Any) -> Run:
        """Send an execute request and don't wait."""
        run = super().submit(code, **options)
        self.runs[run.msg_id] = run
        return run

    def receive(self, run: Run) -> None:
        """Take in one message, whichever run it is of."""
        self._take(json.loads(self._socket.recv()))

    def interrupt(self) -> None:
        """Interrupt what runs; nothing that comes meanwhile is lost."""
        header = {"msg_id": "interrupt", "msg_type": "interrupt_request", "version": "5.4"}
        header |= {"session": self.session, "username": "someone", "date": "2026-01-01T00:00:00Z"}
        message = {"channel": "control", "header": header, "parent_header": {}, "metadata": {}}
        self._socket.send(json.dumps({**message, "content": {}, "buffers": []}))

    def _take(self, message: dict[str, Any]) -> None:
        self.heard.append(message)
        run = self.runs.get((message["parent_header"] or {}).get("msg_id", ""))
        if run is not None:
            run.take(message)

    def listen(self, run: Run, seconds: float) -> None:
        """Take in what comes until there is silence for so long."""
        self._socket.settimeout(seconds)
        with contextlib.suppress(websocket.WebSocketTimeoutException):
            while True:
                self.receive(run)

    def widget(self, **state: Any) -> str:
        """Return the id of the widget that was opened with this state."""
        for message in self.heard:
            opened = message["content"].get("data", {}).get("state", {})
            if message["msg_type"] == "comm_open" and state.items() <= opened.items():
                return str(message["content"]["comm_id"])
        raise AssertionError(f"no widget has {state}")

    def click(self, description: str, *, subshell: str | None = None) -> None:
        """Press a button of the panel, as a page does."""
        data = {"method": "custom", "content": {"event": "click"}}
        header = {"msg_id": f"click {description}", "msg_type": "comm_msg", "version": "5.4"}
        header |= {"session": self.session, "username": "someone", "date": "2026-01-01T00:00:00Z"}
        if subshell is not None:
            header["subshell_id"] = subshell
        content = {"comm_id": self.widget(description=description), "data": data}
        message = {"channel": "shell", "header": header, "parent_header": {}, "metadata": {}}
        self._socket.send(json.dumps({**message, "content": content, "buffers": []}))


@pytest.fixture
def kernel(server: RunningServer, request: pytest.FixtureRequest) -> Iterator[Watched]:
    """A kernel with an open panel."""
    kernel_id = server.start_kernel(path=f"{request.node.name}.ipynb")
    with Watched(server, kernel_id) as kernel:
        assert not kernel.run(OPEN).failed
        yield kernel
    with server.client() as client:
        client.delete(f"api/kernels/{kernel_id}").raise_for_status()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_its_traffic_is_not_recorded(kernel: Watched, server: RunningServer) -> None:
    """All of its models are left out; others are kept beside them."""
    kernel.run(SLIDER)
    kernel.run("import time; time.sleep(1)")
    sent = [m for m in kernel.heard if m["msg_type"].startswith("comm_")]
    assert len(sent) > 50
    archive = export(server)
    states = [archive.read(name) for name in archive.namelist() if name.endswith("_state.json")]
    (state,) = [json.loads(each)["state"] for each in states]
    names = sorted(model["model_name"] for model in state.values())
    assert names == ["IntSliderModel", "LayoutModel", "SliderStyleModel"]
    text = b"".join(archive.read(name) for name in archive.namelist())
    assert b"jse-panel" not in text


def test_an_idle_kernel_sends_nothing(kernel: Watched) -> None:
    """So that it is culled, and its session ends, as without a panel."""
    run = kernel.run("1")
    # The last picture comes within a second; then all is said.
    kernel.listen(run, 2.0)
    heard = len(kernel.heard)
    kernel.listen(run, 3.0)
    assert kernel.heard[heard:] == []


def test_a_click_is_heard_while_a_cell_runs(kernel: Watched, server: RunningServer) -> None:
    """By way of the subshell that the page asks for, wherever the panel was made."""
    subshell = kernel.ask("create_subshell_request")["subshell_id"]
    run = kernel.submit(ENDLESS)
    kernel.await_print(run)
    kernel.click("Pause", subshell=subshell)
    wait_until(lambda: server.api("GET", "session").json()["recording"]["state"] == "paused")
    assert not run.idle
    kernel.interrupt()
    kernel.finish(run)
    server.api("POST", "session/recording", json={"state": "on"})


def test_it_shows_what_the_record_knows(kernel: Watched, server: RunningServer) -> None:
    """The same insights as the ZIP, what waits, and what ran before a restart."""
    kernel.run("import time\ntime.sleep(2.5)")
    # Which waits until all is recorded.
    with export(server) as archive:
        document = json.loads(archive.read("data/session_metadata.json"))
        assert executions(archive)
    told = server.api("GET", "session/insights", params={"kernel_id": kernel.kernel_id}).json()
    waiting = [each for each in told["insights"] if each["code"] == "WAITING"]
    assert waiting == [each for each in document["insights"] if each["code"] == "WAITING"]
    assert kernel.kernel_id not in {run["kernel"].rpartition(".")[0] for run in told["runs"]}
    whole = server.api("GET", "session/insights").json()
    assert kernel.kernel_id in {run["kernel"].rpartition(".")[0] for run in whole["runs"]}


def test_what_ran_in_a_pause_is_nowhere(home: Home) -> None:
    """Neither in the ZIP, by way of what the panel says, nor in the panel later on."""
    with home.kernel() as kernel:
        kernel.run("%load_ext jupyter_session_export")
        kernel.run(OPEN)
        kernel.run("%session_recording pause")
        kernel.run(HIDDEN)
        kernel.run("%session_recording on")
        kernel.run("%session_panel")
        kernel.run(TEXT)
        wait_until(lambda: kernel.run(SHOWS.format("'hunter' + str(2)")).text == "False\n")
        kernel.run("%session_export")
    (path,) = home.work.glob("session_export_*.zip")
    with zipfile.ZipFile(path) as archive:
        assert not [name for name in archive.namelist() if b"hunter2" in archive.read(name)]


def test_what_a_page_purged_goes_from_the_panel(kernel: Watched, server: RunningServer) -> None:
    """Though nobody told the kernel."""
    kernel.run("purged = 'hunter3'")
    server.api("DELETE", "session/records", params={"scope": "all"}).raise_for_status()
    look = SHOWS.format("'hunter' + str(3)")
    wait_until(lambda: kernel.run(look).stream("stdout") == "False\n")


def test_a_server_that_goes_leaves_the_panel_going(kernel: Watched) -> None:
    """With the kernel's own insights, and no word of a recording that nobody knows of."""
    kernel.run(GONE)
    kernel.run("import time; time.sleep(2.6)")
    wait_until(lambda: "* WAITING" in kernel.run(TEXT).stream("stdout"))
    assert "Session: The server is not reachable" in kernel.run(TEXT).stream("stdout")
    kernel.run("Client._call = call")
    wait_until(lambda: "Session: Recorded" in kernel.run(TEXT).stream("stdout"))


def test_two_panels_move(kernel: Watched) -> None:
    """Each of them shows what runs; one that is closed leaves the other going."""
    kernel.run("from jupyter_session_export import SessionPanel\nother = SessionPanel()")
    look = (
        "import time; time.sleep(1)\n"
        "print(['<progress' in p._parts.now.value for p in (panel, other)])"
    )
    assert kernel.run(look).stream("stdout") == "[True, True]\n"
    kernel.run("other.close()")
    assert kernel.run(look).stream("stdout").startswith("[True, ")


def test_what_waits_is_told(kernel: Watched, server: RunningServer) -> None:
    """Until it begins; of a kernel that isn't the session's nothing is."""
    run = kernel.submit(ENDLESS)
    kernel.await_print(run)
    waiting = kernel.submit("later()")
    params = {"kernel_id": kernel.kernel_id}

    def queue() -> dict[str, Any]:
        answer: dict[str, Any] = server.api("GET", "session/queue", params=params).json()
        return answer

    wait_until(lambda: queue()["queued"] == 1)
    (first,) = queue()["queue"]
    assert first["source_head"] == "later()"
    assert first["submitted_at"].endswith("Z")
    kernel.interrupt()
    kernel.finish(run)
    kernel.finish(waiting)
    wait_until(lambda: queue()["queued"] == 0)
    params["kernel_id"] = "another"
    assert queue()["queued"] == 0
    assert server.api("GET", "session/queue").status_code == 400


def test_a_cell_that_forks_leaves_it_going(kernel: Watched) -> None:
    """The threads stay with the kernel."""
    assert kernel.run(FORKS).stream("stdout") == "0\n"
    kernel.run("import time; time.sleep(0.6)")
    text = kernel.run(TEXT).stream("stdout")
    assert "Session: Recorded" in text
    assert re.search(r"\d executions, \d\.\d s in all", text)


def test_a_panel_that_is_closed_ends(kernel: Watched) -> None:
    """With its threads; the magic opens another one then, and the same one again."""
    kernel.run("panel.close()")
    alive = "import threading\nprint([t.name for t in threading.enumerate()])"
    wait_until(lambda: "session-export-" not in kernel.run(alive).stream("stdout"))
    models = [
        run.shown()[0]["data"]["application/vnd.jupyter.widget-view+json"]["model_id"]
        for run in (kernel.run("%session_panel"), kernel.run("%session_panel"))
    ]
    assert models[0] == models[1]
    assert kernel.run("1").shown()


def test_a_kernel_without_threads_to_spare_goes_on(kernel: Watched) -> None:
    """The panel shows what there is, once."""
    run = kernel.run(NO_THREADS)
    assert not run.failed
    assert run.stream("stdout").startswith("False Session: Asking")
    assert any("no thread to be had" in json.dumps(each) for each in kernel.heard)


def test_a_kernel_that_records_itself_has_it_all(home: Home) -> None:
    """State, insights and the ZIP, from its own record."""
    with home.kernel() as kernel:
        kernel.run("%load_ext jupyter_session_export")
        kernel.run("import time; time.sleep(2.6)")
        assert kernel.run(OPEN).status == "ok"
        wait_until(lambda: re.search(r"\* WAITING, could save 2\.\d s", kernel.run(TEXT).text))
        assert "Session: Recorded" in kernel.run(TEXT).text
        kernel.run("panel._begin_export(); panel._export.join(60)")
        kernel.run("panel._desk.set_recording('paused')")
        wait_until(lambda: "Session: Paused" in kernel.run(TEXT).text)
    assert list(home.work.glob("session_export_*.zip"))


def test_without_any_record_it_shows_what_the_kernel_knows(home: Home) -> None:
    """From the panel's own beginning, with the reason why nothing is recorded."""
    with home.kernel(KERNEL_GATEWAY="1") as kernel:
        kernel.run("%load_ext jupyter_session_export")
        kernel.run(OPEN)
        kernel.run("import time; time.sleep(2.2)")
        wait_until(lambda: "* WAITING, could save 2." in kernel.run(TEXT).text)
        text = kernel.run(TEXT).text
    assert "Session: Not recorded" in text
    assert "A gateway runs this kernel" in text


def test_nbclient_keeps_its_text(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A notebook that is run without a page has a summary in its place, and stays valid."""
    for name, value in home.environment.items():
        monkeypatch.setenv(name, value)
    cells = ["%load_ext jupyter_session_export", "%session_panel", "1"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    NotebookClient(notebook, resources={"metadata": {"path": str(home.work)}}).execute()
    nbformat.validate(notebook)
    (output,) = notebook.cells[1].outputs
    # How far it had come in the time that a cell may be kept waiting.
    assert re.match("Session: (Recorded|Asking)", output.data["text/plain"])
    assert not any(each.get("name") == "stderr" for each in notebook.cells[1].outputs)


def test_a_terminal_is_told_that_nothing_is_recorded(home: Home) -> None:
    """IPython without a kernel has no session."""
    command = [
        sys.executable,
        "-m",
        "IPython",
        "-c",
        "%load_ext jupyter_session_export\n%session_panel",
    ]
    done = subprocess.run(
        command, env=home.environment, cwd=home.work, capture_output=True, text=True, check=True
    )
    assert "nothing is recorded here" in done.stdout
