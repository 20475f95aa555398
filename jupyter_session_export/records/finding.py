"""Findings: what about a session is worth changing, with what they rest on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

HIGH, MEDIUM, LOW = "high", "medium", "low"
"""How sure a finding is."""
MOST_NAMED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`what` is a sentence, `advice` another; `code` is stable.

    `executions` are numbers, `cells` ids; both name at most 100. `figures` are measured, with
    the unit in their names. `saving_seconds` is an estimate of what following the advice saves,
    None where it isn't time; findings may overlap, so savings don't add up. `why` says what
    makes it as sure as `confidence` says.
    """

    code: str
    what: str
    advice: str
    executions: tuple[int, ...]
    cells: tuple[str, ...]
    figures: Mapping[str, float | int | str]
    saving_seconds: float | None
    confidence: str
    why: str

    def to_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "what": self.what,
            "advice": self.advice,
            "executions": list(self.executions),
            "cells": list(self.cells),
            "figures": dict(self.figures),
            "saving_seconds": self.saving_seconds,
            "confidence": self.confidence,
            "why": self.why,
        }


@dataclass(frozen=True, slots=True)
class Insights:
    """Where a session's time went, and what is worth changing.

    `timing` holds milliseconds in names that end in `_ms`, only of what was measured.
    """

    timing: Mapping[str, Any] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "timing": dict(self.timing),
            "insights": [finding.to_json() for finding in self.findings],
        }


def finding_lines(findings: Iterable[Finding], width: int = 100) -> Iterator[str]:
    """Yield findings as lines of text, each finding's first one without indentation."""
    for finding in findings:
        saving = finding.saving_seconds
        saves = "" if saving is None else f", could save {spelled(saving)}"
        yield f"{finding.code} (sure: {finding.confidence}{saves})"
        for text in (finding.what, finding.advice, f"Rests on: {finding.why}", _where(finding)):
            yield from _wrapped(text, width)


def spelled(seconds: float) -> str:
    """Write a time span in the unit that suits it, as in `9.5 s` or `2.5 h`."""
    for unit, length in (("d", 86400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= 2 * length:
            return f"{seconds / length:,.1f} {unit}"
    return f"{seconds:.1f} s"


def _where(finding: Finding) -> str:
    numbers = [str(number) for number in finding.executions]
    more = f" and {len(numbers) - MOST_NAMED} more" if len(numbers) > MOST_NAMED else ""
    return f"Executions: {', '.join(numbers[:MOST_NAMED])}{more}"


def _wrapped(text: str, width: int) -> Iterator[str]:
    """Break at spaces only; `textwrap` takes as long to import as all of this to run."""
    line = "   "
    for word in text.split():
        if len(line) + 1 + len(word) > width and line.strip():
            yield line
            line = "   "
        line += f" {word}"
    if line.strip():
        yield line
