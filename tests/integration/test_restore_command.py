"""`jupyter session-export restore`: outputs come home by a server, on disk, and after nbclient."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.sign import NotebookNotary

from jupyter_session_export.cli import main
from jupyter_session_export.client.access import Access
from jupyter_session_export.client.client import SessionExportClient
from jupyter_session_export.records.execution import Status
from jupyter_session_export.store.catalog import Catalog
from tests.kernel_socket import KernelSocket
from tests.lone_kernels import Home
from tests.servers import running_server
from tests.session_hosts import local_host
from tests.waiting import wait_until

CODES = ("from IPython.display import HTML\nHTML('<b>bold</b>')", "print('ran')", "'never'")
EDITED = "print('edited')"
MUCH = "for n in range(20_000):\n    print(n)"
WHERE = "import os\nprint(open(os.environ['JPY_SESSION_EXPORT']).read())"
WAITS = "print('so far', flush=True)\ninput()"
EVERY_KIND = (
    "import sys\nprint('out', flush=True)\nprint('err', file=sys.stderr, flush=True)",
    "from IPython.display import display\nh = display('old', display_id=True)\n"
    "display({'text/html': '<b>\\n</b>', 'text/plain': 'b'}, raw=True)",
    "h.update('new')\n{'a': 1}",
    "from IPython.display import clear_output\nprint('gone')\n"
    "clear_output(wait=True)\nprint('kept')",
    "1 / 0",
    "print('out', flush=True)",
)

pytestmark = pytest.mark.timeout(480)


def notebook_of(*codes: str) -> Any:
    cells = [nbformat.v4.new_code_cell(code, id=f"c{n}") for n, code in enumerate(codes)]
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Text"), *cells])


class Terminal:
    """The command line in the account of a server, without an interpreter for each call."""

    def __init__(self, path: Path, told: pytest.CaptureFixture[str]) -> None:
        self.path, self._told = path, told

    def restore(self, *arguments: str) -> Any:
        """Run the command; return what it reports."""
        code = main(["restore", str(self.path), "--json", *arguments])
        out, err = self._told.readouterr()
        assert code == 0, out + err
        return json.loads(out)


def outcomes(answer: Any) -> list[str]:
    return [cell["outcome"] for cell in answer["cells"]]


def check_round(terminal: Terminal) -> None:
    """Restore a notebook whose second cell was edited since, and take that back."""
    restore, path = terminal.restore, terminal.path
    before = nbformat.read(path, as_version=4)
    expected = ["restored", "edited", "never ran"]
    assert outcomes(restore("--dry-run")) == expected
    assert nbformat.read(path, as_version=4) == before
    assert outcomes(restore()) == expected
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert notebook.cells[1].outputs[0].data["text/html"] == "<b>bold</b>"
    assert notebook.cells[1].execution_count == 1
    assert "iopub.status.idle" in notebook.cells[1].metadata.execution
    # What comes from its own kernels is shown in full.
    assert NotebookNotary().check_signature(notebook)
    assert notebook.cells[2] == before.cells[2]
    assert outcomes(restore()) == ["same", "edited", "never ran"]
    assert outcomes(restore("--force", "--dry-run")) == ["same", "restored", "never ran"]
    assert restore("--undo")["undone"] == 1
    assert nbformat.read(path, as_version=4) == before


def test_outputs_come_home_without_a_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the server that runs, and by the record when it has stopped; and back again."""
    with running_server(tmp_path) as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        terminal = Terminal(server.root / "a.ipynb", capsys)
        with KernelSocket(server, server.start_kernel(path="a.ipynb")) as kernel:
            for number, code in enumerate(CODES[:2]):
                kernel.run(code, cell_id=f"c{number}")
            nbformat.write(notebook_of(CODES[0], EDITED, CODES[2]), terminal.path)
            check_round(terminal)
            running = kernel.submit(WAITS, cell_id="c2")
            kernel.await_print(running)
            nbformat.write(notebook_of(CODES[0], EDITED, WAITS), terminal.path)
            # What a client has heard is in the record a moment later.
            wait_until(lambda: outcomes(terminal.restore("--dry-run"))[2] == "restored so far")
            assert outcomes(terminal.restore())[2] == "restored so far"
            written = nbformat.read(terminal.path, as_version=4)
            assert written.cells[3].outputs[0].text == "so far\n"
        server.stop()
        nbformat.write(notebook_of(CODES[0], EDITED, CODES[2] + "2"), terminal.path)
        before = terminal.path.read_text()
        assert outcomes(terminal.restore()) == ["restored", "edited", "edited"]
        assert terminal.restore("--undo")["undone"] == 1
        assert terminal.path.read_text() == before


def test_what_nbclient_ran_comes_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It tells no cells and no notebook; found by kernel and source, its outputs are the same."""
    home = Home(tmp_path / "home")
    for name, value in home.environment.items():
        monkeypatch.setenv(name, value)
    path = home.work / "night.ipynb"
    notebook = notebook_of(*EVERY_KIND)
    nbformat.write(notebook, path)
    resources = {"metadata": {"path": str(home.work)}}
    NotebookClient(notebook, allow_errors=True, resources=resources).execute()
    (session,) = home.sessions()
    kernel = home.exported()[0]["kernel"]["id"]
    assert session["kernel"]
    answer = home.command("restore", str(path))
    assert outcomes(answer) == ["never ran"] * len(EVERY_KIND)
    (likely,) = answer["likely_kernels"]
    assert (likely["kernel_id"], likely["cells"]) == (kernel, len(EVERY_KIND))
    answer = home.command("restore", str(path), "--kernel", kernel[:8])
    assert outcomes(answer) == ["restored"] * len(EVERY_KIND)
    restored = nbformat.read(path, as_version=4)
    for ran, cell in zip(notebook.cells[1:], restored.cells[1:], strict=True):
        assert cell.outputs == ran.outputs, cell.source
        assert cell.execution_count == ran.execution_count


def test_ended_sessions_come_home_but_not_by_a_kernels_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the rate limit cut in a session before is restored in full by the command line only."""
    limited = "--ZMQChannelsWebsocketConnection.iopub_data_rate_limit=1000"
    with running_server(tmp_path, arguments=[limited]) as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        terminal = Terminal(server.root / "a.ipynb", capsys)
        with KernelSocket(server, server.start_kernel(path="a.ipynb")) as kernel:
            seen = kernel.run(MUCH, cell_id="c0")
        assert "rate exceeded" in seen.stream("stderr")
        notebook = notebook_of(MUCH, WHERE)
        cut = {name: seen.stream(name) for name in ("stdout", "stderr")}
        notebook.cells[1].execution_count = 1
        notebook.cells[1].outputs = [
            nbformat.v4.new_output("stream", name=name, text=text) for name, text in cut.items()
        ]
        nbformat.write(notebook, terminal.path)
        first = server.api("GET", "session").json()["id"]
        assert server.api("POST", "session/end", json={"shutdown_kernels": True}).is_success

        with KernelSocket(server, server.start_kernel(path="a.ipynb")) as kernel:
            told = kernel.run(WHERE, cell_id="c1").stream("stdout")
        access = Access.from_json(json.loads(told))
        with SessionExportClient(access) as own:
            assert own.session()["id"] != first
            request = {"path": "a.ipynb", "force": True, "dry_run": True}
            assert outcomes(own.restore(request)) == ["never ran", "restored"]
        with server.stranger(headers=access.headers) as own:
            routes = "session-export/api/"
            answer = own.get(f"{routes}session/cells", params={"path": "a.ipynb"})
            assert [run["cell_id"] for run in answer.json()["cells"]] == ["c1"]
            answer = own.get(f"{routes}sessions/{first}/executions/1/outputs")
            assert answer.status_code == 404

        assert outcomes(terminal.restore()) == ["restored", "restored"]
        (output,) = nbformat.read(terminal.path, as_version=4).cells[1].outputs
        assert output.text == "".join(f"{n}\n" for n in range(20_000))
        assert terminal.restore("--undo")["undone"] == 2
        assert nbformat.read(terminal.path, as_version=4) == notebook


def test_what_the_session_api_ran_comes_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By a server that records another session, while the kernel still lives."""
    with running_server(tmp_path) as server, local_host(server.home) as host:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        terminal = Terminal(server.root / "b.ipynb", capsys)
        nbformat.write(notebook_of("print('one')", "1 / 0"), terminal.path)
        assert server.api("GET", "session").is_success
        with host.create() as session:
            session.run("print('one')")
            session.run("1 / 0")
            with Catalog(server.data_dir()).read(session.id) as reader:
                # What runs in another process is read a moment later.
                wait_until(lambda: Status.ERROR in reader.stats().executions)
                (kernel,) = reader.kernels()
            assert outcomes(terminal.restore()) == ["never ran", "never ran"]
            answer = terminal.restore("--kernel", kernel.id[:8])
            assert outcomes(answer) == ["restored", "restored"]
        one, failed = nbformat.read(terminal.path, as_version=4).cells[1:]
        assert one.outputs[0].text == "one\n"
        assert failed.outputs[0].ename == "ZeroDivisionError"
