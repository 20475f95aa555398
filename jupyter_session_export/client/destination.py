"""Where a ZIP is to lie: a folder and a name in it that nothing else has."""

from __future__ import annotations

import itertools
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ..errors import DestinationUnwritable

FALLBACK_NAME = "session_export.zip"
PARTIAL_PREFIX = ".session_export-"
"""Hidden, so that an export of the folder it lies in leaves a partial file out."""


@dataclass(frozen=True, slots=True)
class Destination:
    """A folder that exists, and the wanted name; None stands for the export's own name."""

    folder: Path
    name: str | None = None

    @classmethod
    def parse(cls, path: str | os.PathLike[str] | None, default: Path) -> Destination:
        """Read what a person gave: a folder, a `.zip`, or nothing for the default folder.

        Raises DestinationUnwritable where it is neither, or where nothing can be written.
        """
        with _told(default if path is None else path):
            wanted = (default if path is None else Path(path).expanduser()).absolute()
            is_folder = _is_folder(wanted)
        if is_folder:
            destination = cls(wanted)
        elif wanted.suffix.lower() == ".zip":
            destination = cls(wanted.parent, wanted.name)
        else:
            raise DestinationUnwritable(
                f"{wanted} is neither a folder nor the name of a .zip file.",
                "Create the folder first, or give a name that ends in .zip.",
            )
        destination.check()
        return destination

    def check(self) -> None:
        """Raise DestinationUnwritable unless a file can be made in the folder."""
        PartialFile(self).discard()

    def free_path(self, name: str) -> Path:
        """Return the first path that nothing has yet."""
        return next(path for path in self.candidates(name) if not os.path.lexists(path))

    def candidates(self, name: str) -> Iterator[Path]:
        """Yield `x.zip`, `x_2.zip`, `x_3.zip` …; `name` is the export's own."""
        # A name from elsewhere must not lead out of the folder.
        first = self.folder / (self.name or Path(name).name or FALLBACK_NAME)
        yield first
        for number in itertools.count(2):
            yield first.with_stem(f"{first.stem}_{number}")


class PartialFile:
    """A file that grows beside its destination and gets its name only when it is whole."""

    def __init__(self, destination: Destination) -> None:
        self._destination = destination
        self.path = destination.folder / f"{PARTIAL_PREFIX}{secrets.token_hex(8)}.part"
        with _told(destination.folder):
            self._file = self.path.open("xb")

    def write(self, chunk: bytes) -> None:
        """Append a chunk. Raises DestinationUnwritable."""
        with _told(self._destination.folder):
            self._file.write(chunk)

    def keep(self, name: str) -> Path:
        """Give the file its name, one that nothing had before. Raises DestinationUnwritable."""
        with _told(self._destination.folder):
            self._file.close()
            path = self._claim(name)
            try:
                return self.path.replace(path)
            except BaseException:
                path.unlink()
                raise

    def discard(self) -> None:
        """Remove the file; do nothing if it was kept."""
        # Closing writes what is buffered, and may fail as the last write did.
        with suppress(OSError):
            self._file.close()
        self.path.unlink(missing_ok=True)

    def _claim(self, name: str) -> Path:
        """Make an empty file, as only that shows that nothing else has the name."""
        for path in self._destination.candidates(name):
            with suppress(FileExistsError):
                path.open("xb").close()
                return path
        raise AssertionError("candidates never end")


def _is_folder(path: Path) -> bool:
    # Path.is_dir would take a name that no file can have for one that is free.
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


@contextmanager
def _told(place: str | os.PathLike[str]) -> Iterator[None]:
    try:
        yield
    except (OSError, RuntimeError, ValueError) as error:
        # pathlib raises RuntimeError for an unknown `~user`, ValueError for null bytes.
        reason = getattr(error, "strerror", None) or str(error).rstrip(".")
        raise DestinationUnwritable(
            f"The ZIP can't be written to {_shown(place)} ({reason}).",
            "Give another folder or name, or make room there and check its permissions.",
        ) from error


def _shown(place: str | os.PathLike[str]) -> str:
    text = os.fspath(place)
    return text if text.isprintable() else repr(text)
