"""What could do harm is refused before anything of it is unpacked."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import pytest

from jupyter_session_export.errors import ArchiveDamaged, ArchiveRefused, ArchiveUnreadable
from jupyter_session_export.importing.guard import objection
from jupyter_session_export.importing.limits import Limits
from tests.unit.importing.hostile import Evil, overlapping, packed
from tests.unit.importing.imports import imported

HOSTILE = {
    "climbs": Evil("../evil"),
    "climbs within": Evil("a/../../evil"),
    "absolute": Evil("/tmp/evil"),  # noqa: S108 - never written
    "drive": Evil("C:/evil"),
    "drive-relative": Evil("c:evil"),
    "UNC": Evil("\\\\host\\share\\evil"),
    "backslash": Evil("..\\evil"),
    "empty part": Evil("a//evil"),
    "dot": Evil("./evil"),
    "null byte": Evil("evil\0.txt"),
    "link": Evil("evil", b"/etc/passwd", stat.S_IFLNK | 0o777),
    "device": Evil("evil", b"", stat.S_IFCHR | 0o666),
    "block device": Evil("evil", b"", stat.S_IFBLK | 0o666),
    "FIFO": Evil("evil", b"", stat.S_IFIFO | 0o666),
    "socket": Evil("evil", b"", stat.S_IFSOCK | 0o666),
    "folder with content": Evil("evil/", b"x"),
    "encrypted": Evil("evil", flags=1),
    "strongly encrypted": Evil("evil", flags=0x41),
    "another method": Evil("evil", method=zipfile.ZIP_LZMA),
}


@pytest.mark.parametrize("member", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_member_is_refused(member: Evil, tmp_path: Path) -> None:
    """Although manifest and checksums vouch for it; it is named, and nothing is left behind."""
    with pytest.raises(ArchiveRefused) as told:
        imported(packed([member]), tmp_path)
    assert told.value.code == "ARCHIVE_REFUSED"
    assert "evil" in told.value.message
    assert not any(tmp_path.iterdir())


def test_a_name_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    """What was verified might be another one than what is unpacked."""
    with pytest.raises(ArchiveRefused, match="twice"):
        imported(packed([Evil("a"), Evil("a")]), tmp_path)
    assert not any(tmp_path.iterdir())


def test_a_file_that_is_a_folder_too_is_refused(tmp_path: Path) -> None:
    """Whichever of them comes first."""
    for pair in ([Evil("a"), Evil("a/b")], [Evil("a/b"), Evil("a")]):
        with pytest.raises(ArchiveRefused, match="folder with files"):
            imported(packed(pair), tmp_path)
    assert not any(tmp_path.iterdir())


def test_members_that_share_bytes_are_refused(tmp_path: Path) -> None:
    """So it is that 10 MB become 281 TB."""
    with pytest.raises(ArchiveRefused, match="b shares bytes with a"):
        imported(overlapping(), tmp_path)
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (Limits(max_bytes=1_000_000), "1,000,000 are allowed"),
        (Limits(max_files=3), "holds 4 files, and 3"),
        (Limits(harmless_bytes=1_000_000), "times its own size; 200 times are allowed"),
    ],
    ids=["total", "count", "ratio"],
)
def test_a_bomb_is_refused(limits: Limits, said: str, tmp_path: Path) -> None:
    """By what its directory says, before a byte is unpacked; the limits are the caller's."""
    data = packed([Evil("evil", bytes(2_000_000))])
    with pytest.raises(ArchiveRefused, match=said):
        imported(data, tmp_path, limits)
    assert not any(tmp_path.iterdir())
    assert imported(data, tmp_path).files == 4


def test_a_bomb_that_understates_its_size_is_damaged(tmp_path: Path) -> None:
    """No more is unpacked than the directory says."""
    data = packed([Evil("evil", bytes(2_000_000), claimed_size=10)])
    with pytest.raises(ArchiveDamaged, match="not what its manifest says"):
        imported(data, tmp_path)
    assert not any(tmp_path.iterdir())


def test_a_member_that_is_not_where_it_should_be_is_unreadable(tmp_path: Path) -> None:
    """The directory points at something else, or beyond the end."""
    data = packed([Evil("a")])
    for wrong in (b"PK\0\0", b"XX\3\4"):
        with pytest.raises(ArchiveUnreadable, match="not where it should be"):
            imported(data.replace(b"PK\3\4", wrong, 1), tmp_path)
    assert not any(tmp_path.iterdir())


def test_what_lies_too_deep_to_be_removed_is_refused() -> None:
    """An import that is cancelled could not tidy up behind itself."""
    assert objection(zipfile.ZipInfo("d/" * 256 + "x")) is None
    assert objection(zipfile.ZipInfo("d/" * 257 + "x")) == "lies in more than 256 folders"
