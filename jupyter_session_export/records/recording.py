"""Recordings: media files that belong to a session."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

FROM_NAME = "name"
FROM_NAME_DATE = "name, which has the date only"
FROM_MODIFICATION = "modification time"
"""What a recording's time was taken from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A media file; `name` is its path below `recordings/` in a ZIP.

    `origin` is its path below the served root, or the whole path where it lies
    elsewhere; `root` is the folder that must not be left, `size` its bytes and
    `inode` (device, number) what was seen of it. `time` is said to come from
    `time_from`, `reason` is why the session has it, and `still_written` whether
    it was written to moments ago.
    """

    name: str
    origin: str
    path: str
    root: str
    size: int
    inode: tuple[int, int]
    modified: datetime
    time: datetime
    time_from: str
    reason: str
    still_written: bool = False


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A file that belongs to the session and can't be packed; `failed` where that is a fault."""

    name: str
    origin: str
    reason: str
    failed: bool = False
