from __future__ import annotations

import shutil
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from subprocess import Popen

import pytest

from jupyter_session_export.errors import StoreDamaged, StoreTooNew, StoreUnavailable
from jupyter_session_export.store import connection as module
from jupyter_session_export.store.connection import connect_reader, connect_writer
from jupyter_session_export.store.folder import SessionFolder
from jupyter_session_export.store.migration import Migration, known_migrations

Child = Callable[..., "Popen[str]"]
HOT_JOURNAL = """
import sys
from pathlib import Path
from jupyter_session_export.store import connection
from jupyter_session_export.store.folder import SessionFolder
connection.bears_wal = lambda folder: False
writer = connection.connect_writer(SessionFolder(Path(sys.argv[1])))
writer.execute("PRAGMA cache_spill = ON")
writer.execute("PRAGMA cache_size = 2")
writer.execute("UPDATE counters SET position = 41")
writer.execute("BEGIN IMMEDIATE")
writer.execute("UPDATE counters SET position = 42")
for n in range(300):
    writer.execute("INSERT INTO log_lines VALUES (?, 'activity', ?, 42)", (n, "x" * 4000))
print("spilled", flush=True)
sys.stdin.read()
"""
READ_ONLY = """
import os, sys
from pathlib import Path
from jupyter_session_export.store.connection import connect_reader, connect_writer
from jupyter_session_export.store.folder import SessionFolder
from jupyter_session_export.store.migration import known_migrations
from jupyter_session_export.errors import StoreUnavailable
folder = Path(sys.argv[1])
folder.chmod(0o500)
(folder / "record.sqlite3").chmod(0o400)
# Python loads parts of itself late, from where the other account may not read.
known_migrations(), Path("/").as_uri()
if os.geteuid() == 0:
    for path in (folder.parent, folder, *folder.rglob("*")):
        os.chown(path, 65534, 65534)
    os.seteuid(65534)
print(connect_reader(SessionFolder(folder)).execute("SELECT position FROM counters").fetchone()[0])
try:
    connect_writer(SessionFolder(folder))
except StoreUnavailable as error:
    print(error.code, flush=True)
"""


def position(folder: SessionFolder) -> int:
    with closing(connect_reader(folder)) as reader:
        return int(reader.execute("SELECT position FROM counters").fetchone()[0])


def test_all_its_files_are_private(folder: SessionFolder) -> None:
    """The database and the files that SQLite puts beside it are 0600."""
    with closing(connect_writer(folder)) as writer:
        writer.execute("UPDATE counters SET position = 1")
        files = list(folder.path.glob("record.sqlite3*"))
        assert len(files) == 3
        assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_foreign_keys_hold(folder: SessionFolder) -> None:
    """A member can't refer to content that isn't kept."""
    with closing(connect_writer(folder)) as writer, pytest.raises(sqlite3.IntegrityError):
        writer.execute("INSERT INTO members VALUES (1, 0, 'a', x'00', 0, 0, 0, 0, 0)")


def test_without_a_log_there_is_a_rollback_journal(
    folder: SessionFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the probe says no, nothing needs shared memory, and readers read all the same."""
    monkeypatch.setattr(module, "bears_wal", lambda _: False)
    with closing(connect_writer(folder)) as writer:
        assert writer.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        writer.execute("UPDATE counters SET position = 5")
        assert not list(folder.path.glob("*-shm"))
        assert position(folder) == 5


def test_readers_see_what_is_committed_while_it_is_written(folder: SessionFolder) -> None:
    """An open transaction neither shows nor blocks."""
    with closing(connect_writer(folder)) as writer:
        writer.execute("UPDATE counters SET position = 1")
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE counters SET position = 2")
        assert position(folder) == 1
        writer.execute("COMMIT")
        assert position(folder) == 2


def test_readers_can_not_write(folder: SessionFolder) -> None:
    """A reader's connection refuses changes."""
    connect_writer(folder).close()
    with closing(connect_reader(folder)) as reader, pytest.raises(sqlite3.OperationalError):
        reader.execute("UPDATE counters SET position = 1")


def test_a_newer_record_is_left_byte_for_byte(folder: SessionFolder) -> None:
    """Neither a writer nor a reader touches what a newer version wrote."""
    newer = Migration(len(known_migrations()) + 1, "newer", "CREATE TABLE newer (a);")
    connect_writer(folder, [*known_migrations(), newer]).close()
    before = folder.database.read_bytes()
    for connect in (connect_writer, connect_reader):
        with pytest.raises(StoreTooNew):
            connect(folder)
    assert folder.database.read_bytes() == before


@pytest.mark.parametrize("content", [b"not a database" * 1000, b"SQLite format 3\0" + b"\1" * 9000])
def test_garbage_is_damage(folder: SessionFolder, content: bytes) -> None:
    """A file that is no database is told as such, and left as it is."""
    folder.database.write_bytes(content)
    for connect in (connect_writer, connect_reader):
        with pytest.raises(StoreDamaged):
            connect(folder)
    assert folder.database.read_bytes() == content


@pytest.mark.parametrize("empty", [True, False])
def test_readers_make_no_record(folder: SessionFolder, *, empty: bool) -> None:
    """What is missing or empty is damage to a reader, and stays so."""
    if empty:
        folder.database.touch()
    with pytest.raises(StoreDamaged):
        connect_reader(folder)
    assert folder.database.exists() == empty


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm", "-journal"])
def test_links_are_refused(folder: SessionFolder, tmp_path: Path, suffix: str) -> None:
    """SQLite would follow a link; it doesn't get to."""
    Path(str(folder.database) + suffix).symlink_to(tmp_path / "nowhere")
    with pytest.raises(StoreUnavailable):
        connect_writer(folder)
    assert not (tmp_path / "nowhere").exists()


def test_a_folder_in_its_place_is_unavailable(folder: SessionFolder) -> None:
    """A database that can't be opened is our error."""
    folder.database.mkdir()
    with pytest.raises(StoreUnavailable):
        connect_writer(folder)


def test_a_reader_rolls_back_what_a_killed_writer_left(folder: SessionFolder, child: Child) -> None:
    """With a rollback journal the half-written transaction of a killed process is not read."""
    process = child(HOT_JOURNAL, folder.path)
    assert process.stdout is not None
    assert process.stdout.readline() == "spilled\n"
    process.kill()
    process.wait()
    assert Path(f"{folder.database}-journal").stat().st_size > 0
    assert position(folder) == 41


def test_a_read_only_folder_can_be_read(folder: SessionFolder, child: Child) -> None:
    """Reading needs no write permission; writing is refused with our error."""
    connect_writer(folder).close()
    # Where an account without rights can get to.
    place = Path("/tmp") / f"read-only-{folder.path.parent.name}-{id(folder)}"  # noqa: S108
    place.mkdir(mode=0o755)
    try:
        shutil.copytree(folder.path, place / folder.session_id)
        output, _ = child(READ_ONLY, place / folder.session_id).communicate()
    finally:
        (place / folder.session_id).chmod(0o700)
        shutil.rmtree(place)
    assert output.split() == ["0", "STORE_UNAVAILABLE"]
