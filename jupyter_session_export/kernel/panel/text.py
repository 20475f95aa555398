"""The panel as text, where no front end shows widgets: consoles, logs, converted notebooks.

It gets into the record, as any output does: so it has figures and no code, which may have run
while nothing was to be recorded, or be purged later on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...client.wording import counted
from ...insights.timeline import Run
from ...records.finding import spelled
from .standing import Standing
from .words import STATES


def summary(standing: Standing, ended: Sequence[Run]) -> str:
    """Say in a few lines what the panel would show now."""
    return "\n".join(_lines(standing, ended))


def _lines(standing: Standing, ended: Sequence[Run]) -> Iterator[str]:
    words = STATES.get(standing.state, standing.state)
    yield f"Session: {words}{f' ({standing.reason})' if standing.reason else ''}"
    if standing.problem:
        yield standing.problem
    timed = [run for run in ended if run.seconds is not None]
    total = sum(run.seconds or 0.0 for run in timed)
    yield f"{counted(len(timed), 'execution')}, {spelled(total)} in all"
    if standing.queued:
        yield f"Waiting: {counted(standing.queued, 'cell')}"
    if timed:
        yield f"The longest took {spelled(max(run.seconds or 0.0 for run in timed))}"
    for finding in standing.insights or ():
        saving = finding["saving_seconds"]
        saves = "" if saving is None else f", could save {spelled(saving)}"
        yield f"* {finding['code']}{saves} ({finding['confidence']})"
