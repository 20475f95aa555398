"""Readings that are taken back."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_session_export.records.reading import Reading
from jupyter_session_export.records.times import from_timestamp
from jupyter_session_export.workspaces.forgetting import forget_readings
from jupyter_session_export.workspaces.spool import Row, SpoolWriter, read_spool

SECOND = 10**9


def row(second: int) -> Row:
    return (second * SECOND, "sensor", second, None, None, None)


def values(folder: Path) -> list[object]:
    found = [item for path in sorted(folder.iterdir()) for item in read_spool(path, "s", 10**18)]
    return [one.value for one in found if isinstance(one, Reading)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "readings"


def test_all_go(folder: Path) -> None:
    """Whoever logs goes on in a new file."""
    writer = SpoolWriter(folder)
    writer.readings([row(1), row(2)])
    forget_readings(folder)
    assert list(folder.iterdir()) == []
    writer.readings([row(3)])
    writer.close()
    assert values(folder) == [3]


def test_the_older_ones_stay(folder: Path) -> None:
    """Lines are cut where the time is, private as before, and what was torn goes."""
    writer = SpoolWriter(folder)
    writer.device("cam", {"name": "old"}, 1 * SECOND)
    writer.readings([row(1), row(2), row(3)])
    writer.readings([row(4)])
    writer.device("cam", {"name": "planted"}, 4 * SECOND)
    (before,) = folder.iterdir()
    with before.open("ab") as file:
        file.write(b'{"readings": [[1, "planted')
    forget_readings(folder, from_timestamp(3))
    (path,) = folder.iterdir()
    assert path.name != before.name
    assert path.name.partition("-")[0] == before.name.partition("-")[0]
    assert path.stat().st_mode & 0o777 == 0o600
    assert values(folder) == [1, 2]
    assert b"old" in path.read_bytes()
    assert b"planted" not in path.read_bytes()
    writer.readings([row(5)])
    writer.close()
    assert sorted(map(str, values(folder))) == ["1", "2", "5"]


def test_nothing_older_leaves_no_file(folder: Path) -> None:
    """And where there never was a reading there is nothing to do."""
    forget_readings(folder)
    writer = SpoolWriter(folder)
    writer.readings([row(5)])
    writer.close()
    forget_readings(folder, from_timestamp(3))
    assert list(folder.iterdir()) == []
