"""Where a ZIP is unpacked: a new folder that grows under a hidden name until it is whole."""

from __future__ import annotations

import errno
import itertools
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..archive.names import safe_component
from ..errors import DestinationUnwritable

FALLBACK_NAME = "session_export"
SUFFIX = re.compile(r"\.zip$", re.IGNORECASE)
TAKEN = (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR)


@dataclass(frozen=True, slots=True)
class Place:
    """A folder that exists, and the name wanted for a new one in it."""

    folder: Path
    name: str

    @classmethod
    def parse(cls, to: str | None, beside: Path, archive_name: str) -> Place:
        """Read what a person gave: a folder to unpack into a new one of it, or the new one.

        Nothing stands for a new one in `beside`, by the name of the ZIP. Raises
        DestinationUnwritable where nothing can be made.
        """
        name = _folder_name(archive_name)
        with told(beside if to is None else to):
            wanted = (beside if to is None else Path(to).expanduser()).absolute()
            if wanted.is_dir():
                return cls(wanted, name)
            if os.path.lexists(wanted):
                raise NotADirectoryError(errno.ENOTDIR, "it is no folder")
            if not wanted.parent.is_dir():
                raise FileNotFoundError(errno.ENOENT, "the folder above it does not exist")
            return cls(wanted.parent, wanted.name)

    def candidates(self) -> Iterator[Path]:
        """Yield `x`, `x_2`, `x_3` …"""
        yield self.folder / self.name
        for number in itertools.count(2):
            yield self.folder / f"{self.name}_{number}"

    def require_room(self, size: int) -> None:
        """Raise DestinationUnwritable where so many bytes don't fit."""
        with told(self.folder):
            free = shutil.disk_usage(self.folder).free
        if free < size:
            raise DestinationUnwritable(
                f"It takes {size:,} bytes, and {self.folder} has {free:,} free.",
                "Make room there, or give another folder with --to.",
            )


class PartialFolder:
    """A folder, 0700, that gets its name only when all is in it."""

    def __init__(self, place: Place) -> None:
        self._place = place
        # Hidden, so that an export of the folder it lies in leaves it out.
        self.path = place.folder / f".session_export-{secrets.token_hex(8)}.part"

    def make(self) -> None:
        """Make it. Raises DestinationUnwritable."""
        with told(self._place.folder):
            self.path.mkdir(0o700)

    def keep(self) -> Path:
        """Give it a name that nothing has. Raises DestinationUnwritable."""
        with told(self._place.folder):
            for path in self._place.candidates():
                if not os.path.lexists(path) and self._moved(path):
                    return path
        raise AssertionError("candidates never end")

    def discard(self) -> None:
        """Remove it with all that is in it; do nothing if it was kept or never made."""
        try:
            self._remove()
        except KeyboardInterrupt:
            self._remove()
            raise

    def _remove(self) -> None:
        with told(self._place.folder):
            if os.path.lexists(self.path):
                shutil.rmtree(self.path)

    def _moved(self, path: Path) -> bool:
        try:
            # It replaces nothing but an empty folder that somebody made just now.
            self.path.rename(path)
        except OSError as error:
            if error.errno in TAKEN:
                return False
            raise
        return True


def _folder_name(archive: str) -> str:
    """Return a ZIP's name as that of a folder; servers name ZIPs, so it must not be hidden."""
    stem = SUFFIX.sub("", Path(archive).name)
    return safe_component(stem.lstrip(".") or FALLBACK_NAME)


@contextmanager
def told(place: str | os.PathLike[str]) -> Iterator[None]:
    """Raise DestinationUnwritable for what the system says of a place."""
    try:
        yield
    except (OSError, RuntimeError, ValueError) as error:
        # pathlib raises RuntimeError for an unknown `~user`, ValueError for null bytes.
        reason = getattr(error, "strerror", None) or str(error).rstrip(".")
        raise DestinationUnwritable(
            f"It can't be unpacked to {_shown(os.fspath(place))} ({reason}).",
            "Give another folder with --to, or make room there and check its permissions.",
        ) from error


def _shown(text: str) -> str:
    return text if text.isprintable() else repr(text)
