"""SESSION_SUMMARY.txt: owner, times, counts, timing, and what was left out and why."""

from __future__ import annotations

from collections.abc import Iterator

from ...records.sections import SECTIONS
from ..contents import ArchiveContent, RecordedExecution
from ..ledger import Ledger
from ..tally import Tally
from .debugging import debug_summary
from .insights import insights
from .sizes import at, counted, in_bytes, in_time
from .timeline import timeline

MOST_REASONS = 20
HEAD_CHARACTERS = 60


def summary(content: ArchiveContent, ledger: Ledger, tally: Tally) -> bytes:
    """Return SESSION_SUMMARY.txt, from the ledger of all that was packed before it."""
    parts = (
        _session(content),
        _executions(tally),
        _timing(tally),
        _usage(tally),
        insights(content),
        timeline(tally),
        debug_summary(content.debug, content.debuggers) if "debug" in content.include else (),
        _sections(content, ledger),
        _left_out(ledger),
    )
    return "\n".join(line for part in parts for line in part).encode("utf-8", "backslashreplace")


def _session(content: ArchiveContent) -> Iterator[str]:
    session = content.session
    yield f"Session{session.number}"
    yield f"    id           {session.id}"
    yield f"    owner        {session.user_id}"
    yield f"    started      {at(session.started_at)}"
    yield f"    last active  {at(session.last_active_at)}"
    yield f"    ended        {at(session.ended_at) if session.ended_at else 'not yet'}"
    yield f"    exported     {at(content.exported_at)}"
    yield ""


def _executions(tally: Tally) -> Iterator[str]:
    yield f"Executions: {tally.executions:,}"
    for status, count in sorted(tally.statuses.items()):
        yield f"    {status:<12} {count:,}"
    if tally.asking:
        yield f"    asked for input: {tally.asking:,} (inputs.json in their folders)"
    for path, count in tally.notebooks.items():
        yield f"    {_line(path)}: {count:,}"
    yield ""


def _timing(tally: Tally) -> Iterator[str]:
    if not tally.slowest:
        return
    yield f"Time in executions: {in_time(tally.total_ms)}; the slowest:"
    for execution in tally.slowest:
        yield f"    {in_time(execution.total_ms or 0):>16}  {_named(execution)}"
    yield ""


def _usage(tally: Tally) -> Iterator[str]:
    if tally.cpu_ms is not None:
        yield f"CPU time in executions: {in_time(tally.cpu_ms)}"
    if tally.largest is not None:
        yield f"Most memory: {in_bytes(tally.peak_rss_bytes)}, in {_named(tally.largest)}"
    if tally.cpu_ms is not None or tally.largest is not None:
        yield ""


def _named(execution: RecordedExecution) -> str:
    return f"{execution.folder}  {_line(execution.source_head)[:HEAD_CHARACTERS]}"


def _sections(content: ArchiveContent, ledger: Ledger) -> Iterator[str]:
    yield "Sections"
    for name in SECTIONS:
        count = ledger.entries_by_section[name]
        if count:
            size = in_bytes(ledger.bytes_by_section[name])
            yield f"    {name:<12} {counted(count, 'file')}, {size}"
        elif name in content.include:
            yield f"    {name:<12} nothing was there to pack"
        else:
            yield f"    {name:<12} not asked for"
    yield ""


def _left_out(ledger: Ledger) -> Iterator[str]:
    if not ledger.left_out:
        yield "Nothing was left out."
        yield ""
        return
    yield f"Not in here as they should be: {ledger.left_out:,} (manifest.json has each)"
    reasons = ledger.reasons.most_common()
    for reason, count in reasons[:MOST_REASONS]:
        yield f"    {count:>7,}  {_line(reason)}"
    if rest := sum(count for _, count in reasons[MOST_REASONS:]):
        yield f"    {rest:>7,}  for other reasons"
    yield ""


def _line(text: str) -> str:
    """Return a text that can't break out of its line."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
