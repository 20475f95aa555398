"""What a person reads: aligned, within the width of a terminal, in colour only there."""

from __future__ import annotations

import os
import shutil
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import TextIO

from ...client.wording import counted
from .examinations import Group
from .finding import Finding, Level

WIDTH, LEAST_WIDTH = 80, 48
LEVEL_WIDTH = 9
TITLE_WIDTH = 11
_INDENT = " " * (LEVEL_WIDTH + TITLE_WIDTH)
_COLOURS = {Level.OK: "32", Level.WARNING: "33", Level.PROBLEM: "31"}


def may_colour(stream: TextIO, environment: Mapping[str, str] = os.environ) -> bool:
    """Tell whether a stream is a terminal that shows colours to somebody who wants them."""
    wanted = not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"
    return wanted and stream.isatty()


def width_of(stream: TextIO) -> int:
    """Return the columns that lines may take: a terminal's, but no more than are easily read."""
    columns = shutil.get_terminal_size((WIDTH, 1)).columns if stream.isatty() else WIDTH
    return max(LEAST_WIDTH, min(columns, WIDTH))


def group_lines(group: Group, *, colour: bool, width: int = WIDTH) -> Iterator[str]:
    """Yield what an examination found."""
    title, findings = group
    for finding in findings:
        yield from _finding_lines(title, finding, colour, width)
        title = ""


def verdict(findings: Iterable[Finding]) -> str:
    """Return the last line."""
    levels = [finding.level for finding in findings]
    problems, warnings = levels.count(Level.PROBLEM), levels.count(Level.WARNING)
    if not problems and not warnings:
        return "All is well."
    told = ((problems, "problem"), (warnings, "warning"))
    return ", ".join(counted(count, noun) if count else f"no {noun}s" for count, noun in told) + "."


def _finding_lines(title: str, finding: Finding, colour: bool, width: int) -> Iterator[str]:
    is_ok = finding.level is Level.OK
    text = finding.message if is_ok else f"{finding.message} [{finding.code}]"
    first, *others = textwrap.wrap(
        " ".join(text.split()),
        width - len(_INDENT),
        break_long_words=False,
        break_on_hyphens=False,
    )
    level = f"{finding.level.value:{LEVEL_WIDTH}}"
    if colour:
        level = f"\x1b[{_COLOURS[finding.level]}m{level}\x1b[0m"
    yield f"{level}{title:{TITLE_WIDTH}}{first}"
    for line in others:
        yield _INDENT + line
    if finding.remedy:
        # In one line however long it is, so that it can be copied.
        yield f"{_INDENT}> {finding.remedy}"
