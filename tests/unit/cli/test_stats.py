from __future__ import annotations

import json

import pytest

from jupyter_session_export.cli.command import main
from jupyter_session_export.store.catalog import Catalog
from jupyter_session_export.store.record import Record
from tests.unit.client.fake_server import Running


def test_a_record_is_counted_without_a_server(
    catalog: Catalog, kept: Record, capsys: pytest.CaptureFixture[str]
) -> None:
    """One figure a line, sections indented, sizes readable."""
    assert main(["stats", "1", "--data-dir", str(catalog.data_dir)]) == 0
    out = capsys.readouterr().out
    assert kept.session.id in out
    assert "executions\n" in out
    assert "0 bytes" in out
    assert "first started at  -" in out


def test_a_live_session_is_asked_of_its_server(
    catalog: Catalog, live: tuple[Record, Running], capsys: pytest.CaptureFixture[str]
) -> None:
    """It alone knows what is not written yet."""
    assert main(["stats", "--json", "--data-dir", str(catalog.data_dir)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["executions"], told["bytes"]) == (2, {"stdout": 5})


def test_a_server_that_does_not_answer_is_told(
    catalog: Catalog, live: tuple[Record, Running], capsys: pytest.CaptureFixture[str]
) -> None:
    """What the disk holds may be behind; nothing is guessed from it."""
    record, server = live
    access = json.dumps({**server.access(), "url": "http://127.0.0.1:1/"})
    record.folder.write_private(record.folder.access_json, access.encode())
    assert main(["stats", "--data-dir", str(catalog.data_dir)]) == 1
    assert "[SERVER_UNREACHABLE]" in capsys.readouterr().err


def test_a_holder_that_is_no_server_is_passed_by(
    catalog: Catalog, live: tuple[Record, Running], capsys: pytest.CaptureFixture[str]
) -> None:
    """A record can be read while something else writes it."""
    record, _ = live
    record.folder.write_private(record.folder.access_json, b"{}")
    assert main(["stats", "--data-dir", str(catalog.data_dir)]) == 0
    assert record.session.id in capsys.readouterr().out
