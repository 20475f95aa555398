"""Sessions of a kernel that is neither Python's nor made with it: Deno's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from deno import find_deno_bin

from jupyter_session_export.sessions.session import Session
from tests.session_hosts import local_host

pytestmark = pytest.mark.soak


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    folder = tmp_path_factory.mktemp("home")
    place = folder / "data" / "kernels" / "deno"
    place.mkdir(parents=True)
    command = [find_deno_bin(), "jupyter", "--kernel", "--conn", "{connection_file}"]
    spec = {"argv": command, "display_name": "Deno", "language": "typescript"}
    (place / "kernel.json").write_text(json.dumps(spec))
    with local_host(folder) as host, host.create(language="javascript") as session:
        yield session


def test_it_runs(session: Session) -> None:
    """Values, streams and types; variables stay."""
    result = session.run("const given: number = 40; console.log('said'); given + 2")
    assert (result.text, result.stdout) == ("42", "said\n")
    assert session.run("given").text == "40"


def test_it_fails(session: Session) -> None:
    """An error is a result."""
    result = session.run("throw new TypeError('no')")
    assert (str(result.error), result.exit_code) == ("TypeError: no", 1)


def test_it_has_files(session: Session, tmp_path: Path) -> None:
    """They lie where the code is."""
    code = "Deno.writeTextFileSync('out.txt', Deno.readTextFileSync('in.txt').repeat(2))"
    place = tmp_path / "out.txt"
    session.run(code, files={"in.txt": b"ab"}, download_files={"out.txt": place})
    assert place.read_text() == "abab"


def test_it_is_interrupted(session: Session) -> None:
    """It ends by that, which is told, and goes on anew."""
    result = session.run("while (true) {}", timeout=2)
    assert result.timed_out
    assert "variables are gone" in str(result.error)
    assert session.run("1 + 1").text == "2"


def test_it_is_exported(session: Session, tmp_path: Path) -> None:
    """What ran is in the ZIP."""
    session.run("'kept'")
    assert session.export(tmp_path).executions >= 1
