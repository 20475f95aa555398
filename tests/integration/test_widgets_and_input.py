"""Real widgets, questions and passwords, from a real kernel to the ZIP."""

from __future__ import annotations

import json
import secrets
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_server.services.kernels.connection.base import deserialize_binary_message
from nbconvert import HTMLExporter

from jupyter_session_export.archive.widgets import STATE
from tests.exporting import executions, export, manifest
from tests.kernel_socket import KernelSocket, Run
from tests.servers import RunningServer, running_server
from tests.waiting import wait_until

SLIDER = """
import ipywidgets as w
slider = w.IntSlider(value=7, max=1000, description="Speed")
image = w.Image(value=b"\\x89PNG of a kind", format="png")
box = w.HBox([slider, image])
box"""
BAR = """
bar = w.IntProgress(max=2_000, description="Bar")
display(bar)
for n in range(2_001):
    bar.value = n
"""

pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server whose websockets drop nothing, so that a flood's end can be waited for."""
    unlimited = "--ZMQChannelsWebsocketConnection.iopub_msg_rate_limit=0"
    with running_server(tmp_path_factory.mktemp("server"), arguments=[unlimited]) as server:
        yield server


class Person(KernelSocket):
    """A client that moves widgets and answers questions, as a page does."""

    def receive(self, run: Run) -> None:
        """Take in one message."""
        self._take(run, self._next())

    def _next(self) -> dict[str, Any]:
        raw = self._socket.recv()
        if not isinstance(raw, str):
            # With buffers, of which nothing is needed here.
            return dict(deserialize_binary_message(bytes(raw)))
        return dict(json.loads(raw))

    def _take(self, run: Run, message: dict[str, Any]) -> None:
        if message["parent_header"].get("msg_id") == run.msg_id:
            run.take(message)

    def _tell(self, channel: str, kind: str, parent: Any, content: dict[str, Any]) -> str:
        msg_id = uuid.uuid4().hex
        header = {"msg_id": msg_id, "msg_type": kind, "session": self.session}
        header |= {"username": "someone", "date": "2026-01-01T00:00:00Z", "version": "5.4"}
        message = {"channel": channel, "header": header, "parent_header": parent, "metadata": {}}
        self._socket.send(json.dumps({**message, "content": content, "buffers": []}))
        return msg_id

    def move(self, model_id: str, **state: Any) -> None:
        """Change a widget, and wait until the kernel has heard of it."""
        data = {"method": "update", "state": state, "buffer_paths": []}
        content = {"comm_id": model_id, "data": data}
        moved = Run(self._tell("shell", "comm_msg", {}, content))
        while not moved.idle:
            self.receive(moved)

    def answer(self, run: Run, *values: str) -> Run:
        """Answer what a run asks, one after the other, and wait for its end."""
        waiting = list(values)
        while not (run.idle and run.reply is not None):
            message = self._next()
            if message["channel"] == "stdin":
                content = {"status": "ok", "value": waiting.pop(0)}
                asked = {name: str(value) for name, value in message["header"].items()}
                self._tell("stdin", "input_reply", asked, content)
            self._take(run, message)
        return run


def view_of(run: Run) -> str:
    """Return the id of the model that a run shows."""
    (shown,) = [content["data"] for content in run.shown()]
    return str(shown["application/vnd.jupyter.widget-view+json"]["model_id"])


def saved_without_state(path: Path, *runs: tuple[str, Run]) -> bytes:
    """Write a notebook as a page does that doesn't save widget state; return its bytes."""
    notebook = nbformat.v4.new_notebook()
    for source, run in runs:
        outputs = [
            nbformat.v4.new_output("display_data", data=content["data"]) for content in run.shown()
        ]
        notebook.cells.append(nbformat.v4.new_code_cell(source, outputs=outputs))
    nbformat.write(notebook, path)
    return path.read_bytes()


def state_in(archive: zipfile.ZipFile, name: str) -> dict[str, Any]:
    notebook = nbformat.reads(archive.read(name).decode(), as_version=4)
    nbformat.validate(notebook)
    state: dict[str, Any] = notebook.metadata.widgets[STATE]["state"]
    return state


def test_an_exported_notebook_shows_its_widgets(server: RunningServer) -> None:
    """As they stand at the export, a person's moves included; nbconvert shows them too."""
    kernel_id = server.start_kernel(path="widgets.ipynb")
    with Person(server, kernel_id) as person:
        shown, bar = person.run(SLIDER), person.run(BAR)
        box_id, bar_id = view_of(shown), view_of(bar)
        state = state_in(export(server), "code/notebook_1.ipynb")
        slider_id = state[box_id]["state"]["children"][0].removeprefix("IPY_MODEL_")
        assert state[slider_id]["state"]["value"] == 7
        person.move(slider_id, value=42)
    on_disk = saved_without_state(server.root / "widgets.ipynb", (SLIDER, shown), (BAR, bar))
    archive = export(server)
    state = state_in(archive, "code/notebook_1.ipynb")
    assert state[slider_id]["state"]["value"] == 42
    assert state[bar_id]["state"]["value"] == 2_000
    image_id = state[box_id]["state"]["children"][1].removeprefix("IPY_MODEL_")
    (buffer,) = state[image_id]["buffers"]
    assert (buffer["path"], buffer["encoding"]) == (["value"], "base64")
    note = manifest(archive)["code/notebook_1.ipynb"]["reason"]
    assert note.startswith("widget state added: ")
    packed = json.loads(archive.read("code/notebook_1.ipynb"))
    del packed["metadata"]["widgets"]
    assert packed == json.loads(on_disk)
    html, _ = HTMLExporter().from_notebook_node(
        nbformat.reads(archive.read("code/notebook_1.ipynb").decode(), as_version=4)
    )
    assert f'<script type="{STATE}">' in html
    assert slider_id in html
    one = next(e for e in executions(archive) if e["notebook"] == "widgets.ipynb")
    own = json.loads(archive.read(f"{one['folder']}/outputs/widget_state.json"))["state"]
    assert own[slider_id]["state"]["value"] == 42
    assert bar_id not in own


def test_a_restart_leaves_the_widgets_as_they_were(server: RunningServer) -> None:
    """What a kernel says when it ends doesn't take its widgets out of the record."""
    kernel_id = server.start_kernel(path="restarted.ipynb")
    with Person(server, kernel_id) as person:
        box_id = view_of(person.run(SLIDER))
    with server.client() as client:
        client.post(f"api/kernels/{kernel_id}/restart").raise_for_status()
        client.delete(f"api/kernels/{kernel_id}").raise_for_status()
    archive = export(server, scope="notebook", path="restarted.ipynb")
    assert box_id in state_in(archive, "code/notebook_1.ipynb")


def test_questions_are_recorded_and_passwords_are_nowhere(server: RunningServer) -> None:
    """Of what a person types, answers to input() are in the record; to getpass() not a byte."""
    secret, plain = secrets.token_hex(16), secrets.token_hex(16)
    code = (
        "import getpass, time\n"
        "name = input('Name: ')\n"
        "key = getpass.getpass('Key: ')\n"
        "field = __import__('ipywidgets').Password()\n"
        "display(field)\n"
        "time.sleep(1.2)\n"  # what runs is in the spool by then
        "print(len(name), len(key))"
    )
    kernel_id = server.start_kernel(path="asking.ipynb")
    with Person(server, kernel_id) as person:
        run = person.answer(person.submit(code, allow_stdin=True), plain, secret)
        assert run.stream("stdout") == "32 32\n"
        person.move(view_of(run), value=secret)
    archive = export(server, scope="notebook", path="asking.ipynb")
    (one,) = executions(archive)
    assert [(i["prompt"], i["value"], i["password"], i["answered"]) for i in one["input"]] == [
        ("Name: ", plain, False, True),
        ("Key: ", None, True, True),
    ]
    assert json.loads(archive.read(f"{one['folder']}/inputs.json")) == one["input"]
    assert b"asked for input: 1" in archive.read("SESSION_SUMMARY.txt")
    assert holds(server.home, plain) != []
    assert holds(server.home, secret) == []
    assert not any(secret.encode() in archive.read(name) for name in archive.namelist())


def holds(folder: Path, text: str) -> list[Path]:
    """Return the files below a folder that hold a text as it is."""
    found = []
    for path in folder.rglob("*"):
        # What is sealed meanwhile leaves the spool, and is found where it went.
        with suppress(FileNotFoundError):
            if path.is_file() and text.encode() in path.read_bytes():
                found.append(path)
    return found


def test_a_killed_server_loses_no_more_than_a_second(tmp_path: Path) -> None:
    """Widgets that moved a second before are as they were then, when the next server exports."""
    with running_server(tmp_path) as server:
        kernel_id = server.start_kernel(path="killed.ipynb")
        with Person(server, kernel_id) as person:
            box_id = view_of(person.run(SLIDER))
            (store,) = server.data_dir().glob("sessions/*")
            wait_until(lambda: any(holds(store, box_id)))
            server.kill()
        server.start()
        server.start_kernel(path="other.ipynb")
        archive = export(server)
        state = state_in(archive, "code/notebook_1.ipynb")
    assert box_id in state
