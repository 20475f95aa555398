"""`doctor FILE` tells why a file is taken or not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_session_export.cli.command import main
from jupyter_session_export.records.session import SessionKey
from jupyter_session_export.store.catalog import Catalog

NAME = "cam1_session2_20250502_101500.mp4"


@pytest.fixture
def root(catalog: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A root folder of three sessions, the newest Session3."""
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "config"))
    root = tmp_path / "root"
    (root / "recordings").mkdir(parents=True)
    records = [catalog.open(SessionKey("ada", str(root))) for _ in range(3)]
    yield root
    for record in records:
        record.close()


def doctor(catalog: Catalog, *arguments: str) -> int:
    return main(["doctor", *arguments, "--data-dir", str(catalog.data_dir)])


def test_a_file_that_is_taken_says_why(
    catalog: Catalog, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And where it goes in the ZIP, and what its time is."""
    (root / "recordings" / NAME).write_bytes(b"1")
    assert doctor(catalog, str(root / "recordings" / NAME), "--session", "2") == 0
    out = capsys.readouterr().out
    assert "taken by Session2, since its name is like {prefix}_session{ID}_{date}" in out
    assert f"in the ZIP as recordings/{NAME}" in out
    assert "at 2025-05-02T10:15:00.000000Z, from its name" in out


def test_a_file_that_is_not_taken_says_why_and_whose_it_is(
    catalog: Catalog, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By default the newest session is asked about."""
    (root / "recordings" / NAME).write_bytes(b"1")
    assert doctor(catalog, str(root / "recordings" / NAME), str(root / "notes.txt")) == 0
    out = capsys.readouterr().out
    assert "not taken by Session3" in out
    assert "of another session: 2" in out
    assert "    taken by Session2" in out
    assert "it lies in none of" in out


def test_its_report_is_json_too(
    catalog: Catalog, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One object for each file."""
    (root / "recordings" / NAME).write_bytes(b"1")
    assert doctor(catalog, str(root / "recordings" / NAME), "--session", "2", "--json") == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["taken"], found["session"], found["taken_by"]) == (True, 2, [])
    assert found["path"] == f"recordings/{NAME}"
    assert found["time_from"] == "name"


def test_settings_decide(
    catalog: Catalog, root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As they do in an export."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "jupyter_session_export_config.py").write_text(
        "c.SessionExport.recordings_dirs = ['media']\n"
        "c.SessionExport.recording_patterns = ['run{ID}']\n"
        "c.SessionExport.recording_types = ['ts']\n"
    )
    (root / "media").mkdir()
    (root / "media" / "run3.ts").write_bytes(b"1")
    assert doctor(catalog, str(root / "media" / "run3.ts")) == 0
    assert "taken by Session3, since its name is like run{ID}" in capsys.readouterr().out


def test_a_pattern_that_names_no_session_is_refused(
    catalog: Catalog, root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """When the settings are read, with the name of the setting."""
    assert root.is_dir()
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "jupyter_session_export_config.py").write_text(
        "c.SessionExport.recording_patterns = ['{prefix}']\n"
    )
    assert doctor(catalog, "a.mp4") == 2
    assert "recording_patterns" in capsys.readouterr().err
