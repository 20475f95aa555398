"""logs/: what happened, and who took or changed the record."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from ...records.activity import LogLine
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
        source = _generated(lines)
        if source is None:
            continue
        if not begun:
            yield text_entry(names.claim("logs/README.txt"), LOGS, content.modified)
            begun = True
        yield Entry(names.claim(f"logs/{name}"), source, content.modified, "record: log")


def _generated(log: Iterable[LogLine]) -> Generated | None:
    lines = iter(log)
    first = next(lines, None)
    return None if first is None else Generated(lambda: _chunks(chain((first,), lines)))


def _chunks(lines: Iterator[LogLine]) -> Iterator[bytes]:
    while some := list(islice(lines, LINES_AT_ONCE)):
        yield "".join(json.dumps(line.to_json()) + "\n" for line in some).encode()
