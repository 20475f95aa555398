"""docs/lab-sessions.md, run as it stands."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from jupyter_session_export.settings import SessionExport
from tests.kernel_socket import KernelSocket
from tests.servers import RunningServer, running_server

PAGE = Path(__file__).parents[2] / "docs" / "lab-sessions.md"
BLOCK = re.compile(r"<!-- (run: \w+|shows) -->\n```\w*\n(.*?)```", re.DOTALL)


class Step(NamedTuple):
    """A block that is run, and what the page says it shows."""

    kind: str
    code: str
    shows: str | None


def steps() -> Iterator[Step]:
    blocks = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    for at, (kind, code) in enumerate(blocks):
        if kind != "shows":
            after = blocks[at + 1] if at + 1 < len(blocks) else ("", "")
            yield Step(kind, code, after[1] if after[0] == "shows" else None)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running_server(tmp_path_factory.mktemp("lab")) as server:
        yield server


def test_the_page_does_what_it_says(lab: RunningServer) -> None:
    """Every command and cell in its order; where it shows what comes, that comes."""
    environment = {
        **lab.environment,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
    }
    done = 0
    with KernelSocket(lab, lab.start_kernel()) as kernel:
        for step in steps():
            if step.kind == "run: cell":
                reply = kernel.run(step.code).reply
                assert reply is not None
                assert reply["status"] == "ok", reply
            else:
                shown = _run(step.code, lab, environment)
                if step.shows is not None:
                    assert _without_age(shown) == step.shows
            done += 1
    assert done == 5
    assert (lab.root / "lab.zip").is_file()


def test_the_settings_are_those_of_the_page() -> None:
    """The defaults that it names are the defaults."""
    (text,) = re.findall(r"```python\n(c\..*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    named = SessionExport()
    for name in ("recordings_dirs", "recording_patterns", "recording_types", "data_dirs"):
        setattr(named, name, [])
    exec(text, {"c": type("C", (), {"SessionExport": named})})  # noqa: S102  # the page's own code
    for name in ("recordings_dirs", "recording_patterns", "recording_types", "data_dirs"):
        assert getattr(named, name) == getattr(SessionExport(), name)


def _run(code: str, lab: RunningServer, environment: dict[str, str]) -> str:
    ran = subprocess.run(
        ["bash", "-euc", code], cwd=lab.root, env=environment, capture_output=True, check=False
    )
    assert ran.returncode == 0, ran.stderr.decode()
    return ran.stdout.decode()


def _without_age(shown: str) -> str:
    """The page's files have lain for a while; the test's were written a moment ago."""
    return re.sub(r"    was written to moments ago.*\n", "", shown)
