"""How much room is enough."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_session_export.cli.doctor.disk import examine_disk, judge

GB = 10**9


@pytest.mark.parametrize(
    ("free", "files", "code"),
    [
        (50 * GB, 10**6, "DISK"),
        (50 * GB, None, "DISK"),
        (10**8, 10**6, "DISK_NEARLY_FULL"),
        (50 * GB, 10, "DISK_NEARLY_FULL"),
        (10**6, 10**6, "DISK_FULL"),
        (50 * GB, 0, "DISK_FULL"),
    ],
)
def test_bytes_and_files_both_count(free: int, files: int | None, code: str) -> None:
    """A disk without free inodes is as full as one without free bytes."""
    finding = judge(Path("/data"), free, 100 * GB, files)
    assert finding.code == code
    assert finding.facts["free_bytes"] == free


def test_a_folder_that_is_not_made_yet(tmp_path: Path) -> None:
    """The disk that it would be on is asked."""
    (finding,) = examine_disk(tmp_path / "not" / "yet")
    assert finding.facts["path"] == str(tmp_path)
