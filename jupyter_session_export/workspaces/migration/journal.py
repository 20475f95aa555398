"""The journal of a migration: what was found, and how far it has come."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from ...errors import MigrationFailed
from ..names import is_partial, partial_name
from .items import Item

PLANNED, BACKED_UP, COPIED, FINISHED, ROLLING_BACK = (
    "planned",
    "backed up",
    "copied",
    "finished",
    "rolling back",
)
PHASES = (PLANNED, BACKED_UP, COPIED, FINISHED, ROLLING_BACK)
_FOLDER = re.compile(r"session_export-migration-([1-9]\d*)")
_FILE = "journal.jsonl"


@dataclass(slots=True)
class Journal:
    """Lines of JSON, each on the disk before the next step is taken.

    The first says what the migration is about and holds the plan; it appears
    whole or not at all. A line that a crash cut off counts as not written.
    """

    folder: Path
    session_id: str
    backup: bool
    modified_ns: int
    made: list[str]
    """Folders of the session that were not there before."""
    items: dict[str, Item] = field(default_factory=dict)
    phase: str = PLANNED

    @property
    def backup_folder(self) -> Path:
        return self.folder / "backup"

    @property
    def files(self) -> list[Item]:
        return [item for item in self.items.values() if item.is_file]

    @property
    def folders(self) -> list[Item]:
        """The folders, each after the one that it is in."""
        return [item for item in self.items.values() if item.is_folder]

    def reached(self, phase: str) -> bool:
        return PHASES.index(self.phase) >= PHASES.index(phase)

    def begin(self) -> None:
        """Write the plan; from here on the migration is resumed or rolled back."""
        head = {
            "version": 1,
            "session_id": self.session_id,
            "backup": self.backup,
            "modified_ns": self.modified_ns,
            "made": self.made,
            "items": [item.to_json() for item in self.items.values()],
        }
        self.folder.mkdir(mode=0o700)
        fresh = self.folder / partial_name()
        _append(fresh, head)
        fresh.rename(self.folder / _FILE)

    def enter(self, phase: str) -> None:
        """Note that a phase has been reached."""
        self.phase = phase
        _append(self.folder / _FILE, {"phase": phase})

    def change(self, item: Item) -> None:
        """Note what became known of an item since."""
        self.items[item.path] = item
        _append(self.folder / _FILE, {"item": item.to_json()})

    def forget(self) -> None:
        """Remove the journal, after all else in its folder."""
        (self.folder / _FILE).unlink()
        self.folder.rmdir()

    @classmethod
    def newest(cls, directory: Path) -> Journal | None:
        """Read the journal of the last migration of a folder. Raises MigrationFailed."""
        for number in sorted(_numbers(directory), reverse=True):
            folder = directory / _name(number)
            if (folder / _FILE).is_file():
                return cls._read(folder)
        return None

    @staticmethod
    def tidy(directory: Path) -> None:
        """Remove what a crash left of a journal before its first or after its last line."""
        for number in _numbers(directory):
            folder = directory / _name(number)
            if not folder.is_symlink() and not (folder / _FILE).exists():
                with suppress(OSError):
                    for path in folder.iterdir():
                        if is_partial(path.name):
                            path.unlink()
                    folder.rmdir()

    @classmethod
    def next_folder(cls, directory: Path) -> Path:
        """Return where the next migration's journal goes."""
        return directory / _name(max(_numbers(directory), default=0) + 1)

    @classmethod
    def _read(cls, folder: Path) -> Journal:
        try:
            head, *lines = _whole_lines((folder / _FILE).read_bytes())
            items = [Item.from_json(data) for data in head.pop("items")]
            if head.pop("version") != 1:
                raise ValueError("it is of a newer version")
            journal = cls(folder, **head, items={item.path: item for item in items})
            for line in lines:
                journal._take(line)
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise MigrationFailed(f"The journal in {folder} can't be read.", str(error)) from error
        return journal

    def _take(self, line: dict[str, Any]) -> None:
        if "phase" in line:
            self.phase = line["phase"]
        else:
            item = Item.from_json(line["item"])
            self.items[item.path] = item


def _name(number: int) -> str:
    return f"session_export-migration-{number}"


def _numbers(directory: Path) -> Iterable[int]:
    matches = (_FOLDER.fullmatch(path.name) for path in directory.iterdir())
    return [int(match[1]) for match in matches if match]


def _whole_lines(data: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in data.split(b"\n")[:-1] if line.strip(b"\0 ")]


def _append(path: Path, line: dict[str, Any]) -> None:
    with path.open("a+b") as file:
        if file.tell() and not _ends_well(file):
            # What a crash cut off must not swallow this line.
            file.truncate(_end_of_last_line(file))
        file.write((json.dumps(line) + "\n").encode())
        file.flush()
        os.fsync(file.fileno())


def _ends_well(file: IO[bytes]) -> bool:
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"


def _end_of_last_line(file: IO[bytes]) -> int:
    file.seek(0)
    return file.read().rfind(b"\n") + 1
