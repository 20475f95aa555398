"""Members become files."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pytest

from jupyter_session_export.importing.unpack import time_of
from tests.unit.importing.hostile import Evil, packed
from tests.unit.importing.imports import imported

FIELD = struct.pack("<HHBi", 0x5455, 5, 1, 1_700_000_001)


@pytest.mark.parametrize(
    ("extra", "date", "seconds"),
    [
        (FIELD, (1999, 1, 1, 0, 0, 0), 1_700_000_001),
        (struct.pack("<HHQ", 1, 8, 7) + FIELD, (1999, 1, 1, 0, 0, 0), 1_700_000_001),
        (struct.pack("<HHBi", 0x5455, 5, 0, 7), (2000, 1, 1, 0, 0, 0), 946_684_800),
        (b"", (2000, 1, 1, 0, 0, 0), 946_684_800),
        (FIELD[:-1], (2000, 1, 1, 0, 0, 0), 946_684_800),
        (b"\x55", (2000, 1, 1, 0, 0, 0), 946_684_800),
        (b"", (1980, 0, 0, 0, 0, 0), 0),
        (b"", (2000, 13, 1, 25, 61, 62), 0),
    ],
)
def test_a_files_time_is_the_members(
    extra: bytes, date: tuple[int, int, int, int, int, int], seconds: int
) -> None:
    """The extended field's, else DOS's as UTC; nonsense is the epoch."""
    member = zipfile.ZipInfo("a")
    member.date_time, member.extra = date, extra
    assert time_of(member) == seconds


def test_a_path_too_long_for_this_system_is_shortened(tmp_path: Path) -> None:
    """A path that ends within the bounds of a ZIP need not do so where it is unpacked."""
    deep = tmp_path.joinpath(*["d" * 200] * 10)
    deep.mkdir(parents=True)
    path = "/".join(["e" * 200] * 14) + "/file.txt"
    found = imported(packed([Evil(path)]), deep)
    (renamed,) = found.renamed
    assert renamed.path == path
    assert (found.path / renamed.name).read_bytes() == b"evil"
    assert renamed.name.endswith("/file.txt")
