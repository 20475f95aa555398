"""README.txt: what is in here, how to read and check it."""

from __future__ import annotations

from collections.abc import Iterator

from ...records.sections import SECTIONS
from ..contents import ArchiveContent
from ..ledger import Ledger
from .sizes import at, counted, in_bytes

ABOUT = {
    "code": "the notebooks, as they are on disk and as scripts",
    "executions": "every run: source, outputs, times",
    "debug": "debugging sessions",
    "logs": "what happened, and who took or changed the record",
    "recordings": "media that belong to the session",
    "data": "the session, its environment and its readings",
    "outputs": "the session's own files",
    "workspace": "the folder of the notebooks",
}
CHECK = """\
To check it
    In the folder that it was extracted to (macOS: shasum -a 256 -c):
        sha256sum -c manifest-sha256.txt
    Without extracting it, where jupyter_session_export is installed:
        jupyter session-export verify THIS.zip
"""


def readme(content: ArchiveContent, ledger: Ledger) -> bytes:
    """Return README.txt, from the ledger of all that was packed before it."""
    return "\n".join(_lines(content, ledger)).encode("utf-8", "backslashreplace")


def _lines(content: ArchiveContent, ledger: Ledger) -> Iterator[str]:
    session = content.session
    yield f"Session{session.number} of {session.user_id}"
    yield f"taken away from Jupyter on {at(content.exported_at)}"
    yield ""
    yield "In here"
    for name in SECTIONS:
        if count := ledger.entries_by_section[name]:
            size = in_bytes(ledger.bytes_by_section[name])
            yield f"    {name + '/':<13}{ABOUT[name]} ({counted(count, 'file')}, {size})"
    yield "    SESSION_SUMMARY.txt  owner, times, counts, and what was left out and why"
    yield "    manifest.json        what became of each file that could have gone in here"
    yield "    manifest-sha256.txt  SHA-256 of each file in here"
    yield ""
    yield _left_out(ledger)
    yield ""
    yield CHECK


def _left_out(ledger: Ledger) -> str:
    if not ledger.left_out:
        return "Nothing was left out."
    parts = [
        f"{ledger.counts[disposition]:,} {disposition}"
        for disposition in ("skipped", "changed", "failed")
        if ledger.counts[disposition]
    ]
    files = counted(ledger.left_out, "file or folder is", "files or folders are")
    return f"{files} not in here as they should be: {', '.join(parts)}. manifest.json has each."
