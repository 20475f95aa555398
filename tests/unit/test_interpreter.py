"""Programs of ours in interpreters of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_session_export.interpreter import command

MODULE = """
import json, sys
def main():
    sys.stdout.write(json.dumps([sys.argv[1:], sys.getfilesystemencoding()]))
"""


@pytest.fixture
def notebooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder where a program is started, with a file that has a module's name."""
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "of_somebody.py").write_text(MODULE)
    notebooks = tmp_path / "notebooks"
    notebooks.mkdir()
    (notebooks / "json.py").write_text("raise SystemExit('the wrong module')")
    monkeypatch.chdir(notebooks)
    return notebooks


def test_a_program_imports_what_this_interpreter_would(
    notebooks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not what lies where it is started, nor what is no place to import from here either."""
    odd = ["", "relative", None, notebooks, str(notebooks)]
    path = [*odd, *sys.path, str(notebooks.parent / "lib")]
    monkeypatch.setattr(sys, "path", path)
    words = ["a b", 'c"d', "é"]
    said = subprocess.run(command("of_somebody", *words), capture_output=True, check=True)
    expected = f'[["a b", "c\\"d", "\\u00e9"], "{sys.getfilesystemencoding()}"]'
    assert (said.stdout.decode(), said.stderr) == (expected, b"")


def test_names_of_files_mean_the_same(notebooks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the environment was changed after this interpreter had started."""
    monkeypatch.syspath_prepend(str(notebooks.parent / "lib"))
    environment = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    said = subprocess.run(command("of_somebody"), capture_output=True, check=True)
    assert said.stdout.decode() == f'[[], "{sys.getfilesystemencoding()}"]'


def test_it_can_be_started_in_a_folder_that_is_gone(
    notebooks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is nothing to import from there."""
    (notebooks / "json.py").unlink()
    notebooks.rmdir()
    monkeypatch.syspath_prepend(str(notebooks.parent / "lib"))
    assert str(notebooks.parent / "lib") in command("of_somebody")[-1]
