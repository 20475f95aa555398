from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest

import jupyter_session_export
from jupyter_session_export.cli import command
from jupyter_session_export.cli.arguments import parser
from jupyter_session_export.store.catalog import Catalog
from jupyter_session_export.store.record import Record


def commands() -> dict[str, argparse.ArgumentParser]:
    (subparsers,) = parser()._subparsers._group_actions  # type: ignore[union-attr]
    assert isinstance(subparsers.choices, dict)
    return subparsers.choices


@pytest.mark.parametrize("word", commands())
def test_each_command_has_help(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It is the reference of the command line, so each argument says what it is for."""
    with pytest.raises(SystemExit) as ended:
        command.main([word, "--help"])
    assert ended.value.code == 0
    assert f"jupyter session-export {word}" in capsys.readouterr().out
    for action in commands()[word]._actions:
        assert action.help, action.dest


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """It is the package's."""
    with pytest.raises(SystemExit):
        command.main(["--version"])
    assert capsys.readouterr().out.strip() == jupyter_session_export.__version__


@pytest.mark.parametrize(
    "arguments", [[], ["nonsense"], ["list", "--nonsense"], ["export", "--compression", "zip"]]
)
def test_a_wrong_call_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """As argparse does, and shells expect."""
    with pytest.raises(SystemExit) as ended:
        command.main(arguments)
    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_a_problem_is_one_line_and_ends_with_1(
    catalog: Catalog, kept: Record, capsys: pytest.CaptureFixture[str]
) -> None:
    """What, what to do and the code; nothing on stdout."""
    assert command.main(["stats", "99999999", "--data-dir", str(catalog.data_dir)]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert "[SESSION_NOT_FOUND]" in captured.err


def test_a_problem_is_json_where_json_is_wanted(
    catalog: Catalog, capsys: pytest.CaptureFixture[str]
) -> None:
    """A program reads the code from the same place as the result."""
    assert command.main(["stats", "--json", "--data-dir", str(catalog.data_dir)]) == 1
    captured = capsys.readouterr()
    assert '"code": "SESSION_NOT_FOUND"' in captured.out
    assert captured.err == ""


def test_wrong_settings_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A person wrote them, so it is a wrong call."""
    (tmp_path / "jupyter_session_export_config.py").write_text("c.SessionExport.data_dir = 1")
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    assert command.main(["list"]) == 2
    assert "settings" in capsys.readouterr().err


def test_the_settings_name_the_data_folder(
    tmp_path: Path,
    catalog: Catalog,
    kept: Record,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """`jupyter_session_export_config.py` is the same file that servers read."""
    line = f"c.SessionExport.data_dir = {str(catalog.data_dir)!r}"
    (tmp_path / "jupyter_session_export_config.py").write_text(line)
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    assert command.main(["list"]) == 0
    assert kept.session.id in capsys.readouterr().out


def test_an_interrupt_ends_with_130(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As shells expect of Ctrl-C."""

    def interrupt(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "list_sessions", interrupt)
    assert command.main(["list", "--data-dir", str(catalog.data_dir)]) == 130
    assert "Interrupted" in capsys.readouterr().err


def test_a_reader_who_leaves_is_no_error(catalog: Catalog, kept: Record) -> None:
    """`jupyter session-export list | head -0` says nothing of a broken pipe."""
    reading, writing = os.pipe()
    os.close(reading)
    code = "import sys; from jupyter_session_export.cli import main; sys.exit(main())"
    arguments = [sys.executable, "-c", code, "list", "--data-dir", str(catalog.data_dir)]
    ended = subprocess.run(arguments, stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert ended.stderr == b""
