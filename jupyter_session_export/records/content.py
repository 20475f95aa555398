"""Sealed content: bytes that were hashed and compressed once and never change again.

There may be 100,000 of each in one export: a tuple is made in half the time of a dataclass.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

STORED = 0
"""Compression method 0 of APPNOTE 4.4.5: the bytes as they are."""
DEFLATED = 8
"""Compression method 8 of APPNOTE 4.4.5: a raw deflate stream (RFC 1951)."""


class Sealed(NamedTuple):
    """What a ZIP needs to know of some content, without the content.

    `sha256` (64 hex digits) and `crc32` are of the raw content, `size` is its
    length in bytes; `stored_size` is the length of what is kept: a raw deflate
    stream (`method` 8), or the raw content (`method` 0).
    """

    sha256: str
    size: int
    stored_size: int
    crc32: int
    method: int


class Member(NamedTuple):
    """A named piece of an execution's record, such as `stdout.txt`.

    `name` is relative to the execution's folder in the ZIP. A name that begins
    with `.` is the record's own (`.raw.jsonl`) and stays out of the ZIP.
    """

    name: str
    sealed: Sealed
    modified: datetime
