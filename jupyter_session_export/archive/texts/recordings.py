"""README.txt of recordings/: what there is, in the order of time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...records.recording import Recording
from .sizes import at, in_bytes

HEAD = """\
recordings/ - media that belong to the session by their names or places

They are in here as they were, not compressed again. Their times are in UTC, as all times in this
ZIP: a recording's is taken from its name where that tells one (as UTC, unless it names an offset),
else from when the file was last modified, which is when a recording ends rather than begins.
data/timeline.json has them beside the executions and readings.
"""


def recordings_text(recordings: Sequence[tuple[str, Recording]]) -> str:
    """Return the text for recordings with their paths in the ZIP."""
    return "\n".join((HEAD, *_lines(recordings))) + "\n"


def _lines(recordings: Sequence[tuple[str, Recording]]) -> Iterator[str]:
    for path, recording in recordings:
        yield f"{at(recording.time)}  (from its {recording.time_from})"
        size = in_bytes(recording.size)
        written = ", may still be written to" if recording.still_written else ""
        yield f"    {path.removeprefix('recordings/')}"
        yield f"    {size}{written}; taken since {recording.reason}"
