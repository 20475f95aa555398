from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

import pytest

from jupyter_session_export.client.client import SessionExportClient
from jupyter_session_export.client.delivery import Delivered, deliver
from jupyter_session_export.client.destination import Destination
from jupyter_session_export.client.job import Progress, Request
from jupyter_session_export.errors import (
    ArchiveUnreadable,
    DestinationUnwritable,
    ServerRefused,
    ServerUnreachable,
)
from tests.unit.client.fake_server import Running


def ignore(progress: Progress) -> None:
    """A report that nobody reads."""


def test_a_zip_is_written_and_counted(
    server: Running, client: SessionExportClient, tmp_path: Path
) -> None:
    """It has the name that the server gave it, and nothing else is left beside it."""
    server.script.left_out = 3
    delivered = deliver(client, Request(), Destination(tmp_path), ignore)
    assert delivered.path == tmp_path / "session_export_2026-01-31.zip"
    assert delivered.path.read_bytes() == server.script.zip
    assert (delivered.executions, delivered.files, delivered.left_out) == (2, 5, 3)
    assert list(tmp_path.iterdir()) == [delivered.path]


def test_the_server_lets_go_of_a_zip_that_arrived(
    server: Running, client: SessionExportClient, tmp_path: Path
) -> None:
    """Nobody else asks for it; it is deleted once, after it was fetched."""
    deliver(client, Request(), Destination(tmp_path), ignore)
    route = "/base/session-export/api/exports/job1"
    assert server.script.requests[-2:] == [("GET", f"{route}/download"), ("DELETE", route)]


def test_a_server_that_keeps_a_zip_harms_nothing(
    server: Running, client: SessionExportClient, tmp_path: Path
) -> None:
    """What was asked for is there."""
    server.script.delete = "refused"
    assert deliver(client, Request(), Destination(tmp_path), ignore).path.is_file()
    assert server.script.cancelled.is_set()


def test_a_server_that_says_nothing_harms_nothing(
    server: Running,
    client: SessionExportClient,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is waited for, but not for long."""
    monkeypatch.setattr("jupyter_session_export.client.client.CANCEL_TIMEOUT", 0.1)
    server.script.delete = "held"
    assert deliver(client, Request(), Destination(tmp_path), ignore).path.is_file()


def test_an_interrupt_after_the_zip_arrived_comes_too_late(
    client: SessionExportClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends the wait for the server; the export has been made."""

    def interrupt(self: SessionExportClient, export_id: str) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(SessionExportClient, "cancel", interrupt)
    assert deliver(client, Request(), Destination(tmp_path), ignore).path.is_file()


def test_progress_goes_from_preparing_to_downloading(
    server: Running, client: SessionExportClient, tmp_path: Path
) -> None:
    """What the server prepares and what is fetched are told apart."""
    reports: list[Progress] = []
    deliver(client, Request(), Destination(tmp_path), reports.append)
    assert [report.stage for report in reports][:2] == ["preparing", "preparing"]
    assert reports[-1].stage == "downloading"
    assert reports[-1].percent == 100.0


def test_a_name_from_the_server_stays_in_the_folder(
    server: Running, client: SessionExportClient, tmp_path: Path
) -> None:
    """A hostile server can't choose the folder."""
    folder = tmp_path / "folder"
    folder.mkdir()
    server.script.filename = "../../evil.zip"
    assert deliver(client, Request(), Destination(folder), ignore).path == folder / "evil.zip"


@pytest.mark.parametrize("stage", ["preparing", "downloading"])
def test_an_interrupt_cancels_the_job_and_leaves_nothing(
    server: Running, client: SessionExportClient, tmp_path: Path, stage: str
) -> None:
    """Ctrl-C at any time: no file, no job."""
    server.script.download = "held"

    def interrupt(progress: Progress) -> None:
        if progress.stage == stage:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        deliver(client, Request(), Destination(tmp_path), interrupt)
    assert server.script.cancelled.is_set()
    assert list(tmp_path.iterdir()) == []


def test_a_transfer_that_breaks_off_leaves_nothing(
    server: Running, client: SessionExportClient, tmp_path: Path
) -> None:
    """Half a ZIP is no ZIP."""
    server.script.download = "cut"
    with pytest.raises(ServerUnreachable):
        deliver(client, Request(), Destination(tmp_path), ignore)
    assert list(tmp_path.iterdir()) == []


def test_a_transfer_that_the_server_ended_has_its_reason(
    server: Running, client: SessionExportClient, tmp_path: Path
) -> None:
    """The connection only breaks; why is in the job."""
    server.script.download = "cut"
    server.script.polls = ["ready", "failed"]
    server.script.error = {"code": "SOURCE_CHANGED", "message": "A file changed.", "detail": None}
    with pytest.raises(ServerRefused) as told:
        deliver(client, Request(), Destination(tmp_path), ignore)
    assert told.value.code == "SOURCE_CHANGED"


def test_a_full_disk_is_told_and_cancels_the_job(
    server: Running,
    client: SessionExportClient,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The server need not keep what can't be taken."""

    def fail(*_: Any) -> NoReturn:
        raise DestinationUnwritable("No room.")

    monkeypatch.setattr("jupyter_session_export.client.destination.PartialFile.write", fail)
    with pytest.raises(DestinationUnwritable):
        deliver(client, Request(), Destination(tmp_path), ignore)
    assert server.script.cancelled.is_set()
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_zip_is_told(tmp_path: Path) -> None:
    """Counting needs a ZIP."""
    path = tmp_path / "x.zip"
    path.write_bytes(b"no zip")
    with pytest.raises(ArchiveUnreadable):
        Delivered.inspect(path, 0)
