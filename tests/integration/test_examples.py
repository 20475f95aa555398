"""Every example of docs/examples runs as it stands."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import RunningServer, isolated_environment

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
ON_A_SERVER = "remote_server.py"


def carry_out(name: str, folder: Path, **environment: str) -> None:
    """Run an example in a folder of its own; it checks itself.

    It prints what its last comment says, if it has one.
    """
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / name)],
        cwd=folder,
        env={**isolated_environment(folder / "home"), **environment},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    _, said, expected = (EXAMPLES / name).read_text().partition("# It prints:\n")
    if said:
        assert done.stdout.splitlines() == [line[4:] for line in expected.splitlines()]


@pytest.mark.parametrize(
    "name", sorted(path.name for path in EXAMPLES.glob("*.py") if path.name != ON_A_SERVER)
)
def test_an_example_runs(name: str, tmp_path: Path) -> None:
    """It does what it says, and says nothing of trouble."""
    carry_out(name, tmp_path)


def test_the_example_of_a_server_runs(server: RunningServer, tmp_path: Path) -> None:
    """With the URL and the token of a server."""
    carry_out(ON_A_SERVER, tmp_path, JUPYTER_URL=server.url, JUPYTER_TOKEN=str(server.token or ""))


def test_there_are_examples() -> None:
    """At least ten."""
    assert len(list(EXAMPLES.glob("*.py"))) >= 10
