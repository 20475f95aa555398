from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from jupyter_session_export.cli.command import main
from jupyter_session_export.cli.signals import Terminated, ending_by_exception
from tests.unit.client.test_fetching import serving
from tests.unit.importing.hostile import SESSION_ID, Evil, packed

SOUND = packed([Evil("data/a.txt", b"a" * 1000), Evil("data/b:c", b"b")])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, which has a ZIP in a folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    (tmp_path / "in/export.zip").write_bytes(SOUND)
    return tmp_path


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_a_zip_is_unpacked_beside_itself(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By its own name; the path is the result, the rest is said to a person."""
    assert main(["import", "in/export.zip"]) == 0
    captured = capsys.readouterr()
    assert captured.out == f"{folder / 'in/export'}\n"
    assert "5 files" in captured.err
    assert "renamed: data/b:c is data/b_c here" in captured.err
    assert (folder / "in/export/data/a.txt").read_bytes() == b"a" * 1000


@pytest.mark.parametrize(
    ("to", "where"), [("in", "in/export"), ("new", "new"), ("in/x.zip", "in/x.zip")]
)
def test_the_folder_may_be_named(folder: Path, to: str, where: str) -> None:
    """An existing one is what the new one is made in."""
    assert main(["import", "in/export.zip", "--to", to]) == 0
    assert (folder / where / "data/a.txt").exists()


@pytest.mark.parametrize("to", ["in/export.zip", "no/such", "in/export.zip/x", "\0", "~nobody-x/y"])
def test_a_folder_that_cannot_be_made_is_told(
    folder: Path, to: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With its code, before anything is read."""
    before = names(folder)
    assert main(["import", "in/export.zip", "--to", to]) == 1
    assert "[DESTINATION_UNWRITABLE]" in capsys.readouterr().err
    assert names(folder) == before


def test_the_result_may_be_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whose session it was, and what was renamed."""
    assert main(["import", "in/export.zip", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "path": str(folder / "in/export"),
        "session_id": SESSION_ID,
        "files": 5,
        "bytes": sum(path.stat().st_size for path in (folder / "in/export").rglob("*.*")) + 1,
        "renamed": [{"path": "data/b:c", "name": "data/b_c"}],
    }


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, "ARCHIVE_UNREADABLE"),
        (b"no zip", "ARCHIVE_UNREADABLE"),
        (packed([], foreign=True), "ARCHIVE_UNREADABLE"),
        (SOUND[:-30], "ARCHIVE_UNREADABLE"),
        (SOUND.replace(b"b" * 1, b"c", 1), "ARCHIVE_DAMAGED"),
        (packed([Evil("../evil")]), "ARCHIVE_REFUSED"),
    ],
    ids=["missing", "no zip", "foreign", "cut", "damaged", "hostile"],
)
def test_what_cannot_be_imported_has_a_code(
    folder: Path, content: bytes | None, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """In one line, or as JSON; nothing is left behind."""
    if content is not None:
        (folder / "x.zip").write_bytes(content)
    before = names(folder)
    assert main(["import", "x.zip"]) == 1
    captured = capsys.readouterr()
    assert (captured.out, captured.err.count("\n")) == ("", 1)
    assert f"[{code}]" in captured.err
    assert main(["import", "x.zip", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["code"] == code
    assert names(folder) == before


@pytest.mark.parametrize(
    "limit", [["--max-bytes", "1000"], ["--max-files", "4"], ["--max-ratio", "0.001"]]
)
def test_the_limits_may_be_set(
    folder: Path, limit: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A ratio counts beyond 256 MB only."""
    code = 0 if limit[0] == "--max-ratio" else 1
    assert main(["import", "in/export.zip", *limit]) == code
    assert ("[ARCHIVE_REFUSED]" in capsys.readouterr().err) is bool(code)


def test_a_url_is_fetched_resumed_and_unpacked_here(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the URL's name; the ZIP itself does not stay."""
    monkeypatch.setattr("jupyter_session_export.client.fetching.FIRST_PAUSE", 0.0)
    with serving(body=SOUND, cuts=[300, None]) as script:
        assert main(["import", script.url, "--token", "t"]) == 0
    assert capsys.readouterr().out == f"{folder / 'the export'}\n"
    assert [headers["Authorization"] for headers in script.requests] == ["token t"] * 2
    assert sorted(path.name for path in folder.iterdir()) == ["in", "the export"]


def test_a_url_that_fails_leaves_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Also where what came is no ZIP of ours."""
    before = names(folder)
    with serving(statuses=[404], body=b"") as script:
        assert main(["import", script.url]) == 1
    assert "[SERVER_REFUSED]" in capsys.readouterr().err
    with serving(body=packed([], foreign=True)) as script:
        assert main(["import", script.url]) == 1
    assert "[ARCHIVE_UNREADABLE]" in capsys.readouterr().err
    assert names(folder) == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_an_import_and_leaves_nothing(
    folder: Path, number: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the middle of unpacking; those that follow don't disturb the tidying up."""
    from jupyter_session_export.importing.unpack import Unpacking  # noqa: PLC0415 - patched

    write = Unpacking._make_folder

    def interrupted(self: Unpacking, name: str) -> None:
        write(self, name)
        if name == "data":
            os.kill(os.getpid(), number)

    rmtree = __import__("shutil").rmtree

    def disturbed(path: Path) -> None:
        os.kill(os.getpid(), number)
        rmtree(path)

    monkeypatch.setattr(Unpacking, "_make_folder", interrupted)
    monkeypatch.setattr("shutil.rmtree", disturbed)
    handler = signal.getsignal(number)
    before = names(folder)
    assert main(["import", "in/export.zip"]) == 128 + number
    assert names(folder) == before
    assert signal.getsignal(number) is handler


def test_an_ignored_signal_stays_ignored() -> None:
    """What was started with nohup outlives its terminal."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with ending_by_exception():
            os.kill(os.getpid(), signal.SIGHUP)
        with pytest.raises(Terminated) as ended, ending_by_exception():
            os.kill(os.getpid(), signal.SIGTERM)
        assert ended.value.signal == signal.SIGTERM
    finally:
        signal.signal(signal.SIGHUP, before)
