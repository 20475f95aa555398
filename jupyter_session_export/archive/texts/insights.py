"""The part of SESSION_SUMMARY.txt that says where the time went, and what is worth changing."""

from __future__ import annotations

from collections.abc import Iterator

from ...records.finding import finding_lines
from ..contents import ArchiveContent
from .sizes import in_time

NAMES = {
    "queued_ms": "in the queue",
    "executing_ms": "executing",
    "importing_ms": "of that importing",
    "waiting_ms": "of that waiting",
    "gc_ms": "of that collecting garbage",
    "output_ms": "sending output",
}


def insights(content: ArchiveContent) -> Iterator[str]:
    """Yield the lines; none where nothing was timed."""
    found = content.insights()
    timing = found.timing
    if timing.get("executing_ms"):
        yield "Timing"
        for name, title in NAMES.items():
            if name in timing:
                yield f"    {title:<28} {in_time(timing[name]):>16}"
        if "distribution" in timing:
            busy = timing["distribution"]["busy"]
            yield f"    {'something ran':<28} {f'{busy:.1f} % of the time':>16}"
        yield ""
    if found.findings:
        yield "Insights: what is worth changing (what is saved may overlap)"
        for line in finding_lines(found.findings):
            yield f"    {line}"
        yield ""
