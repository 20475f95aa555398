"""The contracts of import-linter hold, and would notice a violation."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the package in a folder."""
    program = Path(sys.executable).with_name("lint-imports")
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run(
        [program, "--config", "pyproject.toml", "--no-cache"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package to spoil."""
    skip = shutil.ignore_patterns("labextension", "__pycache__")
    shutil.copytree(
        PROJECT / "jupyter_session_export", tmp_path / "jupyter_session_export", ignore=skip
    )
    shutil.copy(PROJECT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_layers_hold(copy: Path) -> None:
    """As it is, nothing imports what lies above it or beside it."""
    result = lint(copy)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("records/times.py", "from ..store import catalog"),
        ("store/spool.py", "from ..recording import sink"),
        ("archive/plan.py", "import tornado.web"),
        ("exports/job.py", "import IPython"),
        ("importing/place.py", "from ..exports import job"),
    ],
)
def test_a_violation_is_noticed(copy: Path, module: str, line: str) -> None:
    """An import that points up, sideways or to the wrong library breaks a contract."""
    path = copy / "jupyter_session_export" / module
    path.write_text(f"{path.read_text()}\n{line}\n")
    result = lint(copy)
    assert result.returncode != 0
    assert "BROKEN" in result.stdout
