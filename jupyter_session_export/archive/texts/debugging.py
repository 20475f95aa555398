"""README.txt of debug/, and what the summary says of debuggers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...records.debugging import DebugRecord, KernelDebugger
from .sizes import at, counted

HEAD = """\
debug/ - what debuggers knew

Each folder is one use of a kernel's debugger, from its start to its end. debug_data.json holds

info          the debugger's own words when it was last asked (debugInfo)
breakpoints   file, cell, line and condition, when each was set and removed
modules       the names of the modules that were loaded at the first stop
stops         each time the program stopped: where and why, the stack, and the variables of its
              frames as the debugger shows them. "cell" names the cell and execution that a file
              stands for, by the hash of its text; "line" counts from 1 within it
events        all that the debugger published, in its order

A stop is looked at for 2 s at most, and only while its person doesn't need the debugger: where
something is missing, "incomplete" says why. Values are cut after 4,096 characters, a stop after
1,048,576. Only tables (DataFrame, Series) are also kept as a notebook would show them.

Variables are kept as they were: they may hold what should stay private.
"""

MOST = 20


def debug_text(records: Sequence[DebugRecord], debuggers: Sequence[KernelDebugger]) -> str:
    """Return the text for debug sessions and the session's kernels."""
    return "\n".join((HEAD, *_sessions(records), *_kernels(records, debuggers), ""))


def debug_summary(
    records: Sequence[DebugRecord], debuggers: Sequence[KernelDebugger]
) -> Iterator[str]:
    """Yield the lines of SESSION_SUMMARY.txt."""
    if not records and not debuggers:
        return
    yield "Debugger"
    for line in (*_sessions(records), *_kernels(records, debuggers)):
        yield f"    {line}"
    yield ""


def _sessions(records: Sequence[DebugRecord]) -> Iterator[str]:
    for record in records[:MOST]:
        session = record.session
        figures = (
            f"{counted(len(record.stops), 'stop')}, "
            f"{counted(len(session.breakpoints), 'breakpoint')}"
        )
        yield f"{session.folder}  {at(session.started_at)}, {session.kernel.name}: {figures}"
    if len(records) > MOST:
        yield f"{len(records) - MOST:,} more debug sessions"


def _kernels(records: Sequence[DebugRecord], debuggers: Sequence[KernelDebugger]) -> Iterator[str]:
    used = {record.session.kernel.id for record in records}
    unused = [debugger for debugger in debuggers if debugger.kernel_id not in used]
    for debugger in unused[:MOST]:
        name = "".join(c for c in debugger.name if c.isprintable())
        yield f"{name} ({debugger.kernel_id[:8]}): {_state(debugger)}"
    if len(unused) > MOST:
        yield f"{len(unused) - MOST:,} more kernels whose debugger was not used"


def _state(debugger: KernelDebugger) -> str:
    if debugger.has_one is None:
        return "no debugger was seen"
    return "its debugger was not used" if debugger.has_one else "it has no debugger"
