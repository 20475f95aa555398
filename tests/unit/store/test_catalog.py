from __future__ import annotations

import errno
import json
import logging
import os
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_session_export.errors import SessionNotFound, StoreDamaged, StoreUnavailable
from jupyter_session_export.records.session import SessionKey
from jupyter_session_export.records.times import now
from jupyter_session_export.store import catalog as module
from jupyter_session_export.store.catalog import Catalog
from jupyter_session_export.store.record import Record

OPEN = """
import sys
from pathlib import Path
from jupyter_session_export.records.session import SessionKey
from jupyter_session_export.store.catalog import Catalog
record = Catalog(Path(sys.argv[1])).open(SessionKey("ada", "/home/ada"))
print(record.session.id, record.session.number, flush=True)
sys.stdin.read()
"""
Child = Callable[..., "subprocess.Popen[str]"]


def hello(process: subprocess.Popen[str]) -> tuple[str, int]:
    assert process.stdout is not None
    session_id, number = process.stdout.readline().split()
    return session_id, int(number)


def end(record: Record) -> None:
    record.end(now())
    record.close()


def test_nothing_is_made_by_looking(catalog: Catalog) -> None:
    """Listing and finding leave no trace, not even the data folder."""
    assert catalog.sessions() == []
    with pytest.raises(SessionNotFound):
        catalog.find("0" * 32)
    assert not catalog.data_dir.exists()


def test_a_first_session_is_begun(catalog: Catalog, key: SessionKey) -> None:
    """Opening makes the data folder, private, and session number 1."""
    record = catalog.open(key, guest=True)
    session = record.session
    assert (session.number, session.key, session.guest, session.ended_at) == (1, key, True, None)
    assert catalog.sessions() == [session] == [catalog.find(session.id)]
    for path in (catalog.data_dir, record.folder.path.parent, record.folder.path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    for path in record.folder.path.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)
    record.close()


def test_a_session_is_resumed(catalog: Catalog, key: SessionKey) -> None:
    """The same key goes on with its session; another key or kind begins one."""
    first = catalog.open(key)
    first.close()
    again = catalog.open(key)
    assert again.session.id == first.session.id
    again.close()
    others = [
        catalog.open(SessionKey("bob", key.root)),
        catalog.open(SessionKey(key.owner, "/elsewhere")),
        catalog.open(key, guest=True),
    ]
    assert [other.session.number for other in others] == [2, 3, 4]
    for other in others:
        other.close()


def test_the_newest_free_session_is_resumed(catalog: Catalog, key: SessionKey) -> None:
    """While one is held another begins; later the newest that didn't end goes on."""
    first, second, third = catalog.open(key), catalog.open(key), catalog.open(key)
    assert [record.session.number for record in (first, second, third)] == [1, 2, 3]
    end(third)
    second.close()
    again = catalog.open(key)
    assert again.session.number == 2
    again.close()
    first.close()


def test_processes_share_a_data_folder(catalog: Catalog, child: Child, key: SessionKey) -> None:
    """Live processes have sessions of their own; that of a killed one is resumed."""
    processes = [child(OPEN, catalog.data_dir) for _ in range(3)]
    opened = [hello(process) for process in processes]
    assert sorted(number for _, number in opened) == [1, 2, 3]
    newest = max(range(3), key=lambda n: opened[n][1])
    processes[newest].kill()
    processes[newest].wait()
    record = catalog.open(key)
    assert record.session.id == opened[newest][0]
    record.close()


def test_numbers_are_not_given_again(catalog: Catalog, key: SessionKey) -> None:
    """A removed session's number is gone with it."""
    record = catalog.open(key)
    record.close()
    for path in sorted(record.folder.path.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    record.folder.path.rmdir()
    record = catalog.open(key)
    assert record.session.number == 2
    record.close()


def test_owners_see_their_own(catalog: Catalog, key: SessionKey) -> None:
    """Another owner's session is not found, by list, by id or for reading."""
    record = catalog.open(key)
    session = record.session
    assert catalog.sessions("ada") == [session]
    assert catalog.find(session.id, "ada") == session
    assert catalog.sessions("bob") == []
    for ask in (catalog.find, catalog.read):
        with pytest.raises(SessionNotFound):
            ask(session.id, "bob")
    record.close()


@pytest.mark.parametrize(
    "session_id", ["", ".", "..", "../" + "0" * 29, "A" * 32, "0" * 31, "0" * 32 + "\n", "0" * 33]
)
def test_only_ids_are_looked_up(catalog: Catalog, record: Record, session_id: str) -> None:
    """What is not 32 hex digits never becomes a path."""
    for ask in (catalog.find, catalog.read, catalog.live_access, catalog.folder):
        with pytest.raises(SessionNotFound):
            ask(session_id)


def test_a_damaged_session_is_reported_and_the_rest_listed(
    catalog: Catalog, key: SessionKey, caplog: pytest.LogCaptureFixture
) -> None:
    """One broken folder hides nothing else."""
    good, bad = catalog.open(key), catalog.open(key)
    bad.close()
    bad.folder.session_json.write_text("{}")
    with caplog.at_level(logging.WARNING):
        assert catalog.sessions() == [good.session]
    assert [damaged.id for damaged in catalog.damaged] == [bad.session.id]
    assert bad.session.id in caplog.text
    with pytest.raises(StoreDamaged):
        catalog.find(bad.session.id)
    good.close()


def test_a_session_that_is_being_begun_is_not_damaged(catalog: Catalog, record: Record) -> None:
    """Between its lease and its session.json nobody complains of a session."""
    record.folder.session_json.unlink()
    assert catalog.sessions() == []
    assert catalog.damaged == []


def test_a_folder_without_a_lease_may_be_a_session_that_begins(
    catalog: Catalog, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was made moments ago and holds nothing yet is one that was cut off if it stays so."""
    (record.folder.path.parent / ("3" * 32)).mkdir()
    assert catalog.sessions() == [record.session]
    assert (catalog.damaged, catalog.cut_off) == ([], [])
    monkeypatch.setattr(module, "BEGINNING_SECONDS", 0.0)
    assert catalog.sessions() == [record.session]
    assert (catalog.damaged, catalog.cut_off) == ([], ["3" * 32])


@pytest.mark.parametrize("has", ["nothing", "a fact", "a file", "a row that can't be read"])
def test_a_beginning_that_was_cut_off_is_no_damage(
    catalog: Catalog, record: Record, key: SessionKey, has: str
) -> None:
    """Killed before its session.json was written; but what holds anything is damaged."""
    begun = catalog.open(key)
    if has == "a fact":
        begun.set_value("kernel/1", {})
    begun.close()
    folder = begun.folder
    # What was being written at that moment.
    folder.session_json.rename(folder.path / ".session.json.0123456789ab")
    if has == "a file":
        (folder.outputs / "kept.txt").write_text("kept")
    elif has.startswith("a row"):
        folder.database.write_bytes(b"garbage" * 1000)
    assert catalog.sessions() == [record.session]
    expected = ([], [folder.session_id]) if has == "nothing" else ([folder.session_id], [])
    assert ([each.id for each in catalog.damaged], catalog.cut_off) == expected


def test_damage_is_told_once(
    catalog: Catalog, record: Record, caplog: pytest.LogCaptureFixture
) -> None:
    """A page that lists sessions every few seconds fills no log."""
    record.close()
    record.folder.session_json.write_text("{}")
    for _ in range(3):
        assert catalog.sessions() == []
    assert caplog.text.count(record.session.id) == 1


def test_a_folder_that_may_not_be_entered_hides_nothing_else(
    catalog: Catalog, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one that another account has made."""
    strange = record.folder.path.parent / ("4" * 32)
    strange.mkdir()
    monkeypatch.setattr(module, "BEGINNING_SECONDS", 0.0)
    real_stat = os.stat

    def refuse(path: Any, *args: Any, **kwargs: Any) -> os.stat_result:
        if str(path).startswith(f"{strange}/"):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real_stat(path, *args, **kwargs)

    monkeypatch.setattr(os, "stat", refuse)
    monkeypatch.setattr(module, "holds_nothing", lambda folder: False)
    assert catalog.sessions() == [record.session]
    assert [each.id for each in catalog.damaged] == [strange.name]


def test_a_session_that_is_removed_while_it_is_read_is_not_damaged(
    catalog: Catalog, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list may meet a folder that somebody else clears away."""
    monkeypatch.setattr(catalog, "_ids", lambda: {record.session.id, "3" * 32})
    assert catalog.sessions() == [record.session]
    assert catalog.damaged == []


def test_strange_folders_are_not_sessions(catalog: Catalog, record: Record, tmp_path: Path) -> None:
    """Other names, files and links among the sessions are passed over."""
    sessions = record.folder.path.parent
    (sessions / "lost+found").mkdir()
    (sessions / ("1" * 32)).touch()
    (sessions / ("2" * 32)).symlink_to(record.folder.path)
    assert catalog.sessions() == [record.session]
    for name in ("1" * 32, "2" * 32):
        with pytest.raises(SessionNotFound):
            catalog.find(name)


@pytest.mark.parametrize("content", [b"", b"garbage" * 1000])
def test_a_damaged_record_is_left_and_another_begun(
    catalog: Catalog, key: SessionKey, content: bytes
) -> None:
    """What can't be written on is not touched, and recording goes on in a new session."""
    record = catalog.open(key)
    record.close()
    record.folder.database.write_bytes(content)
    other = catalog.open(key)
    assert other.session.number == 2
    assert record.folder.database.read_bytes() == content
    assert not record.folder.lease_json.exists()
    with pytest.raises(StoreDamaged):
        catalog.read(record.session.id)
    other.close()


def test_an_end_between_list_and_lease_counts(
    catalog: Catalog, key: SessionKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A session that another process ended meanwhile is not resumed."""
    record = catalog.open(key)
    listed = [record.session]
    end(record)
    monkeypatch.setattr(catalog, "sessions", lambda _: listed)
    other = catalog.open(key)
    assert other.session.number == 2
    other.close()


def test_access_is_told_while_the_session_is_live(catalog: Catalog, record: Record) -> None:
    """access.json counts only as long as the process that wrote it holds the session."""
    session_id = record.session.id
    assert catalog.live_access(session_id) is None
    record.folder.write_private(record.folder.access_json, json.dumps({"url": "x"}).encode())
    assert catalog.live_access(session_id) == {"url": "x"}
    record.folder.write_private(record.folder.access_json, b"[")
    assert catalog.live_access(session_id) is None
    record.folder.write_private(record.folder.access_json, b"{}")
    record.close()
    assert catalog.live_access(session_id) is None


def test_a_data_folder_that_can_not_be_is_unavailable(tmp_path: Path, key: SessionKey) -> None:
    """A file in the place of a folder is a clear error, at any depth."""
    (tmp_path / "file").touch()
    for data_dir in (tmp_path / "file", tmp_path / "file" / "data"):
        with pytest.raises(StoreUnavailable):
            Catalog(data_dir).open(key)


def test_a_beginning_that_fails_leaves_nothing(
    catalog: Catalog, key: SessionKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A session that could not be written down does not exist."""

    def fail(*_: object, **__: object) -> None:
        raise StoreUnavailable("full")

    with monkeypatch.context() as patch:
        patch.setattr(module, "write_session", fail)
        with pytest.raises(StoreUnavailable):
            catalog.open(key)
    assert not list((catalog.data_dir / "sessions").iterdir())
    assert catalog.sessions() == []


def test_a_kernels_own_session_is_resumed_by_that_kernel_only(catalog: Catalog) -> None:
    """A server with the same root begins its own."""
    own = SessionKey("ada", "/home/ada", "a kernel")
    ids = []
    for key in (own, SessionKey("ada", "/home/ada"), SessionKey("ada", "/home/ada", "b"), own):
        record = catalog.open(key)
        record.close()
        ids.append(record.session.id)
    assert len(set(ids)) == 3
    assert ids[0] == ids[3]
    assert catalog.find(ids[0]).kernel == "a kernel"
