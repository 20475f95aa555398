"""What belongs to a session outside of its record, by the settings, and what never does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..records.session import Session
from ..records.times import now, to_iso_or_none
from ..settings import SessionExport
from ..workspaces.matching import Identity, Matcher

if TYPE_CHECKING:
    from ..workspaces.recordings import Place, Recordings
    from .readings import SessionReadings


@dataclass(frozen=True, slots=True)
class Belongings:
    """Where recordings and readings are looked for, and what is taken.

    `unrecorded` are the patterns of notebooks that aren't recorded.
    """

    recordings_dirs: Sequence[str]
    data_dirs: Sequence[str]
    matcher: Matcher
    unrecorded: Sequence[str] = ()

    @classmethod
    def by(cls, settings: SessionExport) -> Belongings:
        matcher = Matcher(settings.recording_patterns, settings.recording_types)
        return cls(
            tuple(settings.recordings_dirs),
            tuple(settings.data_dirs),
            matcher,
            tuple(settings.unrecorded_notebooks),
        )

    def recordings(
        self, session: Session, present: datetime, check: Callable[[], None] = lambda: None
    ) -> Recordings:
        """Return the recordings of a session; nothing is looked at yet."""
        # No server needs it to start, nor what follows.
        from ..workspaces.recordings import Recordings  # noqa: PLC0415

        places = _places(self.recordings_dirs, session.root)
        return Recordings(places, self.matcher, identity(session), present, check)

    def readings(
        self,
        session: Session,
        *,
        folder: Path,
        table: Path,
        present: datetime,
        check: Callable[[], None],
    ) -> SessionReadings:
        """Return the readings of a session, whose folder is given; nothing is read yet."""
        from ..workspaces.spool import FOLDER  # noqa: PLC0415
        from .readings import SessionReadings  # noqa: PLC0415

        return SessionReadings(
            places=_places(self.data_dirs, session.root),
            session=identity(session),
            spool=folder / FOLDER,
            table=table,
            present=present,
            check=check,
        )

    def stats(self, session: Session, folder: Path) -> dict[str, Any]:
        """Count recordings, and the files that readings are in, without reading any of them."""
        from ..records.recording import Recording  # noqa: PLC0415
        from ..workspaces.collectors import SourceFile, find_sources  # noqa: PLC0415
        from ..workspaces.spool import FOLDER, spooled  # noqa: PLC0415

        found = [each for each in self.recordings(session, now()) if isinstance(each, Recording)]
        places = _places(self.data_dirs, session.root)
        sources = [
            each.size
            for each in find_sources(places, identity(session))
            if isinstance(each, SourceFile)
        ]
        logged = [size for size in map(_size, spooled(folder / FOLDER)) if size is not None]
        return {
            "recordings": {
                "count": len(found),
                "bytes": sum(each.size for each in found),
                "first_at": to_iso_or_none(min((each.time for each in found), default=None)),
                "last_at": to_iso_or_none(max((each.time for each in found), default=None)),
            },
            "readings": {
                "collected_files": len(sources),
                "collected_bytes": sum(sources),
                "logged_files": len(logged),
                "logged_bytes": sum(logged),
            },
        }


def identity(session: Session) -> Identity:
    """Return what names may call a session."""
    return Identity(session.number, session.id)


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None  # purged meanwhile


def _places(folders: Sequence[str], served: str) -> list[Place]:
    from ..workspaces.recordings import Place  # noqa: PLC0415

    places = (Place.of(folder, served) for folder in folders)
    return [place for place in places if place is not None]
