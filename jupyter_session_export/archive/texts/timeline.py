"""The part of SESSION_SUMMARY.txt that says when what was recorded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from ...records.reading import ReadingFigures
from ..tally import Tally
from .sizes import at, counted

MOST = 20


def timeline(tally: Tally) -> Iterator[str]:
    """Yield the lines; none where there is nothing but executions to tell of."""
    if not tally.recordings and tally.readings is None:
        return
    yield "Time line (data/timeline.json has all of it; times are in UTC)"
    if tally.first_started:
        yield f"    executions   {_span(tally.first_started, tally.last_finished)}"
    for path, recording in tally.recordings[:MOST]:
        name = path.removeprefix("recordings/")
        yield f"    recording    {at(recording.time)}, from its {recording.time_from}: {name}"
    if len(tally.recordings) > MOST:
        yield f"    recordings   {len(tally.recordings) - MOST:,} more"
    if tally.readings is not None:
        yield from _readings(tally.readings)
    yield ""


def _readings(figures: ReadingFigures) -> Iterator[str]:
    if figures.first:
        yield f"    readings     {_span(figures.first, figures.last)}"
    yield (
        f"    readings     {figures.readings:,} of {counted(figures.devices, 'device')}, "
        f"{figures.duplicates:,} of them duplicates; {counted(figures.rejected, 'broken row')}"
    )


def _span(first: datetime, last: datetime | None) -> str:
    return f"{at(first)} to {at(last)}"
