"""recordings/: media that belong to the session."""

from __future__ import annotations

from collections.abc import Iterator

from ...records.recording import PassedOver, Recording
from ..contents import ArchiveContent
from ..entries import Disposition, Entry, LedgerLine, OnDisk
from ..names import Names, safe_path
from ..tally import Tally
from ..texts.recordings import recordings_text
from .made import text_entry


def plan_recordings(
    content: ArchiveContent, tally: Tally, names: Names
) -> Iterator[Entry | LedgerLine]:
    """Yield the media, stored, after a README.txt with their times."""
    found = sorted(content.recordings, key=_place_in_time)
    if not found:
        return
    readme = names.claim("recordings/README.txt")
    for each in found:
        if isinstance(each, Recording):
            tally.recordings.append((names.claim(f"recordings/{each.name}"), each))
    yield text_entry(readme, recordings_text(tally.recordings), content.modified)
    for path, recording in tally.recordings:
        yield _entry(path, recording)
    for each in found:
        if isinstance(each, PassedOver):
            path = safe_path(f"recordings/{each.name}")
            disposition: Disposition = "failed" if each.failed else "skipped"
            yield LedgerLine(path, each.origin, disposition, each.reason, 0, None)


def _place_in_time(found: Recording | PassedOver) -> tuple[bool, str, str]:
    if isinstance(found, Recording):
        return False, found.time.isoformat(), found.name
    return True, "", found.name


def _entry(path: str, recording: Recording) -> Entry:
    source = OnDisk(
        recording.path,
        recording.root,
        recording.size,
        recording.inode,
        stored=True,
        copied=recording.still_written,
    )
    note = None
    if recording.still_written:
        note = f"may still be written to; packed up to the {recording.size:,} bytes it had"
    return Entry(path, source, recording.modified, recording.origin, note)
