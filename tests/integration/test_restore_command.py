"""`jupyter session-export restore`: outputs come home by a server, on disk, and after nbclient."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.sign import NotebookNotary

from tests.kernel_socket import KernelSocket
from tests.lone_kernels import Home
from tests.servers import RunningServer, running_server

COMMAND = Path(sys.executable).with_name("jupyter-session-export")
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


def restore(server: RunningServer, *arguments: str) -> Any:
    """Run the command in the account of a server; return what it reports."""
    command = [COMMAND, "restore", "a.ipynb", "--json", *arguments]
    done = subprocess.run(
        command,
        env=server.environment,
        cwd=server.root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return json.loads(done.stdout)


def outcomes(answer: Any) -> list[str]:
    return [cell["outcome"] for cell in answer["cells"]]


def check_round(server: RunningServer, path: Path) -> None:
    """Restore a notebook whose second cell was edited since, and take that back."""
    before = nbformat.read(path, as_version=4)
    expected = ["restored", "edited", "never ran"]
    assert outcomes(restore(server, "--dry-run")) == expected
    assert nbformat.read(path, as_version=4) == before
    assert outcomes(restore(server)) == expected
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert notebook.cells[1].outputs[0].data["text/html"] == "<b>bold</b>"
    assert notebook.cells[1].execution_count == 1
    assert "iopub.status.idle" in notebook.cells[1].metadata.execution
    # What comes from its own kernels is shown in full.
    assert NotebookNotary().check_signature(notebook)
    assert notebook.cells[2] == before.cells[2]
    assert outcomes(restore(server)) == ["same", "edited", "never ran"]
    assert outcomes(restore(server, "--force", "--dry-run")) == ["same", "restored", "never ran"]
    assert restore(server, "--undo")["undone"] == 1
    assert nbformat.read(path, as_version=4) == before


def test_outputs_come_home_without_a_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the server that runs, and by the record when it has stopped; and back again."""
    with running_server(tmp_path) as server:
        monkeypatch.setenv("JUPYTER_DATA_DIR", server.environment["JUPYTER_DATA_DIR"])
        path = server.root / "a.ipynb"
        with KernelSocket(server, server.start_kernel(path="a.ipynb")) as kernel:
            for number, code in enumerate(CODES[:2]):
                kernel.run(code, cell_id=f"c{number}")
            nbformat.write(notebook_of(CODES[0], EDITED, CODES[2]), path)
            check_round(server, path)
            running = kernel.submit(WAITS, cell_id="c2")
            kernel.await_print(running)
            nbformat.write(
                notebook_of(CODES[0], EDITED, "print('so far', flush=True)\ninput()"), path
            )
            assert outcomes(restore(server))[2] == "restored so far"
            assert nbformat.read(path, as_version=4).cells[3].outputs[0].text == "so far\n"
        nbformat.write(notebook_of(CODES[0], EDITED, CODES[2]), path)
        server.stop()
        nbformat.write(notebook_of(CODES[0], EDITED), path)
        before = path.read_text()
        assert outcomes(restore(server)) == ["restored", "edited"]
        assert restore(server, "--undo")["undone"] == 1
        assert path.read_text() == before


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
