"""Results, and the table of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

MET, MISSED, NO_BAR = "yes", "NO", ""


@dataclass(frozen=True, slots=True)
class Bar:
    """What a figure must not exceed, or must reach."""

    value: float
    at_least: bool = False

    def is_met_by(self, figure: float) -> bool:
        return figure >= self.value if self.at_least else figure <= self.value

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {number(self.value)}"


def at_most(value: float) -> Bar:
    return Bar(value)


def at_least(value: float) -> Bar:
    return Bar(value, at_least=True)


@dataclass(frozen=True, slots=True)
class Result:
    """One figure of one benchmark; one without a bar is there for comparison."""

    benchmark: str
    name: str
    figure: float
    unit: str
    bar: Bar | None = None
    note: str = ""

    @property
    def missed(self) -> bool:
        return self.bar is not None and not self.bar.is_met_by(self.figure)

    @property
    def verdict(self) -> str:
        if self.bar is None:
            return NO_BAR
        return MISSED if self.missed else MET

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "missed": self.missed}

    def cells(self) -> tuple[str, ...]:
        bar = str(self.bar) if self.bar else ""
        figure = f"{number(self.figure)} {self.unit}".strip()
        return self.name, figure, bar, self.verdict, self.note


HEADINGS = ("measured", "figure", "bar", "met", "note")


def number(value: float) -> str:
    """Write a number with the digits that matter: a ratio of 1.003 is not 1."""
    if value == int(value) and abs(value) < 1e6:
        return str(int(value))
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.3f}"


def text_table(title: str, results: Sequence[Result]) -> str:
    """Return the results of one benchmark as a table for a terminal."""
    rows = [HEADINGS, *(result.cells() for result in results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    lines = [_line(row, widths) for row in rows]
    rule = "  ".join("-" * width for width in widths)
    return "\n".join([title, "", lines[0], rule, *lines[1:]])


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [
        cell.rjust(width) if column == 1 else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()


def markdown_table(title: str, results: Sequence[Result]) -> str:
    """Return the results of one benchmark as Markdown."""
    lines = [
        f"**{title}**",
        "",
        _markdown(HEADINGS),
        _markdown(("---", "--:", "---", "---", "---")),
    ]
    return "\n".join([*lines, *(_markdown(result.cells()) for result in results)])


def _markdown(row: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
