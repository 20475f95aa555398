"""What a session's database takes on disk, counted as it grows."""

from __future__ import annotations

from contextlib import suppress

from .folder import SessionFolder
from .room import Room


class Footprint:
    """The files of a database; what they have grown by since the last look is taken from the room.

    They are written by SQLite, so that nothing can be asked before: a new session's take
    some hundred KiB, and a log of several MiB is emptied only when a session ends.
    """

    def __init__(self, folder: SessionFolder, room: Room) -> None:
        self._paths = folder.database_files
        self._room = room
        self._known = self._size()

    def look(self) -> None:
        size = self._size()
        self._room.count(size - self._known)
        self._known = size

    def _size(self) -> int:
        size = 0
        for path in self._paths:
            with suppress(FileNotFoundError):
                size += path.lstat().st_size
        return size
