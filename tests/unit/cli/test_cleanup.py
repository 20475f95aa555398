from __future__ import annotations

import json

import pytest

from jupyter_session_export.cli.command import main
from jupyter_session_export.store.catalog import Catalog
from jupyter_session_export.store.record import Record
from tests.unit.client.fake_server import Running


def test_sessions_go_by_age(
    catalog: Catalog, live: tuple[Record, Running], capsys: pytest.CaptureFixture[str]
) -> None:
    """What is live stays; each is told in a line."""
    arguments = ["cleanup", "--max-age-hours", "0", "--data-dir", str(catalog.data_dir)]
    assert main([*arguments, "--dry-run"]) == 0
    captured = capsys.readouterr()
    assert captured.out.splitlines() == [
        "Session1  would be removed: not active for 0 h",
        "Session2  in use, left alone: not active for 0 h",
    ]
    assert captured.err.startswith("1 session would be removed")
    assert len(catalog.sessions()) == 2
    assert main(arguments) == 0
    assert capsys.readouterr().out.startswith("Session1  removed")
    assert [session.number for session in catalog.sessions()] == [2]


def test_a_report_may_be_json(
    catalog: Catalog, kept: Record, capsys: pytest.CaptureFixture[str]
) -> None:
    """The settings' rules keep what is young."""
    assert main(["cleanup", "--json", "--data-dir", str(catalog.data_dir)]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report == {"dry_run": False, "ended": [], "removed": [], "in_use": [], "failed": []}
    assert kept.folder.path.exists()


@pytest.mark.usefixtures("kept")
def test_a_wrong_age_is_refused(catalog: Catalog, capsys: pytest.CaptureFixture[str]) -> None:
    """As a mistake in the command."""
    arguments = ["cleanup", "--max-age-hours", "-1", "--data-dir", str(catalog.data_dir)]
    assert main(arguments) == 2
    assert "INVALID_REQUEST" in capsys.readouterr().err
