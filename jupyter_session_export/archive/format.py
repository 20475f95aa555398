"""The bytes around the content: headers, descriptors, directory (APPNOTE.TXT 6.3.10)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from datetime import datetime, timezone
from functools import lru_cache
from typing import NamedTuple

from ..records.content import DEFLATED, Sealed

LIMIT_32 = 0xFFFF_FFFF
LIMIT_16 = 0xFFFF
UTF8_NAME = 0x0800
DESCRIBED = 0x0008
VERSION_DEFLATE = 20
VERSION_ZIP64 = 45
MADE_ON_UNIX = 3 << 8 | VERSION_ZIP64
REGULAR_FILE = 0o100644 << 16
CHUNK_BYTES = 256 * 1024

EARLIEST = datetime(1980, 1, 1, tzinfo=timezone.utc).timestamp()
LATEST = datetime(2107, 12, 31, 23, 59, 58, tzinfo=timezone.utc).timestamp()

LOCAL = struct.Struct("<4sHHH4sIIIHH")
CENTRAL = struct.Struct("<4sHHHH4sIIIHHHHHII")
CENTRAL_BEGIN = struct.pack("<4sH", b"PK\1\2", MADE_ON_UNIX)
CENTRAL_END = struct.Struct("<HHHII")
DESCRIPTOR = struct.Struct("<4sIII")
DESCRIPTOR_64 = struct.Struct("<4sIQQ")
END = struct.Struct("<4sHHHHIIH")
END_64 = struct.Struct("<4sQHHIIQQQQ")
LOCATOR_64 = struct.Struct("<4sIQI")


class Stamp(NamedTuple):
    """A member's time: for DOS, and as the extended field 0x5455 where that can tell it."""

    dos: bytes
    extra: bytes


def stamp(modified: datetime) -> Stamp:
    """Return the time in UTC, clamped to what ZIP can tell: 1980 to 2107."""
    return _stamp(int(min(max(EARLIEST, modified.timestamp()), LATEST)))


@lru_cache(maxsize=1024)
def _stamp(seconds: int) -> Stamp:
    time = datetime.fromtimestamp(seconds, timezone.utc)
    clock = time.hour << 11 | time.minute << 5 | time.second // 2
    date = (time.year - 1980) << 9 | time.month << 5 | time.day
    extra = struct.pack("<HHBi", 0x5455, 5, 1, seconds) if seconds <= 0x7FFF_FFFF else b""
    return Stamp(struct.pack("<HH", clock, date), extra)


def local_header(name: bytes, time: Stamp, sealed: Sealed, *, wide: bool = False) -> bytes:
    """Return the header of a member whose size and CRC are known. `wide`: in 64 bits anyway."""
    extra, size, stored_size, version = time.extra, sealed.size, sealed.stored_size, VERSION_DEFLATE
    if wide or size >= LIMIT_32 or stored_size >= LIMIT_32:
        extra += struct.pack("<HHQQ", 1, 16, size, stored_size)
        size = stored_size = LIMIT_32
        version = VERSION_ZIP64
    fields = (version, UTF8_NAME, sealed.method, time.dos, sealed.crc32, stored_size, size)
    return LOCAL.pack(b"PK\3\4", *fields, len(name), len(extra)) + name + extra


def open_header(name: bytes, time: Stamp, promised: int) -> bytes:
    """Return the header of a deflated member whose descriptor follows its content."""
    extra, size, version = time.extra, 0, VERSION_DEFLATE
    if is_large(promised):
        extra += struct.pack("<HHQQ", 1, 16, 0, 0)
        size, version = LIMIT_32, VERSION_ZIP64
    fields = (version, UTF8_NAME | DESCRIBED, DEFLATED, time.dos, 0, size, size)
    return LOCAL.pack(b"PK\3\4", *fields, len(name), len(extra)) + name + extra


def is_large(promised: int) -> bool:
    """Tell whether content may need 64-bit sizes; deflate may add a little to it."""
    return promised + promised // 1000 + 1024 >= LIMIT_32


def descriptor(sealed: Sealed) -> bytes:
    """Return what follows the content after an open header.

    Java's streaming reader takes the sizes to be of 64 bits exactly where they
    don't fit into 32, whatever the header says.
    """
    if sealed.size > LIMIT_32 or sealed.stored_size > LIMIT_32:
        return DESCRIPTOR_64.pack(b"PK\7\x08", sealed.crc32, sealed.stored_size, sealed.size)
    return DESCRIPTOR.pack(b"PK\7\x08", sealed.crc32, sealed.stored_size, sealed.size)


class Directory:
    """The central directory, packed as it grows: about 100 bytes a member."""

    def __init__(self) -> None:
        self.count = 0
        self._packed = bytearray()

    def add(
        self, name: bytes, time: Stamp, sealed: Sealed, offset: int, *, described: bool = False
    ) -> None:
        """Add a member whose local header is at `offset`."""
        wide = [value for value in (sealed.size, sealed.stored_size, offset) if value >= LIMIT_32]
        extra, version = time.extra, VERSION_DEFLATE
        if wide:
            extra += struct.pack(f"<HH{len(wide)}Q", 1, 8 * len(wide), *wide)
            version = VERSION_ZIP64
        self._packed += CENTRAL.pack(
            b"PK\1\2",
            MADE_ON_UNIX,
            version,
            UTF8_NAME | (DESCRIBED if described else 0),
            sealed.method,
            time.dos,
            sealed.crc32,
            min(sealed.stored_size, LIMIT_32),
            min(sealed.size, LIMIT_32),
            len(name),
            len(extra),
            0,  # comment
            0,  # disk
            0,  # internal attributes
            REGULAR_FILE,
            min(offset, LIMIT_32),
        )
        self._packed += name
        self._packed += extra
        self.count += 1

    def add_like(self, header: bytes, offset: int) -> None:
        """Add a member by its local header, which has all but the offset, in 32 bits."""
        # No comment, disk 0, no internal attributes.
        end = CENTRAL_END.pack(0, 0, 0, REGULAR_FILE, offset)
        self._packed += b"".join((CENTRAL_BEGIN, header[4 : LOCAL.size], end, header[LOCAL.size :]))
        self.count += 1

    def chunks(self, offset: int) -> Iterator[bytes]:
        """Yield the directory, which begins at `offset`, and the end of the ZIP."""
        for at in range(0, len(self._packed), CHUNK_BYTES):
            yield bytes(self._packed[at : at + CHUNK_BYTES])
        yield _end(self.count, len(self._packed), offset)


def _end(count: int, size: int, offset: int) -> bytes:
    end = END.pack(
        b"PK\5\6",
        0,
        0,
        min(count, LIMIT_16),
        min(count, LIMIT_16),
        min(size, LIMIT_32),
        min(offset, LIMIT_32),
        0,
    )
    if count < LIMIT_16 and size < LIMIT_32 and offset < LIMIT_32:
        return end
    wide = END_64.pack(b"PK\6\6", 44, MADE_ON_UNIX, VERSION_ZIP64, 0, 0, count, count, size, offset)
    return wide + LOCATOR_64.pack(b"PK\6\7", 0, offset + size, 1) + end
