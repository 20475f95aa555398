"""The panel as text, where no front end shows widgets: consoles, logs, converted notebooks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...client.wording import counted
from ...insights.timeline import Run
from ...records.finding import spelled
from .standing import Standing
from .words import MOST_SLOW, STATES, head_of


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
    for run in sorted(timed, key=lambda run: run.seconds or 0.0, reverse=True)[:MOST_SLOW]:
        yield f"  {spelled(run.seconds or 0.0):>9}  {head_of(run.head)}"
    for finding in standing.insights or ():
        saving = finding["saving_seconds"]
        yield f"* {finding['what']}{'' if saving is None else f' Could save {spelled(saving)}.'}"
        yield f"  {finding['advice']}"
