"""The bytes around the content."""

from __future__ import annotations

import io
import struct
import zipfile
from datetime import datetime, timedelta, timezone

import pytest

from jupyter_session_export.archive.format import (
    LIMIT_32,
    Directory,
    descriptor,
    local_header,
    open_header,
    stamp,
)
from jupyter_session_export.records.content import STORED, Sealed

TIME = datetime(2026, 1, 31, 12, 0, 5, tzinfo=timezone.utc)


def sealed(size: int, stored_size: int | None = None) -> Sealed:
    return Sealed("0" * 64, size, size if stored_size is None else stored_size, 1, STORED)


def directory_of(size: int, offset: int, count: int = 1) -> list[zipfile.ZipInfo]:
    """Return what Python reads from a directory that is said to begin at `offset`."""
    directory = Directory()
    for number in range(count):
        directory.add(f"{number}".encode(), stamp(TIME), sealed(size), offset)
    packed = b"".join(directory.chunks(0))
    with zipfile.ZipFile(io.BytesIO(packed)) as opened:
        return opened.infolist()


@pytest.mark.parametrize("size", [0, LIMIT_32 - 1, LIMIT_32, LIMIT_32 + 1, 1 << 40])
@pytest.mark.parametrize("offset", [0, LIMIT_32 - 1, LIMIT_32, 1 << 40])
def test_sizes_and_offsets_of_any_width_are_read_back(size: int, offset: int) -> None:
    """What does not fit into 32 bits is told in 64."""
    (member,) = directory_of(size, offset)
    assert (member.file_size, member.compress_size) == (size, size)
    assert member.header_offset == offset


@pytest.mark.parametrize("time", [TIME, datetime(2040, 1, 1, tzinfo=timezone.utc)])
@pytest.mark.parametrize("offset", [0, LIMIT_32 - 1])
def test_a_local_header_tells_all_but_the_offset(time: datetime, offset: int) -> None:
    """Entered by its local header, a member is in the directory as it is without."""
    name, content = "größe.txt".encode(), sealed(LIMIT_32 - 1, 7)
    anew, by_header = Directory(), Directory()
    anew.add(name, stamp(time), content, offset)
    by_header.add_like(local_header(name, stamp(time), content), offset)
    assert list(by_header.chunks(0)) == list(anew.chunks(0))


@pytest.mark.parametrize("count", [65_534, 65_535, 65_536])
def test_more_members_than_16_bits_can_count(count: int) -> None:
    """The end of a large directory counts in 64 bits."""
    assert len(directory_of(0, 0, count)) == count


def test_a_header_tells_large_sizes_in_an_extra_field() -> None:
    """A member of 4 GiB has its sizes in the ZIP64 field, in the order raw, stored."""
    header = local_header(b"a", stamp(TIME), sealed(1 << 33, 1 << 32))
    assert header[18:26] == b"\xff" * 8
    assert header.endswith(struct.pack("<HHQQ", 1, 16, 1 << 33, 1 << 32))


def test_a_descriptor_is_as_wide_as_its_sizes() -> None:
    """Java's streaming reader expects 16 bytes below 4 GiB and 24 above."""
    assert len(descriptor(sealed(LIMIT_32))) == 16
    assert len(descriptor(sealed(LIMIT_32 + 1))) == 24


def test_an_open_header_says_that_a_descriptor_follows() -> None:
    """Flag bit 3 is set, beside the one for UTF-8."""
    assert struct.unpack_from("<H", open_header(b"a", stamp(TIME), 5), 6) == (0x0808,)


@pytest.mark.parametrize(
    ("time", "shown"),
    [
        (datetime(1979, 5, 5, tzinfo=timezone.utc), (1980, 1, 1, 0, 0, 0)),
        (TIME, (2026, 1, 31, 12, 0, 4)),
        (datetime(2026, 1, 31, 12, tzinfo=timezone(timedelta(hours=5))), (2026, 1, 31, 7, 0, 0)),
        (datetime(2200, 1, 1, tzinfo=timezone.utc), (2107, 12, 31, 23, 59, 58)),
    ],
)
def test_times_are_utc_and_within_what_zip_can_tell(time: datetime, shown: tuple[int, ...]) -> None:
    """DOS times begin in 1980, end in 2107 and count in steps of two seconds."""
    directory = Directory()
    directory.add(b"a", stamp(time), sealed(0), 0)
    with zipfile.ZipFile(io.BytesIO(b"".join(directory.chunks(0)))) as opened:
        assert opened.infolist()[0].date_time == shown


def test_the_extended_time_is_exact_to_the_second() -> None:
    """Field 0x5455 holds the seconds since 1970; a time that 32 bits can't hold has none."""
    assert stamp(TIME).extra == struct.pack("<HHBi", 0x5455, 5, 1, int(TIME.timestamp()))
    assert stamp(datetime(2040, 1, 1, tzinfo=timezone.utc)).extra == b""
