from __future__ import annotations

import json
import os
from datetime import timedelta

import pytest

from jupyter_session_export.cli.command import main
from jupyter_session_export.cli.listing import age
from jupyter_session_export.records.times import now
from jupyter_session_export.store.catalog import Catalog
from jupyter_session_export.store.record import Record
from tests.unit.client.fake_server import Running


def test_sessions_are_listed_the_newest_first(
    catalog: Catalog, live: tuple[Record, Running], capsys: pytest.CaptureFixture[str]
) -> None:
    """One line each, in aligned columns."""
    assert main(["list", "--data-dir", str(catalog.data_dir)]) == 0
    titles, second, first = capsys.readouterr().out.splitlines()
    assert second.startswith("Session2")
    assert first.startswith("Session1")
    for title, word in (("OWNER", "bob"), ("STATE", "live"), ("EXECUTIONS", "0")):
        assert second.index(word, titles.index(title)) == titles.index(title)
    assert "kept" in first


def test_a_list_may_be_json(
    catalog: Catalog, kept: Record, capsys: pytest.CaptureFixture[str]
) -> None:
    """All that `session.json` says, and what the list adds."""
    assert main(["list", "--json", "--data-dir", str(catalog.data_dir)]) == 0
    (listed,) = json.loads(capsys.readouterr().out)
    assert listed["id"] == kept.session.id
    assert (listed["state"], listed["executions"]) == ("kept", 0)
    assert listed["bytes"] > 0


def test_an_empty_folder_is_told(catalog: Catalog, capsys: pytest.CaptureFixture[str]) -> None:
    """To a person, not on stdout; and nothing is made by asking."""
    assert main(["list", "--data-dir", str(catalog.data_dir)]) == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert str(catalog.data_dir) in captured.err
    assert not catalog.data_dir.exists()


def test_a_damaged_session_spares_the_others(
    catalog: Catalog, kept: Record, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is named, and the exit code says that something is wrong."""
    folder = catalog.data_dir / "sessions" / ("e" * 32)
    folder.mkdir(mode=0o700)
    (folder / "session.json").write_text("{")
    os.utime(folder, (0, 0))  # nobody begins a session there now
    assert main(["list", "--data-dir", str(catalog.data_dir)]) == 1
    captured = capsys.readouterr()
    assert "Session1" in captured.out
    assert "e" * 32 in captured.err


def test_a_record_that_cannot_be_read_is_listed(
    catalog: Catalog, kept: Record, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is known without it is shown."""
    kept.folder.database.write_bytes(b"no database")
    main(["list", "--data-dir", str(catalog.data_dir)])
    assert "unreadable" in capsys.readouterr().out


def test_ages_are_readable() -> None:
    """Also where a clock was set back."""
    present = now()
    assert age(present - timedelta(hours=25), present) == "1 d 1 h ago"
    assert age(present + timedelta(hours=1), present) == "0 s ago"
