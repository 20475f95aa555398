"""What the command line writes to: results on stdout, progress and problems on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TextIO

from ..client.job import Progress
from ..client.wording import Unhurried, problem_line, progress_line
from ..errors import SessionExportError

_ERASE_LINE = "\r\x1b[K"


@dataclass
class Screen:
    """Two streams. With `json` a result is one JSON document on stdout, and so is a problem."""

    out: TextIO
    err: TextIO
    json: bool = False

    @classmethod
    def of_process(cls, *, json: bool) -> Screen:
        return cls(sys.stdout, sys.stderr, json)

    def line(self, text: str = "") -> None:
        """Write a line of the result."""
        self.out.write(_printable(text, self.out) + "\n")

    def document(self, value: Any) -> None:
        """Write the result as JSON."""
        self.out.write(json.dumps(value, indent=2) + "\n")

    def table(self, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Write aligned columns."""
        widths = [max(map(len, column)) for column in zip(titles, *rows, strict=True)]
        for row in (titles, *rows):
            cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
            self.line("  ".join(cells).rstrip())

    def problem(self, error: SessionExportError) -> None:
        """Write what went wrong."""
        if self.json:
            self.document(error.as_dict())
        else:
            self.note(problem_line(error))

    def note(self, text: str) -> None:
        """Write a line to a person, which is no part of the result."""
        self.err.write(_printable(text, self.err) + "\n")


class ProgressLine:
    """One line on a terminal's stderr, written over and over; nothing where it is no terminal."""

    def __init__(self, screen: Screen) -> None:
        self._err = screen.err
        self._terminal = screen.err.isatty()
        self._shown = False
        self.report = Unhurried(self._report)

    def __enter__(self) -> ProgressLine:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            self._err.write(_ERASE_LINE)
            self._err.flush()

    def _report(self, progress: Progress) -> None:
        if self._terminal:
            self._shown = True
            self._err.write(_ERASE_LINE + progress_line(progress))
            self._err.flush()


def _printable(text: str, stream: TextIO) -> str:
    """Replace what the stream's encoding has no way to write, such as lone surrogates."""
    encoding = stream.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)
