"""Rows of a CSV file: any usual separator, quotes, a decimal comma, with a heading or without."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple, TextIO

from .columns import roles_of
from .instants import NoTime, micros_of
from .json_rows import Row, Torn
from .values import from_cell, text_from_cell

SEPARATORS = ",;\t|"
WITHOUT_HEADING = ("time", "device", "sensor", "value", "unit")
MOST_LINES = 50
"""Lines that one quoted cell may go over; a quote that is open for longer was never closed."""
_EXCEL = re.compile(r"\ufeff?sep=.", re.IGNORECASE)
"""A line before the heading that tells a spreadsheet the separator."""
LINE = 1024 * 1024


class _Numbered(NamedTuple):
    number: int
    text: str


def csv_rows(file: TextIO) -> Iterator[Row | Torn]:
    """Yield the rows below the heading as objects."""
    lines = _Lines(file)
    while (first := lines.next_record()) is not None:
        if _EXCEL.fullmatch(first):
            continue
        separator = _separator(first)
        try:
            cells = _cells(first, separator)
            break
        except csv.Error as error:
            yield Torn(first, f"no heading of CSV: {error}")
    if first is None:
        return
    heading = [cell.strip().strip("\ufeff") for cell in cells]
    table = _Table(separator, heading)
    if _has_time(cells) and roles_of(tuple(heading)).time is None:
        table = _Table(separator, list(WITHOUT_HEADING[: len(heading)]))
        yield table.row(first)
    while (record := lines.next_record()) is not None:
        yield table.row(record)


class _Table:
    """What the cells of a row are."""

    def __init__(self, separator: str, heading: list[str]) -> None:
        self._separator = separator
        self._columns = heading
        roles = roles_of(tuple(heading))
        texts = {roles.time, roles.clock, roles.device, roles.sensor, roles.unit}
        self._is_text = [column in texts for column in heading]
        self._comma = separator != ","

    def row(self, record: str) -> Row | Torn:
        try:
            cells = _cells(record, self._separator)
        except csv.Error as error:
            return Torn(record, f"no row of CSV: {error}")
        if len(cells) > len(self._columns) and any(cells[len(self._columns) :]):
            return Torn(record, f"{len(cells)} cells where the heading has {len(self._columns)}")
        if len(cells) < len(self._columns) - 1:
            return Torn(record, f"{len(cells)} cells where the heading has {len(self._columns)}")
        return Row(
            {
                column: text_from_cell(cell)
                if is_text
                else from_cell(cell, decimal_comma=self._comma)
                for column, is_text, cell in zip(self._columns, self._is_text, cells, strict=False)
                if column
            }
        )


class _Lines:
    """Joins the lines of a quoted cell; what was joined in vain is given back."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._back: list[str] = []

    def next_record(self) -> str | None:
        """Return the next row's text, without its end; blank lines don't count."""
        while (line := self._line()) is not None:
            if line.strip("\ufeff \t\r\n"):
                return self._joined(line).rstrip("\r\n")
        return None

    def _joined(self, line: str) -> str:
        if line.count('"') % 2 == 0:
            return line
        lines = [line]
        for more in islice(iter(self._line, None), MOST_LINES):
            assert more is not None  # noqa: S101  # `iter` ends at None
            lines.append(more)
            if more.count('"') % 2:
                return "".join(lines)
        self._back = lines[1:] + self._back
        return line

    def _line(self) -> str | None:
        if self._back:
            return self._back.pop(0)
        return self._file.readline(LINE) or None


def _cells(record: str, separator: str) -> list[str]:
    # Python 3.10 takes no NUL.
    return next(csv.reader([record.replace("\0", "\ufffd")], delimiter=separator, strict=True), [])


def _separator(heading: str) -> str:
    """Return the separator that the first line has most of, outside of quotes."""
    bare = "".join(heading.split('"')[::2])
    return max(SEPARATORS, key=lambda separator: (bare.count(separator), separator == ","))


def _has_time(cells: list[str]) -> bool:
    if not cells or (cells[0].strip().isdecimal() and len(cells[0].strip()) < 8):
        return False
    try:
        micros_of(cells[0])
    except NoTime:
        return False
    return True
