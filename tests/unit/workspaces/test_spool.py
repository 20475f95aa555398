"""What kernels leave of their readings."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_session_export.errors import StoreUnavailable
from jupyter_session_export.records.reading import Reading, Rejection
from jupyter_session_export.workspaces import spool
from jupyter_session_export.workspaces.spool import SpoolWriter, read_spool

SECOND = 1_000_000_000
PRESENT = 2_000_000_000_000_000
AT = 1_746_180_900 * SECOND


def read(folder: Path) -> list[spool.Item]:
    (path,) = folder.iterdir()
    return list(read_spool(path, "kernel", PRESENT))


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """Readings in their order, with the times that were given, and devices."""
    writer = SpoolWriter(tmp_path / "readings")
    writer.readings(
        [(AT, "t", 21.5, "°C", "d", None), (AT, "\ud800", float("inf"), None, None, "2025-05-02")]
    )
    writer.device("d", {"model": "M"}, AT)
    writer.close()
    one, other, device = read(tmp_path / "readings")
    assert one == Reading(AT // 1000, "d", "t", 21.5, "°C", "kernel", 1)
    assert isinstance(other, Reading)
    assert (other.sensor, other.value, other.given) == ("\\ud800", float("inf"), "2025-05-02")
    assert device == ("d", {"registered_at": AT // 1000, "model": "M"})


def test_it_is_its_owners_only(tmp_path: Path) -> None:
    """Folder and file."""
    writer = SpoolWriter(tmp_path / "readings")
    writer.readings([(AT, "t", 1, None, None, None)])
    (path,) = (tmp_path / "readings").iterdir()
    assert (tmp_path / "readings").stat().st_mode & 0o777 == 0o700
    assert path.stat().st_mode & 0o777 == 0o600
    writer.close()


def test_a_batch_that_was_cut_off_costs_no_other(tmp_path: Path) -> None:
    """A process may be killed while it writes."""
    writer = SpoolWriter(tmp_path / "readings")
    for number in (1, 2):
        writer.readings([(AT, "t", number, None, None, None)])
    writer.close()
    (path,) = (tmp_path / "readings").iterdir()
    path.write_bytes(path.read_bytes()[:-9])
    whole, torn = read(tmp_path / "readings")
    assert isinstance(whole, Reading)
    assert isinstance(torn, Rejection)
    assert torn.reason.startswith("a batch that was not written whole")


def test_a_full_disk_leaves_no_half_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When there is room again, the next batch begins a line of its own."""
    writer = SpoolWriter(tmp_path / "readings")
    writer.readings([(AT, "t", 1, None, None, None)])
    real, left = spool.os.write, [10]

    def write(file: int, data: bytes) -> int:
        if not left:
            raise OSError(28, "No space left on device")
        return real(file, data[: left.pop()])

    with monkeypatch.context() as full:
        full.setattr(spool.os, "write", write)
        with pytest.raises(StoreUnavailable, match="can't be written"):
            writer.readings([(AT, "t", 2, None, None, None)])
    writer.readings([(AT, "t", 3, None, None, None)])
    writer.close()
    assert [item.value for item in read(tmp_path / "readings") if isinstance(item, Reading)] == [
        1,
        3,
    ]


def test_a_clock_that_jumps_back_is_noted(tmp_path: Path) -> None:
    """Times that were given may come in any order."""
    writer = SpoolWriter(tmp_path / "readings")
    rows: list[spool.Row] = [
        (AT, "t", 1, None, None, None),
        (AT + SECOND, "t", 2, None, None, "2024-05-02T00:00:00Z"),
        (AT - 3600 * SECOND, "t", 3, None, None, None),
        (AT + SECOND, "t", 4, None, None, None),
    ]
    for row in rows:
        writer.readings([row])
    writer.close()
    notes = [item.note for item in read(tmp_path / "readings") if isinstance(item, Reading)]
    assert notes == [None, None, "the clock went back by 3600 s", None]


def test_a_session_that_was_removed_is_told(tmp_path: Path) -> None:
    """Nothing is written to a file that has no name any more."""
    folder = tmp_path / "session" / "readings"
    folder.parent.mkdir()
    writer = SpoolWriter(folder)
    writer.readings([(AT, "t", 1, None, None, None)])
    (path,) = folder.iterdir()
    path.unlink()
    folder.rmdir()
    folder.parent.rmdir()
    with pytest.raises(StoreUnavailable):
        writer.readings([(AT, "t", 2, None, None, None)])
