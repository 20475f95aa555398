"""Takes `outputs/single/` and `outputs/bulk/` of a folder into a session.

Each phase can be done again from its beginning at any time, so that what a kill
left half done is simply gone through once more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Any

from ...errors import InvalidRequest, MigrationFailed
from ..faults import FileFaults
from .copying import Place
from .items import Item
from .journal import BACKED_UP, COPIED, FINISHED, ROLLING_BACK, Journal
from .planning import plan


@dataclass(frozen=True, slots=True)
class Result:
    """What was, or would be, taken over; and what stays where it is, with the reason."""

    session_id: str
    files: int
    bytes: int
    left: dict[str, str]
    backup: Path | None = None
    dry_run: bool = False
    rolled_back: bool = False

    def to_json(self) -> dict[str, Any]:
        return {
            "session_id": self.session_id,
            "files": self.files,
            "bytes": self.bytes,
            "left": self.left,
            "backup": None if self.backup is None else str(self.backup),
            "dry_run": self.dry_run,
            "rolled_back": self.rolled_back,
        }


class Migration:
    """From `<directory>/outputs` into the `outputs/` of a session."""

    def __init__(self, directory: Path, session_id: str, outputs: Path) -> None:
        self._directory = directory
        self._session_id = session_id
        self._old = Place(directory / "outputs")
        self._session = Place(outputs)

    def foresee(self) -> Result:
        """Say what would be done. Raises MigrationFailed."""
        with FileFaults("read the old layout"):
            journal = plan(self._directory, self._session_id, self._session, backup=False)
        return result_of(journal, {}, dry_run=True)

    def run(self, *, backup: bool) -> Result:
        """Do it, or go on with one that was cut off. Raises MigrationFailed, StoreUnavailable."""
        with FileFaults("migrate"):
            journal = self._journal(backup)
            if journal.backup and not journal.reached(BACKED_UP):
                self._back_up(journal)
                journal.enter(BACKED_UP)
            if not journal.reached(COPIED):
                self._copy(journal)
                journal.enter(COPIED)
            left: dict[str, str] = {}
            if not journal.reached(FINISHED):
                left = self._remove(journal)
                journal.enter(FINISHED)
            return result_of(journal, left)

    def _journal(self, backup: bool) -> Journal:
        Journal.tidy(self._directory)
        journal = Journal.newest(self._directory)
        if journal is None or journal.phase == FINISHED:
            journal = plan(self._directory, self._session_id, self._session, backup=backup)
            journal.begin()
        elif journal.phase == ROLLING_BACK:
            raise MigrationFailed(
                "A rollback of this folder was cut off.", "Run it again, with --rollback."
            )
        elif journal.session_id != self._session_id:
            raise InvalidRequest(
                f"A migration of this folder into session {journal.session_id} was cut off.",
                "Go on with that session, or roll it back.",
            )
        return journal

    def _back_up(self, journal: Journal) -> None:
        journal.backup_folder.mkdir(mode=0o700, exist_ok=True)
        backup = Place(journal.backup_folder)
        for folder in journal.folders:
            backup.folder(folder.parts, create=True).close()
        for item in journal.files:
            if backup.digest(item.path) != item.sha256:
                backup.copy_in(self._old, item.path, item, item.path, stamp=True)
        for folder in reversed(journal.folders):
            backup.sweep(folder.parts)
            with backup.folder(folder.parts) as opened:
                opened.stamp(folder.mode, folder.modified_ns)

    def _copy(self, journal: Journal) -> None:
        for item in journal.files:
            while True:
                target = item.target or item.path
                if self._session.digest(target) == item.sha256:
                    break
                try:
                    self._session.copy_in(self._old, item.path, item, target, stamp=False)
                except FileExistsError:
                    # Somebody saved a file of that name meanwhile.
                    item = item.at(_another(self._session, target))  # noqa: PLW2901
                    journal.change(item)

    def _remove(self, journal: Journal) -> dict[str, str]:
        """Remove the originals; what changed since it was copied stays."""
        left = {}
        for item in journal.files:
            found = self._old.digest(item.path)
            if found == item.sha256:
                self._old.remove(item.path)
            elif found is not None:
                left[item.path] = "it changed after it was copied"
        for folder in reversed(journal.folders):
            if folder.path:
                self._old.remove_empty(folder.path)
        return left


def result_of(
    journal: Journal, left: dict[str, str], *, dry_run: bool = False, rolled_back: bool = False
) -> Result:
    """Sum a migration up."""
    files = journal.files
    stayed: Iterable[Item] = (item for item in journal.items.values() if item.left)
    return Result(
        journal.session_id,
        len(files),
        sum(item.size for item in files),
        {item.path: item.left or "" for item in stayed} | left,
        journal.backup_folder if journal.backup and not (dry_run or rolled_back) else None,
        dry_run,
        rolled_back,
    )


def _another(session: Place, path: str) -> str:
    name = PurePosixPath(path)
    names = (str(name.with_name(f"{name.stem}_{number}{name.suffix}")) for number in count(2))
    return next(candidate for candidate in names if not session.exists(candidate))
