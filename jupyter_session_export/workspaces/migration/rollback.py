"""Undoes a migration: the folder is as it was, and the session without what it got."""

from __future__ import annotations

import os
from pathlib import Path

from ...errors import MigrationFailed
from ..directory import Directory
from ..faults import FileFaults
from ..removal import empty
from .copying import Place
from .items import Item
from .journal import ROLLING_BACK, Journal
from .migration import Result, result_of


class Rollback:
    """Of the last migration of a folder; `outputs` are those of its session.

    It can be cut off and run again, like the migration.
    """

    def __init__(self, directory: Path, journal: Journal, outputs: Path) -> None:
        self._directory = directory
        self._journal = journal
        self._old = Place(directory / "outputs")
        self._session = Place(outputs)
        self._backup = Place(journal.backup_folder)

    def run(self) -> Result:
        """Do it. Raises MigrationFailed where an original can't be had any more."""
        journal = self._journal
        with FileFaults("roll the migration back"):
            sources = [(item, self._source_of(item)) for item in journal.files]
            if journal.phase != ROLLING_BACK:
                journal.enter(ROLLING_BACK)
            left = self._restore(sources)
            self._take_back(left)
            if journal.backup_folder.exists():
                with Directory.open(journal.backup_folder) as folder:
                    empty(folder)
                journal.backup_folder.rmdir()
            journal.forget()
            os.utime(self._directory, ns=(journal.modified_ns, journal.modified_ns))
        return result_of(journal, left, rolled_back=True)

    def _source_of(self, item: Item) -> tuple[Place, str] | None:
        """Return where the original is to be had; None where something is in its place."""
        if self._old.exists(item.path):
            return None
        if self._journal.backup and self._backup.digest(item.path) == item.sha256:
            return self._backup, item.path
        target = item.target or item.path
        if self._session.digest(target) == item.sha256:
            return self._session, target
        raise MigrationFailed(
            f"{item.path} can't be restored: the session's copy was changed or deleted.",
            "Nothing was rolled back. Put the file back, then try again.",
        )

    def _restore(self, sources: list[tuple[Item, tuple[Place, str] | None]]) -> dict[str, str]:
        for folder in self._journal.folders:
            self._old.folder(folder.parts, create=True).close()
        left = {}
        for item, source in sources:
            if source is not None:
                place, path = source
                self._old.copy_in(place, path, item, item.path, stamp=True)
            elif self._old.digest(item.path) != item.sha256:
                left[item.path] = "something else has its name now"
        for folder in reversed(self._journal.folders):
            self._old.sweep(folder.parts)
            with self._old.folder(folder.parts) as opened:
                opened.stamp(folder.mode, folder.modified_ns)
        return left

    def _take_back(self, left: dict[str, str]) -> None:
        """Remove from the session what the migration put there and nobody has changed since."""
        for item in self._journal.files:
            target = item.target or item.path
            if item.path not in left and self._session.digest(target) == item.sha256:
                self._session.remove(target)
        for name in reversed(self._journal.made):
            self._session.remove_empty(name)
