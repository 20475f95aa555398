"""The examples of the documentation do what they say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import isolated_environment

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
SECONDS = 240.0


@pytest.mark.parametrize("name", sorted(path.stem for path in EXAMPLES.glob("*.py")))
def test_an_example_runs(name: str, tmp_path: Path) -> None:
    """As a program of its own: it prints what its last comment says, if it has one."""
    code = (EXAMPLES / f"{name}.py").read_text()
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / f"{name}.py")],
        check=False,
        env=isolated_environment(tmp_path),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert (done.returncode, done.stderr) == (0, "")
    _, said, expected = code.partition("# It prints:\n")
    if said:
        assert done.stdout.splitlines() == [line[4:] for line in expected.splitlines()]
