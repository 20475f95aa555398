"""Programs that start kernels of their own: what ran in them is recorded by the kernels."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import pexpect
import pytest

from tests.lone_kernels import SECONDS, Home
from tests.waiting import wait_until


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def test_a_papermill_run_is_recorded_once(home: Home) -> None:
    """Each cell up to the one that fails, the injected parameters among them; the session ends."""
    cells = [nbformat.v4.new_code_cell(code) for code in ("x = 1", "print('x is', x)", "1 / 0")]
    cells[0].metadata["tags"] = ["parameters"]
    kernel = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python"}}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=kernel)
    nbformat.write(notebook, home.work / "in.ipynb")
    command = [sys.executable, "-m", "papermill", "in.ipynb", "out.ipynb", "-p", "x", "42"]
    done = subprocess.run(
        command, check=False, env=home.environment, cwd=home.work, capture_output=True, text=True
    )
    assert "ZeroDivisionError" in done.stderr
    (session,) = home.sessions()
    assert session["ended_at"]
    _, parameters, shown, failed = home.exported()
    assert "x = 42" in parameters["source"]
    assert shown["stdout"] == "x is 42\n"
    assert (failed["status"], failed["error"]["name"]) == ("error", "ZeroDivisionError")


def test_a_console_is_recorded_once(home: Home) -> None:
    """What a person types into `jupyter console`, and what comes of it."""
    arguments = ["-m", "jupyter", "console", "--simple-prompt"]
    console = pexpect.spawn(
        sys.executable,
        arguments,
        env={**home.environment, "TERM": "dumb"},
        cwd=str(home.work),
        encoding="utf-8",
        timeout=SECONDS,
    )
    try:
        console.expect_exact("In [1]:")
        console.sendline("print('typed', 6 * 7)")
        console.expect_exact("typed 42")
        console.expect_exact("In [2]:")
        # On a busy machine a kernel may be asked to end before its recorder has begun.
        wait_until(home.sessions)
        console.sendline("exit")
        console.expect(pexpect.EOF)
    finally:
        console.close(force=True)
    (session,) = home.sessions()
    assert session["ended_at"]
    typed = [(one["source"], one["stdout"]) for one in home.exported() if one["source"]]
    assert typed == [("print('typed', 6 * 7)", "typed 42\n"), ("exit", "")]
