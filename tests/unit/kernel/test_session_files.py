from __future__ import annotations

import json
from pathlib import Path

import pytest

from jupyter_session_export import session_files
from jupyter_session_export.errors import (
    FileMissing,
    InvalidName,
    InvalidRequest,
    NoRecordingServer,
)
from jupyter_session_export.kernel.download_link import DownloadLink

ID = "a" * 32


@pytest.fixture
def outputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that this kernel was told of."""
    outputs = tmp_path / "outputs"
    outputs.mkdir()
    access = {
        "url": "http://127.0.0.1:1/user/ada/",
        "key": "k",
        "session_id": ID,
        "files": str(outputs),
    }
    (tmp_path / "access.json").write_text(json.dumps(access))
    monkeypatch.setenv("JPY_SESSION_EXPORT", str(tmp_path / "access.json"))
    return outputs


def test_files_are_saved_listed_and_deleted(outputs: Path) -> None:
    """The paths that come back are those to go on with."""
    saved = session_files.save("a.txt", "text")
    assert saved == outputs / "single/a.txt"
    (session_files.bulk("many") / "1").write_bytes(b"1")
    assert [file.path for file in session_files.list()] == ["bulk/many/1", "single/a.txt"]
    assert session_files.path == outputs
    session_files.delete(saved)
    session_files.delete("bulk/many")
    assert session_files.list() == []


def test_a_link_is_for_the_browser(outputs: Path) -> None:
    """It names the session, keeps the base URL, and quotes what HTML and URLs must not have."""
    session_files.save("a & b#.txt", b"")
    link = session_files.download("single/a & b#.txt")
    assert isinstance(link, DownloadLink)
    prefix = f"/user/ada/session-export/api/sessions/{ID}/files"
    assert str(link) == f"{prefix}/single/a%20%26%20b%23.txt"
    assert link._repr_html_() == f'<a href="{link}" download>a &amp; b#.txt</a>'
    assert str(session_files.download()) == f"{prefix}/download?category=bulk"
    with pytest.raises(FileMissing):
        session_files.download("single/none")


@pytest.mark.usefixtures("outputs")
@pytest.mark.parametrize("name", ["../x", "/etc/x", "a\0b"])
def test_no_name_leads_out(name: str) -> None:
    """Neither to save nor for a folder."""
    with pytest.raises(InvalidName):
        session_files.save(name, b"")
    with pytest.raises(InvalidName):
        session_files.bulk(name)
    with pytest.raises(FileMissing):
        session_files.delete(name)


@pytest.mark.usefixtures("outputs")
def test_what_has_no_bytes_is_refused() -> None:
    """With what would do, and nothing is made."""
    with pytest.raises(InvalidRequest, match="A dict can't be saved"):
        session_files.save("a", {})
    with pytest.raises(InvalidRequest, match="can't be read"):
        session_files.save("a", Path("/nowhere/at/all"))
    assert session_files.list() == []


def test_a_kernel_without_files_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No server, a server that keeps none, or a folder on another machine: what to do."""
    path = tmp_path / "access.json"
    monkeypatch.delenv("JPY_SESSION_EXPORT", raising=False)
    for files in (None, "", str(tmp_path / "elsewhere")):
        with pytest.raises(NoRecordingServer) as caught:
            session_files.save("a", b"")
        assert caught.value.detail
        access = {"url": "http://127.0.0.1:1/", "key": "k", "session_id": ID, "files": files}
        path.write_text(json.dumps(access))
        monkeypatch.setenv("JPY_SESSION_EXPORT", str(path))
