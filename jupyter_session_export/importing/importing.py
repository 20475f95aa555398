"""One import from the open ZIP to the folder: refused, damaged, or all of it."""

from __future__ import annotations

import os
import re
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from ..archive.ledger import CHECKSUMS, MANIFEST
from ..archive.verify import BROKEN, Verification, not_whole, verify_opened
from ..errors import ArchiveDamaged, ArchiveUnreadable
from .guard import refuse_harm
from .limits import Limits
from .opening import open_archive
from .place import PartialFolder, Place
from .unpack import Renamed, Unpacking

MOST_NAMED = 3
"""Damaged members that an error names."""
PATH_BYTES = 4095 if os.name != "nt" else 259
"""What a whole path may have on this system."""
HEAD_BYTES = 1024
SESSION_ID = re.compile(rb'"session_id": *"([0-9a-f]{32})"')

Report = Callable[[str, int, int], object]
"""Told the stage ("verifying", "unpacking"), the bytes done and the bytes in all."""


@dataclass(frozen=True, slots=True)
class Imported:
    """A folder with all that was in a ZIP; `bytes` are the files', `renamed` got other names."""

    path: Path
    session_id: str | None
    files: int
    bytes: int
    renamed: tuple[Renamed, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "path": str(self.path),
            "session_id": self.session_id,
            "files": self.files,
            "bytes": self.bytes,
            "renamed": [{"path": each.path, "name": each.name} for each in self.renamed],
        }


def import_archive(file: IO[bytes], place: Place, limits: Limits, report: Report) -> Imported:
    """Unpack an exported ZIP into a new folder; where that fails there is none.

    Raises ArchiveUnreadable for what is no ZIP of ours, ArchiveRefused for what
    could do harm, ArchiveDamaged for what is not as its manifest says,
    DestinationUnwritable, and what `report` raises.
    """
    with open_archive(file, limits) as archive:
        _require_ours(archive)
        refuse_harm(archive, file, limits)
        size = sum(member.file_size for member in archive.infolist())
        place.require_room(size)
        found = _verified(archive, lambda done, total: report("verifying", done, total))
        partial = PartialFolder(place)
        try:
            partial.make()
            unpacking = Unpacking(
                archive,
                partial.path,
                found.sums,
                _room_for_paths(place),
                lambda done: report("unpacking", done, size),
            )
            unpacking.run()
            session_id = _session_id(archive)
            return Imported(
                partial.keep(),
                session_id,
                unpacking.files,
                unpacking.bytes,
                tuple(unpacking.renamed),
            )
        finally:
            partial.discard()


def _require_ours(archive: zipfile.ZipFile) -> None:
    names = Counter(member.orig_filename for member in archive.infolist())
    for name in (MANIFEST, CHECKSUMS):
        if not names[name]:
            raise ArchiveUnreadable(
                f"This ZIP has no {name}.", "It was not made by jupyter_session_export."
            )


def _verified(archive: zipfile.ZipFile, report: Callable[[int, int], object]) -> Verification:
    try:
        found = verify_opened(archive, report)
    except BROKEN as error:
        raise not_whole(error) from error
    if found.ok:
        return found
    named = "; ".join(f"{each.path} {each.what}" for each in found.problems[:MOST_NAMED])
    rest = len(found.problems) - MOST_NAMED
    raise ArchiveDamaged(
        "The ZIP is not what its manifest says, and nothing of it was unpacked.",
        f"{named}{f'; and {rest:,} more' if rest > 0 else ''}. Get it again.",
    )


def _room_for_paths(place: Place) -> int:
    """Return how long a path below the new folder may be, under its hidden name and its own."""
    longest = max(len(place.name.encode("utf-8", "surrogateescape")), 40) + 12
    above = len(os.fsencode(place.folder)) + 2
    return max(PATH_BYTES - above - longest, 300)


def _session_id(archive: zipfile.ZipFile) -> str | None:
    """Return what the beginning of the manifest says, if it does."""
    with archive.open(MANIFEST) as manifest:
        found = SESSION_ID.search(manifest.read(HEAD_BYTES))
    return found[1].decode() if found else None
