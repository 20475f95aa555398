from __future__ import annotations

import json
import os
import zipfile
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, NoReturn

import pytest

from jupyter_session_export.archive.verify import verify
from jupyter_session_export.cli.command import main
from jupyter_session_export.exports.request import ExportRequest
from jupyter_session_export.records.session import SessionKey
from jupyter_session_export.sessions.local import exporting
from jupyter_session_export.store.catalog import Catalog
from jupyter_session_export.store.record import Record
from tests.unit.client.fake_server import Running


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, empty."""
    folder = tmp_path / "folder"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def test_without_a_server_the_record_is_exported_directly(
    catalog: Catalog, kept: Record, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The path is the result; what is in the ZIP is said to a person."""
    assert main(["export", "--data-dir", str(catalog.data_dir)]) == 0
    captured = capsys.readouterr()
    path = Path(captured.out.strip())
    assert path.parent == folder
    assert path.name == f"session_export_{datetime.now(timezone.utc):%Y-%m-%d}.zip"
    assert verify(path).ok
    assert list(folder.iterdir()) == [path]
    assert "0 executions" in captured.err


def test_a_live_session_is_asked_of_its_server(
    catalog: Catalog,
    live: tuple[Record, Running],
    folder: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It alone knows what is not written yet."""
    record, server = live
    assert main(["export", "2", "x.zip", "--data-dir", str(catalog.data_dir)]) == 0
    assert (folder / "x.zip").read_bytes() == server.script.zip
    assert server.script.bodies[0]["session_id"] == record.session.id
    assert capsys.readouterr().out.strip() == str(folder / "x.zip")


def test_a_lone_path_is_the_newest_sessions(
    catalog: Catalog, live: tuple[Record, Running], folder: Path
) -> None:
    """`export x.zip` needs no session."""
    assert main(["export", "x.zip", "--data-dir", str(catalog.data_dir)]) == 0
    assert (folder / "x.zip").exists()


def test_options_reach_the_server(
    catalog: Catalog, live: tuple[Record, Running], folder: Path
) -> None:
    """The notebook's path is relative to the server's root, as everywhere."""
    arguments = ["--notebook", "a/b.ipynb", "--include", "code, data", "--compression", "fast"]
    main(["export", *arguments, "--data-dir", str(catalog.data_dir)])
    (body,) = live[1].script.bodies
    assert body["scope"] == "notebook"
    assert body["path"] == "a/b.ipynb"
    assert body["include"] == ["code", "data"]
    assert body["compression"] == "fast"


def test_a_notebook_may_be_named_from_here(
    catalog: Catalog, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a shell completes it, where it is one of the session's root folder."""
    requests: list[ExportRequest] = []

    def note(catalog: Catalog, session: str, path: Path, request: ExportRequest, **_: Any) -> None:
        requests.append(request)
        raise KeyboardInterrupt

    monkeypatch.setattr(exporting, "export_to_file", note)
    catalog.open(SessionKey("ada", str(folder.resolve()))).close()
    (folder / "sub").mkdir()
    (folder / "sub" / "b.ipynb").touch()
    monkeypatch.chdir(folder / "sub")
    for name in ("b.ipynb", "sub/b.ipynb"):
        main(["export", "--notebook", name, "--data-dir", str(catalog.data_dir)])
    assert [request.path for request in requests] == [
        str(folder.resolve() / "sub" / "b.ipynb"),
        "sub/b.ipynb",
    ]


@pytest.mark.parametrize("name", ["~nouser_xyz/a.ipynb", "x" * 300 + ".ipynb", "a\0b.ipynb"])
@pytest.mark.usefixtures("folder", "kept")
def test_a_notebook_that_can_be_no_path_is_one_line(
    catalog: Catalog, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """It is none of the session's, and no traceback tells so."""
    assert main(["export", "--notebook", name, "--data-dir", str(catalog.data_dir)]) != 0
    assert capsys.readouterr().err.strip().count("\n") == 0


def test_options_hold_without_a_server(catalog: Catalog, kept: Record, folder: Path) -> None:
    """The same request is checked and followed here."""
    assert main(["export", "x.zip", "--include", "logs", "--data-dir", str(catalog.data_dir)]) == 0
    names = zipfile.ZipFile(folder / "x.zip").namelist()
    assert not any(name.startswith(("code/", "data/")) for name in names)


def test_an_unknown_section_is_a_wrong_call(
    catalog: Catalog, kept: Record, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The known ones are named, and no file is made."""
    assert main(["export", "--include", "soup", "--data-dir", str(catalog.data_dir)]) == 2
    assert "executions" in capsys.readouterr().err
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("wanted", ["missing/x.zip", "/proc/x.zip"])
def test_an_unwritable_path_is_one_line(
    catalog: Catalog,
    kept: Record,
    folder: Path,
    wanted: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Before anything is exported."""
    assert main(["export", wanted, "--data-dir", str(catalog.data_dir)]) == 1
    assert "[DESTINATION_UNWRITABLE]" in capsys.readouterr().err


def test_an_interrupt_leaves_nothing(
    catalog: Catalog, kept: Record, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither half a ZIP nor a hidden rest of one."""

    def interrupt(catalog: Catalog, session: str, path: Path, *_: object, **__: object) -> NoReturn:
        path.write_bytes(b"half a ZIP")
        raise KeyboardInterrupt

    monkeypatch.setattr(exporting, "export_to_file", interrupt)
    assert main(["export", "--data-dir", str(catalog.data_dir)]) == 130
    assert list(folder.iterdir()) == []


def test_a_result_may_be_json(
    catalog: Catalog, kept: Record, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the session that it is of."""
    assert main(["export", "x.zip", "--json", "--data-dir", str(catalog.data_dir)]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["session_id"] == kept.session.id
    assert result["path"] == str(folder / "x.zip")
    assert result["bytes"] == (folder / "x.zip").stat().st_size
    assert result["executions"] == 0


def test_files_are_as_open_as_others(catalog: Catalog, kept: Record, folder: Path) -> None:
    """The ZIP is the person's own file; the umask says who reads it."""
    before = os.umask(0o022)
    try:
        main(["export", "x.zip", "--data-dir", str(catalog.data_dir)])
    finally:
        os.umask(before)
    assert (folder / "x.zip").stat().st_mode & 0o777 == 0o644
