"""logs/: what happened, and who took or changed the record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from ..contents import ArchiveContent
from ..entries import Entry, Generated, LedgerLine
from ..names import Names
from ..tally import Tally
from ..texts.sections import LOGS
from .made import text_entry

LINES_AT_ONCE = 256


def plan_logs(content: ArchiveContent, _: Tally, names: Names) -> Iterator[Entry | LedgerLine]:
    """Yield README.txt and the logs that have a line."""
    begun = False
    for name, lines in (
        ("activity_log.jsonl", content.activity_log),
        ("audit_log.jsonl", content.audit_log),
    ):
        if not lines:
            continue
        if not begun:
            yield text_entry(names.claim("logs/README.txt"), LOGS, content.modified)
            begun = True
        source = Generated(partial(_chunks, lines))
        yield Entry(names.claim(f"logs/{name}"), source, content.modified, "record: log")


def _chunks(lines: Sequence[str]) -> Iterator[bytes]:
    for at in range(0, len(lines), LINES_AT_ONCE):
        yield "\n".join((*lines[at : at + LINES_AT_ONCE], "")).encode()
