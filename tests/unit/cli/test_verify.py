from __future__ import annotations

import json
from pathlib import Path

import pytest

from jupyter_session_export.cli.command import main
from tests.unit.cli.archives import MEMBERS, write_archive


def test_a_sound_zip_ends_with_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line says so."""
    path = write_archive(tmp_path / "x.zip", MEMBERS)
    assert main(["verify", str(path)]) == 0
    assert capsys.readouterr().out == f"{path}: 4 files, all as recorded\n"


def test_each_damaged_member_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Changed, missing and added ones, in any of several ZIPs; the code is 1."""
    changed = write_archive(tmp_path / "changed.zip", {**MEMBERS, "README.txt": b"other"})
    added = write_archive(tmp_path / "added.zip", {**MEMBERS, "evil.sh": b"x"})
    sound = write_archive(tmp_path / "sound.zip", MEMBERS)
    assert main(["verify", str(changed), str(added), str(sound)]) == 1
    out = capsys.readouterr().out
    assert "  README.txt: " in out
    assert "  evil.sh: " in out
    assert f"{sound}: 4 files, all as recorded" in out


@pytest.mark.parametrize("content", [None, b"no zip"])
def test_what_is_no_zip_of_ours_ends_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None
) -> None:
    """It is named, and the next one is still looked at."""
    path = tmp_path / "x.zip"
    if content is not None:
        path.write_bytes(content)
    sound = write_archive(tmp_path / "sound.zip", MEMBERS)
    assert main(["verify", str(path), str(sound)]) == 1
    out = capsys.readouterr().out
    assert f"{path}: 1 problem" in out
    assert "all as recorded" in out


def test_verdicts_may_be_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One object for each ZIP."""
    path = write_archive(tmp_path / "x.zip", {"README.txt": b"read me"})
    assert main(["verify", "--json", str(path)]) == 1
    (verdict,) = json.loads(capsys.readouterr().out)
    assert (verdict["archive"], verdict["ok"], verdict["entries"]) == (str(path), False, 3)
    assert "executions/execution_1_aaaaaaaa/stdout.txt" in {
        problem["path"] for problem in verdict["problems"]
    }
