"""The data folder is tried, and who may read what lies in it is looked at."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from jupyter_session_export.cli.doctor.folder import examine_folder
from jupyter_session_export.records.session import SessionKey
from jupyter_session_export.store.catalog import Catalog


def codes(data_dir: Path) -> list[str]:
    return [finding.code for finding in examine_folder(data_dir)]


def test_a_folder_that_can_be_made_is_well_and_not_made(tmp_path: Path) -> None:
    """Nothing is left of the trial."""
    assert codes(tmp_path / "a" / "b") == ["DATA_FOLDER"]
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_sessions_is_tried_where_they_lie(catalog: Catalog) -> None:
    """That may be on another disk."""
    catalog.open(SessionKey("ada", "/lab")).close()
    before = sorted(catalog.data_dir.rglob("*"))
    (finding,) = examine_folder(catalog.data_dir)
    assert "can be written to" in finding.message
    assert sorted(catalog.data_dir.rglob("*")) == before


@pytest.mark.parametrize("obstacle", ["a file", "a link to nowhere", "a file above"])
def test_what_is_no_folder(obstacle: str, tmp_path: Path) -> None:
    """The remedy moves it away."""
    data_dir = tmp_path / "data"
    if obstacle == "a link to nowhere":
        data_dir.symlink_to(tmp_path / "nowhere")
    else:
        data_dir.write_text("")
    (finding,) = examine_folder(data_dir / "below" if obstacle == "a file above" else data_dir)
    assert finding.code == "DATA_FOLDER_NO_FOLDER"
    assert finding.remedy == f"mv {data_dir} {data_dir}.old"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other means than modes")
def test_files_that_others_may_read_are_found_unless_a_folder_keeps_them(catalog: Catalog) -> None:
    """What is 0700 keeps all below it, whatever that is."""
    catalog.open(SessionKey("ada", "/lab")).close()
    (session,) = catalog.sessions_dir.iterdir()
    session.chmod(0o755)
    assert codes(catalog.data_dir) == ["DATA_FOLDER"]
    catalog.data_dir.chmod(0o755)
    catalog.sessions_dir.chmod(0o755)
    (_, finding) = examine_folder(catalog.data_dir)
    assert finding.code == "FILES_OPEN_TO_OTHERS"
    assert finding.facts["paths"] == [str(session)]
    assert finding.remedy == f"chmod -R go-rwx {catalog.data_dir}"
