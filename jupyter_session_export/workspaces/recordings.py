"""Finds the recordings of a session in the folders where media are kept."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from ..records.recording import PassedOver, Recording
from ..records.times import from_timestamp
from .matching import Identity, Matcher, Verdict
from .naming import time_of

QUIET = timedelta(seconds=60)
"""A file that was written to within this time may still be written to."""
OUTSIDE = "leads out of the folder of recordings; name its target in recordings_dirs to have it"


@dataclass(frozen=True, slots=True)
class Place:
    """A folder that is looked through, and the root that must not be left."""

    folder: Path
    root: Path

    @classmethod
    def of(cls, folder: str, served: str) -> Place | None:
        """Read a setting: below the served root, or absolute; None where there is no root."""
        path = Path(folder).expanduser()
        if path.is_absolute():
            return cls(path, path)
        return cls(Path(served, path), Path(served)) if served else None


class Recordings:
    """Looks through the folders anew at each iteration, in the order of names.

    `check` may raise what ends the look; it is called for each file.
    """

    def __init__(
        self,
        places: Sequence[Place],
        matcher: Matcher,
        session: Identity,
        present: datetime,
        check: Callable[[], None] = lambda: None,
    ) -> None:
        self._check = check
        self._places = places
        self._matcher = matcher
        self._session = session
        self._present = present

    def __iter__(self) -> Iterator[Recording | PassedOver]:
        seen: set[str] = set()
        for place in self._places:
            for found in self._below(place):
                if isinstance(found, Recording):
                    if found.path in seen:
                        continue
                    seen.add(found.path)
                yield found

    def judge(self, file: Path) -> tuple[Verdict, Recording | None]:
        """Judge one file, wherever it is."""
        path = Path(os.path.abspath(file))  # noqa: PTH100  # a link is judged by its own name
        folders = [Path(os.path.abspath(place.folder)) for place in self._places]  # noqa: PTH100
        verdict = Verdict(False, _nowhere(folders))
        for place, folder in zip(self._places, folders, strict=True):
            if not path.is_relative_to(folder):
                continue
            relative = path.relative_to(folder)
            hidden = [part for part in relative.parts if part.startswith(".")]
            if hidden:
                return Verdict(False, f"{hidden[0]} is hidden"), None
            verdict = self._matcher.judge(relative.as_posix(), self._session)
            if verdict.taken:
                found = self._examine(place, str(path), verdict)
                if isinstance(found, PassedOver):
                    return Verdict(False, found.reason), None
                return verdict, found
        return verdict, None

    def _below(self, place: Place) -> Iterator[Recording | PassedOver]:
        folder = str(place.folder)
        for relative in _files(folder):
            self._check()
            verdict = self._matcher.judge(relative.replace(os.sep, "/"), self._session)
            if verdict.taken:
                yield self._examine(place, str(Path(folder, relative)), verdict)

    def _examine(self, place: Place, path: str, verdict: Verdict) -> Recording | PassedOver:
        name, origin = verdict.name or Path(path).name, _origin(path, place)
        root = os.path.realpath(place.root)
        try:
            real = os.path.realpath(path, strict=True)
            if not Path(real).is_relative_to(root):
                return PassedOver(name, origin, OUTSIDE)
            status = Path(real).stat()
        except OSError as error:
            return PassedOver(name, origin, f"unreadable: {error.strerror}", failed=True)
        if not stat.S_ISREG(status.st_mode):
            return PassedOver(name, origin, "not a regular file")
        modified = _modified(status.st_mtime)
        time, time_from = time_of(Path(path).name, modified)
        return Recording(
            name=name,
            origin=origin,
            path=real,
            root=root,
            size=status.st_size,
            inode=(status.st_dev, status.st_ino),
            modified=modified,
            time=time,
            time_from=time_from,
            reason=verdict.reason,
            still_written=self._present - modified < QUIET,
        )


def _files(folder: str) -> Iterator[str]:
    """Yield what is in a folder and below, but for what is hidden and folders behind links."""
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        below = "" if parent == folder else os.path.relpath(parent, folder) + os.sep
        for name in sorted(names):
            if not name.startswith("."):
                yield below + name


def _origin(path: str, place: Place) -> str:
    inside = Path(path).is_relative_to(place.root) and place.root != place.folder
    shown = Path(path).relative_to(place.root).as_posix() if inside else path
    return shown.encode("utf-8", "backslashreplace").decode()


def _modified(seconds: float) -> datetime:
    try:
        return from_timestamp(seconds)
    except (OverflowError, ValueError, OSError):
        return from_timestamp(0)


def _nowhere(folders: Sequence[Path]) -> str:
    if not folders:
        return "no folder is looked through for recordings"
    return f"it lies in none of {', '.join(f'{folder}/' for folder in folders)}"
