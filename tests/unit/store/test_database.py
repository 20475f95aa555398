from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from jupyter_session_export.errors import StoreDamaged, StoreUnavailable
from jupyter_session_export.store import connection
from jupyter_session_export.store.database import Database
from jupyter_session_export.store.folder import SessionFolder

ADD = "INSERT INTO log_lines (log, json, position) VALUES ('activity', ?, 0)"
KEEP = "INSERT OR IGNORE INTO blobs VALUES (NULL, ?, 4000, 4000, 0, 0, ?)"
LINES = "SELECT json FROM log_lines ORDER BY id"


@pytest.fixture
def database(folder: SessionFolder) -> Iterator[Database]:
    database = Database.for_writing(folder)
    yield database
    database.close()


def add(database: Database, text: str) -> None:
    with database.step():
        database.change(ADD, (text,))


def add_and_fail(database: Database, error: str) -> None:
    """A step whose second change is refused, or which meets a bug."""
    with database.step():
        database.change(ADD, ("half",))
        if error == "bug":
            raise KeyError(error)
        database.change("INSERT INTO members VALUES (9, 0, 'a', x'00', 0, 0, 0, 0, 0)")


def add_many(database: Database) -> None:
    for _ in range(100):
        add(database, "x" * 100_000)


def fill_disk(database: Database) -> None:
    """Let SQLite say that the disk is full."""
    pages = database.rows("PRAGMA page_count")[0][0]
    database.rows(f"PRAGMA max_page_count = {pages}")


def test_nothing_is_seen_before_the_commit(database: Database, folder: SessionFolder) -> None:
    """Readers see what was committed, with the position of that commit."""
    reader = Database.for_reading(folder)
    add(database, "one")
    assert reader.rows(LINES) == []
    database.commit()
    assert reader.rows(LINES) == [("one",)]
    assert reader.rows("SELECT position FROM counters") == [(1,)]
    reader.close()


def test_each_step_has_its_own_position(database: Database) -> None:
    """The position goes up by one with each step."""
    positions = []
    for _ in range(3):
        with database.step() as position:
            positions.append(position)
    assert positions == [1, 2, 3]
    assert database.position == 3


def test_a_step_is_all_or_nothing(database: Database) -> None:
    """What fails takes back its own changes and no others."""
    add(database, "before")
    with pytest.raises(StoreDamaged):
        add_and_fail(database, "refused")
    add(database, "after")
    database.commit()
    assert database.rows(LINES) == [("before",), ("after",)]


def test_a_bug_in_a_step_takes_it_back_too(database: Database) -> None:
    """Any exception undoes the step it leaves."""
    with pytest.raises(KeyError):
        add_and_fail(database, "bug")
    database.commit()
    assert database.rows(LINES) == []


def test_committing_nothing_is_nothing(database: Database) -> None:
    """A commit without changes leaves the position."""
    database.commit()
    assert database.position == 0


def test_a_full_disk_is_told_and_recovered_from(database: Database) -> None:
    """A full disk fails the step; with room again, writing goes on from what was kept."""
    add(database, "before")
    database.commit()
    fill_disk(database)
    with pytest.raises(StoreUnavailable, match="write the record"):
        add_many(database)
    database.rows("PRAGMA max_page_count = 100000")
    add(database, "after")
    database.commit()
    lines = [line for (line,) in database.rows(LINES)]
    assert (lines[0], lines[-1]) == ("before", "after")


def test_a_lost_transaction_is_noticed(database: Database) -> None:
    """If SQLite gives up the transaction, the position is that of the last commit again."""
    add(database, "kept")
    database.commit()
    add(database, "lost")
    database.rows("ROLLBACK")
    add(database, "next")
    assert database.losses == 1
    assert database.position == 2
    database.commit()
    assert database.rows(LINES) == [("kept",), ("next",)]


def test_what_is_kept_is_written_again_as_a_whole(database: Database) -> None:
    """A full disk that lets only a part of it through loses none of it."""
    for n in range(40):
        database.keep(KEEP, (bytes([n]) * 32, b"x" * 4000), 4000)
    database.rows("ROLLBACK")
    fill_disk(database)
    for _ in range(2):
        with pytest.raises(StoreUnavailable):
            database.renew()
    database.rows("PRAGMA max_page_count = 100000")
    database.commit()
    assert database.rows("SELECT count(*), total(length(content)) FROM blobs") == [(40, 160_000)]


def test_a_snapshot_sees_one_instant(database: Database, folder: SessionFolder) -> None:
    """Commits during a snapshot are not seen before its end."""
    reader = Database.for_reading(folder)
    with reader.snapshot():
        assert reader.rows(LINES) == []
        add(database, "later")
        database.commit()
        assert reader.rows(LINES) == []
    assert reader.rows(LINES) == [("later",)]
    reader.close()


def test_threads_share_it(database: Database) -> None:
    """Changes of several threads are all kept."""
    threads = [
        threading.Thread(target=lambda: [add(database, "x") for _ in range(50)]) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    database.commit()
    assert len(database.rows(LINES)) == 200
    assert database.position == 200


def test_what_is_not_committed_goes_with_the_connection(folder: SessionFolder) -> None:
    """Closing keeps what was committed and nothing else."""
    database = Database.for_writing(folder)
    add(database, "kept")
    database.commit()
    add(database, "gone")
    database.close()
    database = Database.for_writing(folder)
    assert database.rows(LINES) == [("kept",)]
    assert database.position == 1
    database.close()


def test_a_wipe_leaves_no_copy_in_free_space(folder: SessionFolder) -> None:
    """Rows that have moved from page to page left copies, which deleting them doesn't overwrite."""
    with closing(Database.for_writing(folder)) as database:
        database.change("CREATE TABLE moved (id INTEGER PRIMARY KEY, text TEXT)")
        numbers = sorted(range(1000), key=lambda number: number * 7919 % 1000)
        for number in numbers:
            text = "planted" * (number * 31 % 200)
            database.change("INSERT INTO moved VALUES (?, ?)", (number, text))
        database.commit()
        database.change("DELETE FROM moved WHERE id % 3")
        database.change("UPDATE moved SET text = ''")
        database.commit()
        assert b"planted" in _bytes_of(folder)
        assert database.wipe()
        assert b"planted" not in _bytes_of(folder)
        assert database.rows("SELECT count(*) FROM moved") == [(334,)]


def test_a_wipe_tells_who_reads(folder: SessionFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log can't be emptied while somebody reads what is in it."""
    monkeypatch.setattr(connection, "BUSY_SECONDS", 0.01)
    with (
        closing(Database.for_writing(folder)) as database,
        closing(Database.for_reading(folder)) as reader,
    ):
        with reader.snapshot():
            reader.rows("SELECT position FROM counters")
            assert not database.wipe()
        assert database.wipe()


def _bytes_of(folder: SessionFolder) -> bytes:
    return b"".join(path.read_bytes() for path in folder.path.glob("record.sqlite3*"))
