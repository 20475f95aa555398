r"""Text with `\r` and `\b` in it, as a front end shows and saves it. Pure.

Follows `processText` of JupyterLab's OutputAreaModel: a carriage return goes back to the
line's beginning, what is written then replaces what stood there, a backspace takes away the
character before, and one more where it isn't at the line's end. It counts in UTF-16 units.
"""

from __future__ import annotations

import re

_CONTROL = re.compile("[\r\b]")
LAST_OF_THE_BMP = "\uffff"


class Terminal:
    """Takes text in pieces of any size; a line that is over is never looked at again."""

    def __init__(self) -> None:
        self._plain: list[str] = []
        self._cells: list[str] | None = None
        self._cursor = 0

    def feed(self, text: str) -> str:
        """Take some text; return the lines that are over now."""
        first, newline, rest = text.partition("\n")
        self._type(first)
        if not newline:
            return ""
        done = [self.end()]
        *lines, last = rest.split("\n")
        done += lines if _CONTROL.search(rest) is None else map(shown, lines)
        self._type(last)
        return "\n".join(done) + "\n"

    def end(self) -> str:
        """Return the line that isn't over, and begin with an empty one."""
        line = "".join(self._plain) if self._cells is None else _joined(self._cells)
        self._plain, self._cells, self._cursor = [], None, 0
        return line

    @property
    def left_of_end(self) -> int:
        """How many UTF-16 units the cursor is away from the end."""
        return 0 if self._cells is None else len(self._cells) - self._cursor

    def _type(self, text: str) -> None:
        if self._cells is None:
            if _CONTROL.search(text) is None:
                self._plain.append(text)
                return
            self._cells = _units("".join(self._plain))
            self._cursor = len(self._cells)
        at = 0
        for control in _CONTROL.finditer(text):
            self._write(text[at : control.start()])
            if control[0] == "\r":
                self._cursor = 0
            elif self._cursor:
                del self._cells[self._cursor - 1 : self._cursor + 1]
                self._cursor -= 1
            at = control.end()
        self._write(text[at:])

    def _write(self, text: str) -> None:
        assert self._cells is not None  # noqa: S101  # narrows for mypy
        units = _units(text)
        self._cells[self._cursor : self._cursor + len(units)] = units
        self._cursor += len(units)


def shown(text: str) -> str:
    """Return a whole text as it is shown in the end."""
    if _CONTROL.search(text) is None:
        return text
    terminal = Terminal()
    return terminal.feed(text) + terminal.end()


def length(text: str) -> int:
    """Return how many UTF-16 units a text has: its length in a page."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _units(text: str) -> list[str]:
    """Return the UTF-16 units of a text, each as a character."""
    if not text or max(text) <= LAST_OF_THE_BMP:
        return list(text)
    units = text.encode("utf-16-le", "surrogatepass")
    return [chr(units[at] | units[at + 1] << 8) for at in range(0, len(units), 2)]


def _joined(units: list[str]) -> str:
    return "".join(units).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
