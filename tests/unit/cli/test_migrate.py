from __future__ import annotations

import json
from pathlib import Path

import pytest

from jupyter_session_export.cli.command import main
from jupyter_session_export.store.catalog import Catalog
from jupyter_session_export.store.record import Record


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """A folder with the old layout."""
    for name in ("single/a.txt", "bulk/run/1.txt"):
        path = tmp_path / "shared/outputs" / name
        path.parent.mkdir(parents=True)
        path.write_text(name)
    return tmp_path / "shared"


def run(catalog: Catalog, *arguments: object) -> int:
    return main(["migrate", *map(str, arguments), "--data-dir", str(catalog.data_dir)])


def test_a_folder_is_taken_over_and_given_back(
    catalog: Catalog, kept: Record, shared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """First only said, then done with a backup, then undone."""
    assert run(catalog, shared, "--dry-run") == 0
    assert "2 files, 26 bytes would be taken into session" in capsys.readouterr().out
    assert run(catalog, shared, "--backup", "--session", "1") == 0
    captured = capsys.readouterr()
    assert kept.session.id in captured.out
    assert "session_export-migration-1/backup" in captured.err
    assert (kept.folder.outputs / "bulk/run/1.txt").read_text() == "bulk/run/1.txt"
    assert run(catalog, shared, "--rollback", "--json") == 0
    assert json.loads(capsys.readouterr().out)["rolled_back"] is True
    assert (shared / "outputs/bulk/run/1.txt").read_text() == "bulk/run/1.txt"
    assert list(kept.folder.outputs.iterdir()) == []


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("arguments", [["--rollback"], []])
def test_nothing_to_do_is_a_problem(
    catalog: Catalog, tmp_path: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Told with its code."""
    (tmp_path / "empty").mkdir()
    assert run(catalog, tmp_path / "empty", *arguments) == 1
    assert "MIGRATION_FAILED" in capsys.readouterr().err


@pytest.mark.usefixtures("kept")
def test_a_folder_that_is_none_is_refused(
    catalog: Catalog, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As a mistake in the command."""
    assert run(catalog, tmp_path / "nowhere") == 2
    assert "INVALID_REQUEST" in capsys.readouterr().err
