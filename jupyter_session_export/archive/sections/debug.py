"""debug/: what debuggers knew, a folder for each time one was used."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import partial

from ...records.debugging import DebugRecord
from ..contents import ArchiveContent
from ..entries import Entry, Generated, LedgerLine
from ..names import Names
from ..tally import Tally
from ..texts.debugging import debug_text
from .made import text_entry

VERSION = 1


def plan_debug(content: ArchiveContent, tally: Tally, names: Names) -> Iterator[Entry | LedgerLine]:
    """Yield README.txt and debug_data.json of each debug session, if there was any."""
    if not content.debug:
        return
    text = debug_text(content.debug, content.debuggers)
    yield text_entry(names.claim("debug/README.txt"), text, content.modified)
    for record in content.debug:
        path = names.claim(f"debug/{record.session.folder}/debug_data.json")
        source = Generated(partial(_document, content.session.id, record))
        origin = f"record: debug session {record.session.number}"
        yield Entry(path, source, record.modified, origin)


def _document(session_id: str, record: DebugRecord) -> Iterator[bytes]:
    """Yield one JSON document: what is known of all, then a line for each stop and event."""
    head = {"version": VERSION, "session_id": session_id, **record.session.to_json()}
    yield json.dumps(head, indent=1).removesuffix("\n}").encode()
    yield from _list("stops", record.stops)
    yield from _list("events", record.events)
    yield b"\n}\n"


def _list(name: str, items: Iterable[str]) -> Iterator[bytes]:
    yield f',\n "{name}": ['.encode()
    for count, item in enumerate(items):
        yield f"{',' if count else ''}\n  {item}".encode()
    yield b"\n ]"
