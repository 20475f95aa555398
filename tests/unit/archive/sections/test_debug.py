"""What debuggers knew, as it is packed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

from jupyter_session_export.archive.contents import ArchiveContent
from jupyter_session_export.archive.entries import Entry, Generated, Text
from jupyter_session_export.archive.names import Names
from jupyter_session_export.archive.sections.debug import plan_debug
from jupyter_session_export.archive.tally import Tally
from jupyter_session_export.archive.texts.debugging import debug_summary, debug_text
from jupyter_session_export.records.debugging import (
    Breakpoint,
    DebugRecord,
    DebugSession,
    KernelDebugger,
)
from jupyter_session_export.records.execution import Kernel
from tests.unit.archive.samples import SESSION, TIME

DEBUGGED = DebugSession(
    number=1,
    kernel=Kernel("k1", "python3", "python", ".py"),
    incarnation=1,
    notebook="a.ipynb",
    started_at=TIME,
    breakpoints=(Breakpoint(path="/1.py", line=2, condition="x > 1", set_at=TIME),),
)
RECORD = DebugRecord(DEBUGGED, ('{"number":1}', '{"number":2}'), ('{"event":"initialized"}',))


def content(*debug: DebugRecord) -> ArchiveContent:
    return ArchiveContent(session=SESSION, exported_at=TIME, record_position=1, debug=debug)


def test_each_debug_session_has_a_folder() -> None:
    """debug_data.json is one document, with the time of the debug session's end."""
    ended = replace(DEBUGGED, number=2, ended_at=TIME + timedelta(hours=1))
    entries = list(plan_debug(content(RECORD, DebugRecord(ended)), Tally(), Names()))
    assert all(isinstance(entry, Entry) for entry in entries)
    readme, first, second = (entry for entry in entries if isinstance(entry, Entry))
    assert readme.path == "debug/README.txt"
    assert isinstance(readme.source, Text)
    assert first.path == f"debug/session_1_{DEBUGGED.digest}/debug_data.json"
    assert [entry.modified for entry in (first, second)] == [TIME, ended.ended_at]
    assert isinstance(first.source, Generated)
    data = json.loads(b"".join(first.source.chunks()))
    assert data["session_id"] == SESSION.id
    assert data["stops"] == [{"number": 1}, {"number": 2}]
    assert data["events"] == [{"event": "initialized"}]
    assert data["breakpoints"][0]["condition"] == "x > 1"
    assert DebugSession.from_json(data) == DEBUGGED
    assert isinstance(second.source, Generated)
    assert json.loads(b"".join(second.source.chunks()))["stops"] == []


def test_session_without_a_debugger_has_no_section() -> None:
    """Where none was used there is no folder."""
    assert list(plan_debug(content(), Tally(), Names())) == []


def test_texts_tell_of_each_kernel() -> None:
    """README and summary say which kernels were debugged, and which have no debugger."""
    debuggers = [
        KernelDebugger("k1", "python3", has_one=True),
        KernelDebugger("12345678-9", "bash\n", has_one=False),
        KernelDebugger("k3", "python3", has_one=True),
        KernelDebugger("k4", "remote", has_one=None),
    ]
    lines = list(debug_summary([RECORD], debuggers))
    assert lines[0] == "Debugger"
    assert [line.strip() for line in lines[1:-1]] == [
        f"session_1_{DEBUGGED.digest}  2026-01-31 12:00:04 UTC, python3: 2 stops, 1 breakpoint",
        "bash (12345678): it has no debugger",
        "python3 (k3): its debugger was not used",
        "remote (k4): no debugger was seen",
    ]
    assert all(line.strip() in debug_text([RECORD], debuggers) for line in lines[1:-1])
    assert list(debug_summary([], [])) == []
