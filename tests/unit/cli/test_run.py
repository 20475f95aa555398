"""`jupyter session-export run`, over the fake host."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from jupyter_session_export.cli import main
from jupyter_session_export.cli import run as command
from jupyter_session_export.cli.arguments import parser
from jupyter_session_export.errors import InvalidRequest
from jupyter_session_export.sessions.fake import fake_host
from jupyter_session_export.settings import SessionExport

HOST_OF = command.host_of


@pytest.fixture(autouse=True)
def _no_kernels(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(command, "host_of", lambda *_: fake_host())
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> int:
    return main(["run", *arguments])


def test_output_is_passed_on(capsys: pytest.CaptureFixture[str]) -> None:
    """Streams go where they belong, and a result is shown as a person would see it."""
    assert run("-c", "import sys\nprint('out')\nprint('err', file=sys.stderr)\n6 * 7") == 0
    told = capsys.readouterr()
    assert told.out == "out\n42\n"
    assert told.err == "err\n"


@pytest.mark.parametrize(
    ("code", "exit_code"), [("1", 0), ("1 / 0", 1), ("import sys; sys.exit(7)", 7)]
)
def test_the_exit_code_is_the_code_s(code: str, exit_code: int) -> None:
    """So that scripts and pipelines know how it went."""
    assert run("-c", code) == exit_code


def test_a_place_for_the_zip_is_looked_at_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing runs for hours, only to have no place for what came of it."""
    assert run("-c", "print('ran')", "--export", str(tmp_path / "gone" / "x.zip")) == 1
    told = capsys.readouterr()
    assert (told.out, "[DESTINATION_UNWRITABLE]" in told.err) == ("", True)


@pytest.mark.parametrize("seconds", ["-1", "nan", "inf", "soon"])
def test_a_timeout_is_a_number_of_seconds(seconds: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Anything else is a wrong call."""
    with pytest.raises(SystemExit) as ended:
        run("-c", "1", "--timeout", seconds)
    assert ended.value.code == 2
    assert "--timeout" in capsys.readouterr().err


def test_a_timeout_has_the_exit_code_of_timeout(capsys: pytest.CaptureFixture[str]) -> None:
    """As timeout(1) does."""
    assert run("--timeout", "0.3", "-c", "import time\nwhile True: time.sleep(0.01)") == 124


def test_a_traceback_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """What failed is told on standard error."""
    run("-c", "1 / 0")
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_code_comes_from_a_file_or_from_a_pipe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file, or standard input, with files there and back."""
    script, given = tmp_path / "script.py", tmp_path / "given.txt"
    script.write_text(
        "with open('in.txt') as file: text = file.read()\n"
        "with open('out.txt', 'w') as file: end = file.write(text * 2)\n"
    )
    given.write_text("ab")
    assert run(str(script), "--file", f"in.txt={given}", "--download", "out.txt") == 0
    assert (tmp_path / "out.txt").read_text() == "abab"
    monkeypatch.setattr("sys.stdin", io.StringIO("print('piped')"))
    assert run("-") == 0
    assert "piped" in capsys.readouterr().out


def test_json_has_all_of_the_result(capsys: pytest.CaptureFixture[str]) -> None:
    """One document, and nothing else."""
    assert run("--json", "-c", "print('x')\n1 / 0") == 1
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert (told["stdout"], told["success"], told["exit_code"]) == ("x\n", False, 1)
    assert told["error"]["name"] == "ZeroDivisionError"
    assert told["timing"]["stages"]


@pytest.mark.parametrize("arguments", [(), ("script.py", "-c", "1"), ("no-such-file.py",)])
def test_without_code_there_is_nothing_to_run(arguments: tuple[str, ...]) -> None:
    """The exit code is that of wrong usage."""
    assert run(*arguments) == 2


def test_an_environment_has_names_and_values() -> None:
    """What is neither is told."""
    assert run("--env", "NAME", "-c", "1") == 2
    assert run("--env", "NAME=value", "-c", "environ['NAME']") == 0


def test_sessions_of_this_machine_end_with_the_command() -> None:
    """Only those of a server can be gone on in, or left there."""
    options = parser().parse_args(["run", "--keep", "-c", "1"])
    with pytest.raises(InvalidRequest, match="end with the command"):
        HOST_OF(SessionExport(), options)
