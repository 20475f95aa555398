"""The files that keep what notebooks had before outputs were restored into them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ..records.session import Session
from .faults import StoreFaults
from .folder import SessionFolder, private_folder

MOST_KEPT = 50
"""Notebooks of one owner; then those go that were restored first."""


@dataclass(frozen=True, slots=True)
class Place:
    """A notebook by what it is known by over sessions, and the id of whose sessions know it."""

    owner: str
    notebook: str

    @property
    def filename(self) -> str:
        return f"{_name(self.owner)}-{_name(self.notebook)}.json"


def place_of(session: Session, path: str) -> Place:
    """Return the place of a notebook at a path below a session's root."""
    return Place(session.owner, str(Path(session.root, path)) if session.root else path)


class UndoFiles:
    """`<data_dir>/restored/`: a file for each place. Each call may raise StoreUnavailable."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / "restored"

    def read(self, place: Place) -> bytes | None:
        """Return what is kept of a place, None where nothing is."""
        with StoreFaults("read what the notebook had before"):
            try:
                return (self._folder / place.filename).read_bytes()
            except FileNotFoundError:
                return None

    def write(self, place: Place, content: bytes) -> None:
        """Replace what is kept of a place."""
        with StoreFaults("keep what the notebook had before"):
            private_folder(self._folder)
            path = self._folder / place.filename
            SessionFolder(self._folder).write_private(path, content, durable=True)
            _remove(self._of(place.owner)[:-MOST_KEPT])

    def remove(self, place: Place) -> None:
        """Remove what is kept of a place."""
        with StoreFaults("remove what a notebook had before"):
            _remove([self._folder / place.filename])

    def remove_all(self, owner: str, since: datetime | None = None) -> None:
        """Remove all that is kept of an owner's notebooks, or what was kept since a time."""
        first = since.timestamp() if since else 0.0
        with StoreFaults("remove what notebooks had before"):
            _remove(path for path in self._of(owner) if _kept_at(path) >= first)

    def remove_older(self, before: datetime) -> None:
        """Remove what was kept before a time, whoever it belongs to."""
        with StoreFaults("remove what notebooks had before"):
            files = self._folder.glob("*.json")
            _remove(path for path in files if _kept_at(path) < before.timestamp())

    def newest(self, places: Iterable[Place]) -> Place | None:
        """Return the place that was kept last, None where nothing is kept of any."""
        with StoreFaults("look for what the notebook had before"):
            kept = {_kept_at(self._folder / place.filename): place for place in places}
            return kept[max(kept)] if any(kept) else None

    def _of(self, owner: str) -> list[Path]:
        return sorted(self._folder.glob(f"{_name(owner)}-*.json"), key=_kept_at)


def _name(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _kept_at(path: Path) -> float:
    """Return when a file was written; 0 where another process has removed it."""
    with suppress(FileNotFoundError):
        return path.stat().st_mtime
    return 0.0


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
