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
from tests.kernel_socket import KernelSocket
from tests.lone_kernels import Home
from tests.servers import running_server

CODES = ("from IPython.display import HTML\nHTML('<b>bold</b>')", "print('ran')", "'never'")
EDITED = "print('edited')"
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

pytestmark = pytest.mark.timeout(240)


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
    answer = home.command("restore", str(path), "--kernel", kernel[:8])
    assert outcomes(answer) == ["restored"] * len(EVERY_KIND)
    restored = nbformat.read(path, as_version=4)
    for ran, cell in zip(notebook.cells[1:], restored.cells[1:], strict=True):
        assert cell.outputs == ran.outputs, cell.source
        assert cell.execution_count == ran.execution_count
    assert outcomes(home.command("restore", str(path))) == ["never ran"] * len(EVERY_KIND)
